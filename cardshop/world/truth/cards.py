"""Cards: a species, printed in a set, as a card type that leaves its mark on the stats.

The model, in the order in which a card comes about:

1. species, uniformly; `height_m` and `weight_kg` vary by a few per cent around the species' own;
2. rarity: strong species and legendary ones are printed rarer;
3. card type: mostly what the species' types suggest, now and then something else (`type_weights`);
4. stats: log(stat / species' stat) = power of the card + signature of its type + noise. The power is common to
   all six stats and grows with rarity, so a raw stat says little about the type and the *proportions* say much;
5. text: some cards carry a sentence that hints at their type (`HINT_SHARE`), not always truthfully.

`bayes_posterior` turns the same constants around: no classifier can beat it on average.
"""

import numpy as np
import polars as pl

from cardshop.quality import CARD_TYPES, RARITIES
from cardshop.world.species import STATS, species

CARD_TYPE_OF = {
    "Grass": "Grass",
    "Bug": "Grass",
    "Fire": "Fire",
    "Water": "Water",
    "Ice": "Water",
    "Electric": "Lightning",
    "Psychic": "Psychic",
    "Ghost": "Psychic",
    "Fairy": "Psychic",
    "Poison": "Psychic",
    "Fighting": "Fighting",
    "Rock": "Fighting",
    "Ground": "Fighting",
    "Normal": "Colorless",
    "Flying": "Colorless",
    "Steel": "Colorless",
    "Dragon": "Dragon",
}
PRIMARY_SHARE, SECONDARY_SHARE = 0.58, 0.14  # what is left is spread evenly over all card types

# log-multipliers on hp, attack, defense, special_attack, special_defense, speed
SIGNATURES = {
    "Grass": (0.14, -0.04, 0.10, 0.00, 0.04, -0.18),
    "Fire": (-0.06, 0.12, -0.16, 0.16, -0.06, 0.06),
    "Water": (0.10, -0.08, 0.04, 0.02, 0.16, -0.10),
    "Lightning": (-0.14, 0.00, -0.12, 0.10, -0.04, 0.24),
    "Psychic": (-0.06, -0.22, -0.04, 0.22, 0.12, 0.02),
    "Fighting": (0.06, 0.24, 0.10, -0.22, -0.10, -0.02),
    "Colorless": (0.00, 0.00, 0.00, 0.00, 0.00, 0.00),
    "Dragon": (0.12, 0.10, -0.02, 0.08, -0.16, 0.00),
}
STAT_NOISE = 0.10
POWER_BY_RARITY = {
    "Common": -0.10,
    "Uncommon": -0.04,
    "Rare": 0.02,
    "Holo": 0.08,
    "Ultra": 0.18,
    "Secret": 0.24,
}
POWER_NOISE = 0.15

RARITY_SHARES = (0.38, 0.27, 0.17, 0.10, 0.06, 0.02)
PRINT_RUN_BY_RARITY = {
    "Common": 60_000,
    "Uncommon": 30_000,
    "Rare": 12_000,
    "Holo": 6_000,
    "Ultra": 2_000,
    "Secret": 600,
}
BODY_NOISE = 0.10  # of height and weight, as a standard deviation of the logarithm

HINT_SHARE, HINT_TRUTH = 0.35, 0.85
HINTS = {
    "Grass": "Heal 20 damage from this card between turns.",
    "Fire": "Discard one energy; the defender is now burned.",
    "Water": "Return one card to your hand before you draw.",
    "Lightning": "Flip a coin: if heads, the defender is paralysed.",
    "Psychic": "The defender is now asleep or confused, your choice.",
    "Fighting": "Does 10 more damage for each damage counter on this card.",
    "Colorless": "Search your deck for any basic card.",
    "Dragon": "Needs two different energies; ignores resistance.",
}
PLAIN_TEXTS = (
    "Does 30 damage.",
    "Draw a card, then shuffle your deck.",
    "Does 20 damage. The retreat cost is one energy.",
    "Prevent all effects of the next attack.",
)
NO_TEXT_SHARE = 0.06

STAGE_1 = frozenset(
    (
        2,
        5,
        8,
        11,
        14,
        17,
        20,
        22,
        24,
        26,
        28,
        30,
        33,
        36,
        38,
        40,
        42,
        44,
        47,
        49,
        51,
        53,
        55,
        57,
        59,
        61,
        64,
        67,
        70,
        73,
        75,
        78,
        80,
        82,
        85,
        87,
        89,
        91,
        93,
        97,
        99,
        101,
        103,
        105,
        110,
        112,
        117,
        119,
        121,
        130,
        134,
        135,
        136,
        139,
        141,
        148,
    )
)
STAGE_2 = frozenset((3, 6, 9, 12, 15, 18, 31, 34, 45, 62, 65, 68, 71, 76, 94, 149))


