"""What is wrong with a card, as plain data.

`ISSUES` names the kinds of damage, `RULES` says for each column of the cards table what a sound value is.
Nothing here looks at a table: code that does (yours, a contract, a grader) reads these rules, so that all of
them mean the same thing by "wrong".

A null is `missing` and nothing else, in `card_id` too: a null is no identifier, so it cannot be a `duplicate`. A
value in the wrong unit is still inside its column's range. A row whose `species_number` is null or unknown has
nothing to compare with, hence no `wrong_unit`. One cell can have two issues all the same: a malformed `card_id` that
stood in an earlier row is a `duplicate` as well.
"""

from dataclasses import dataclass

CARD_TYPES = ("Grass", "Fire", "Water", "Lightning", "Psychic", "Fighting", "Colorless", "Dragon")
RARITIES = ("Common", "Uncommon", "Rare", "Holo", "Ultra", "Secret")
STAGES = ("Basic", "Stage 1", "Stage 2")
CONDITIONS = ("Mint", "Near Mint", "Played", "Damaged")
CHANNELS = ("web", "app", "store")

ISSUES = {
    "missing": "a null in a column that must not be null",
    "duplicate": "a card_id that already stood in an earlier row (the later row is the issue)",
    "out_of_range": "a number outside its column's range",
    "bad_category": "a rarity, card_type or stage that is not among the allowed spellings; case and spaces count",
    "malformed": "a card_id that does not look like KND-004",
    "wrong_unit": "a weight or height far above the species' own: grams for kilograms, centimetres for metres",
}


@dataclass(frozen=True)
class Rule:
    """What a column's values must be; None means no such demand.

    `low` and `high` are inclusive and in the column's unit. `pattern` is a regular expression for the whole
    value. `times_species` is the largest allowed multiple of the species' own value in the same column
    (`cardshop.world.load("species")`, found by `species_number`).
    """

    nullable: bool = False
    unique: bool = False
    allowed: tuple[str, ...] | None = None
    low: float | None = None
    high: float | None = None
    pattern: str | None = None
    times_species: float | None = None


# Ranges are far wider than the cards we know: they catch the impossible, not the unusual.
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

# The columns whose distribution is worth comparing between two deliveries: no identifiers, dates or prose.
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
