"""What an issue is, as plain data.

`ISSUES` names the kinds of issues. `RULES` says for each column of the cards table what a sound value is. Nothing here
looks at a table: your code, the shop's contracts and the grader all read these rules, so they agree on what is wrong.

A null is `missing` and nothing else, in `card_id` too: a null identifies no card, so it cannot be a `duplicate`. A
value in the wrong unit is still inside its column's range. A row whose `species_number` is null or unknown has nothing
to compare with, so it has no `wrong_unit`. One cell can still have two issues: a malformed `card_id` that an earlier
row already has is a `duplicate` as well.
"""

from dataclasses import dataclass

CARD_TYPES = ("Grass", "Fire", "Water", "Lightning", "Psychic", "Fighting", "Colorless", "Dragon")
RARITIES = ("Common", "Uncommon", "Rare", "Holo", "Ultra", "Secret")
STAGES = ("Basic", "Stage 1", "Stage 2")
CONDITIONS = ("Mint", "Near Mint", "Played", "Damaged")
CHANNELS = ("web", "app", "store")

ISSUES = {
    "missing": "a null in a column that must not be null",
    "duplicate": "a card_id that an earlier row already has (the later row is the issue)",
    "out_of_range": "a number outside its column's range",
    "bad_category": "a rarity, card_type or stage that is not among the allowed spellings; case and spaces count",
    "malformed": "a card_id that does not look like KND-004",
    "wrong_unit": "a weight or height far above the species' own: grams for kilograms, centimetres for metres",
}


@dataclass(frozen=True)
class Rule:
    """What a sound value of a column is; None means that the rule asks for nothing.

    `low` and `high` are inclusive and in the column's unit. `pattern` is a regular expression for the whole value.
    `times_species` is the largest allowed multiple of the species' own value in the same column; the species are in
    `cardshop.world.load("species")`, found by `species_number`. `str(rule)` says it in words.
    """

    nullable: bool = False
    unique: bool = False
    allowed: tuple[str, ...] | None = None
    low: float | None = None
    high: float | None = None
    pattern: str | None = None
    times_species: float | None = None

    def __str__(self) -> str:
        parts = ["may be null" if self.nullable else "never null"]
        if self.unique:
            parts.append("no two rows share one")
        if self.pattern:
            parts.append(f"matches {self.pattern}")
        if self.allowed:
            parts.append(f"one of {', '.join(self.allowed)}")
        if self.low is not None:
            parts.append(f"from {self.low:,} to {self.high:,}")
        if self.times_species:
            parts.append(f"at most {self.times_species} times the species' own")
        return "; ".join(parts)


# Ranges are far wider than the known cards: they catch the impossible, not the unusual.
RULES = {
    "card_id": Rule(unique=True, pattern=r"^[A-Z]{3}-\d{3}$"),
    "set_code": Rule(),
    "number": Rule(low=1, high=999),
    "name": Rule(),
    "species_number": Rule(low=1, high=151),
    "card_type": Rule(allowed=CARD_TYPES),
    "rarity": Rule(allowed=RARITIES),
    "stage": Rule(allowed=STAGES),
    "hp": Rule(low=10, high=500),
    "attack": Rule(low=1, high=500),
    "defense": Rule(low=1, high=500),
    "special_attack": Rule(low=1, high=500),
    "special_defense": Rule(low=1, high=500),
    "speed": Rule(low=1, high=500),
    "height_m": Rule(low=0.01, high=5_000, times_species=10),
    "weight_kg": Rule(low=0.01, high=1_000_000, times_species=50),
    "legendary": Rule(),
    "print_run": Rule(low=1, high=10_000_000),
    "released_on": Rule(),
    "text": Rule(nullable=True),
}

# The columns whose distributions are worth comparing between two deliveries: no identifiers, dates or texts.
COMPARED = (
    "card_type",
    "rarity",
    "stage",
    "hp",
    "attack",
    "defense",
    "special_attack",
    "special_defense",
    "speed",
    "height_m",
    "weight_kg",
    "print_run",
)