def cards(sets: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """All cards of `sets`, in the order of sets and numbers."""
    kinds = species()
    count = int(sets["card_count"].sum())
    chosen = rng.integers(0, kinds.height, count)
    base = kinds.select(STATS).to_numpy().astype(float)[chosen]
    legendary = kinds["legendary"].to_numpy()[chosen]

    strength = (base.sum(axis=1) - 407) / 100
    rarity = _draw(_rarity_weights(strength, legendary), rng)
    card_type = _draw(type_weights()[chosen], rng)
    power = np.array([POWER_BY_RARITY[name] for name in RARITIES])[rarity] + rng.normal(0, POWER_NOISE, count)
    signature = np.array([SIGNATURES[name] for name in CARD_TYPES])[card_type]
    stats = base * np.exp(power[:, None] + signature + rng.normal(0, STAT_NOISE, base.shape))
    hp = (stats[:, 0] * 0.9 + 25) / 10
    whole = np.column_stack([hp.round() * 10, stats[:, 1:].round()]).clip(min=[[10, 1, 1, 1, 1, 1]], max=500)
    body = np.exp(rng.normal(0, BODY_NOISE, (count, 2)))

    codes = sets["set_code"].to_numpy().repeat(sets["card_count"])
    numbers = np.concatenate([np.arange(1, size + 1) for size in sets["card_count"]])
    set_print = np.exp(rng.normal(0, 0.35, sets.height)).repeat(sets["card_count"])
    print_run = (
        np.array(list(PRINT_RUN_BY_RARITY.values()))[rarity] * set_print * np.exp(rng.normal(0, 0.30, count))
    )
    numbers_of_kind = kinds["number"].to_numpy()[chosen]
    stage = np.where(
        np.isin(numbers_of_kind, list(STAGE_2)),
        "Stage 2",
        np.where(np.isin(numbers_of_kind, list(STAGE_1)), "Stage 1", "Basic"),
    )
    return pl.DataFrame(
        {
            "card_id": [f"{code}-{number:03d}" for code, number in zip(codes, numbers, strict=True)],
            "set_code": codes.astype(str),
            "number": numbers.astype(np.int32),
            "name": kinds["name"].to_numpy()[chosen].astype(str),
            "species_number": numbers_of_kind,
            "card_type": np.array(CARD_TYPES)[card_type],
            "rarity": np.array(RARITIES)[rarity],
            "stage": stage,
            **{name: whole[:, at].astype(np.int32) for at, name in enumerate(STATS)},
            "height_m": (kinds["height_m"].to_numpy()[chosen] * body[:, 0]).round(2),
            "weight_kg": (kinds["weight_kg"].to_numpy()[chosen] * body[:, 1]).round(2),
            "legendary": legendary,
            "print_run": (print_run.round(-1).clip(min=10)).astype(np.int32),
            "released_on": pl.Series(sets["released_on"].to_list()).gather(
                np.arange(sets.height).repeat(sets["card_count"])
            ),
            "text": _texts(card_type, rng),
        }
    )


def type_weights() -> np.ndarray:
    """P(card type | species): one row per species, one column per card type in the order of `CARD_TYPES`."""
    weights = np.full(
        (species().height, len(CARD_TYPES)), (1 - PRIMARY_SHARE - SECONDARY_SHARE) / len(CARD_TYPES)
    )
    for row, (first, second) in enumerate(species().select("type_1", "type_2").iter_rows()):
        weights[row, CARD_TYPES.index(CARD_TYPE_OF[first])] += PRIMARY_SHARE
        weights[row, CARD_TYPES.index(CARD_TYPE_OF[second or first])] += SECONDARY_SHARE
    return weights


def bayes_posterior(cards: pl.DataFrame) -> np.ndarray:
    """P(card type | everything a card shows), rows as in `cards`, columns as in `CARD_TYPES`.

    Exact but for the rounding of the stats; its mean maximum is the accuracy no classifier can exceed.
    """
    kinds = species()
    row = cards["species_number"].to_numpy() - 1
    shown = cards.select(STATS).to_numpy().astype(float)
    shown[:, 0] = (shown[:, 0] - 25) / 0.9
    ratio = np.log(shown.clip(min=1) / kinds.select(STATS).to_numpy()[row])
    ratio -= cards["rarity"].replace_strict(POWER_BY_RARITY, return_dtype=pl.Float64).to_numpy()[:, None]
    covariance = STAT_NOISE**2 * np.eye(len(STATS)) + POWER_NOISE**2
    precision = np.linalg.inv(covariance)
    logs = np.log(type_weights())[row]
    truthful = HINT_TRUTH + (1 - HINT_TRUTH) / len(CARD_TYPES)
    for at, name in enumerate(CARD_TYPES):
        away = ratio - np.array(SIGNATURES[name])
        logs[:, at] -= 0.5 * np.einsum("ij,jk,ik->i", away, precision, away)
        hinted = (cards["text"] == HINTS[name]).fill_null(False).to_numpy()
        other = (1 - HINT_TRUTH) / len(CARD_TYPES)
        logs[hinted] += np.log(other)
        logs[hinted, at] += np.log(truthful) - np.log(other)
    logs -= logs.max(axis=1, keepdims=True)
    odds = np.exp(logs)
    return odds / odds.sum(axis=1, keepdims=True)


def _rarity_weights(strength: np.ndarray, legendary: np.ndarray) -> np.ndarray:
    step = np.arange(len(RARITIES))
    tilt = 0.22 * strength + 0.8 * legendary
    weights = np.array(RARITY_SHARES) * np.exp(tilt[:, None] * (step - 1))
    return weights / weights.sum(axis=1, keepdims=True)


def _texts(card_type: np.ndarray, rng: np.random.Generator) -> list[str | None]:
    fate = rng.random(len(card_type))
    truthful = rng.random(len(card_type)) < HINT_TRUTH
    hinted = np.where(truthful, card_type, rng.integers(0, len(CARD_TYPES), len(card_type)))
    plain = rng.integers(0, len(PLAIN_TEXTS), len(card_type))
    return [
        None
        if share < NO_TEXT_SHARE
        else HINTS[CARD_TYPES[hint]]
        if share < NO_TEXT_SHARE + HINT_SHARE
        else PLAIN_TEXTS[other]
        for share, hint, other in zip(fate, hinted, plain, strict=True)
    ]


def _draw(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One column index per row of `weights` (rows sum to 1)."""
    return (rng.random((len(weights), 1)) > weights.cumsum(axis=1)[:, :-1]).sum(axis=1)
