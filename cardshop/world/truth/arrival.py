"""A new card set arrives: a delivery from a supplier who sends what he likes, and what is wrong with it.

The `reference` is the catalogue so far. The `delivery` holds the cards of one new set. Three lists say how the two
differ, each decidable from the two tables alone:

schema (`column`, `change`). A delivered column *matches* one of ours if the names agree after lower-casing and
    dropping everything but letters and digits. `renamed`: matched, spelled differently (column: our name).
    `retyped`: matched, other polars dtype (our name); the values survive a plain cast back. `added`: matches
    none (delivered name). `removed`: ours that none matches. `weight_g` does not match `weight_kg`: one removed,
    one added. A column may be renamed and retyped: two rows.

quality (`row`, `column`, `issue`). The rules of `cardshop.quality` on the matched columns, cast back to our dtypes,
    under our names; `row` is the position in the delivery. Removed and added columns have no quality issues.
    Duplicates are looked for inside the delivery only.

drift (`column`, `drifted`). One row for each column of `quality.COMPARED` that the delivery has. Nothing lies between
    the two bands (`DRIFTED`, `STABLE`), neither with all rows nor with the damaged rows dropped: PSI over ten bins at
    the reference's deciles (categories as they are), and KS distance (total variation for categories). Stable
    columns differ by chance, as two samples of one population do: one in twenty is significant at 5 %. Two of them are
    decoys: the delivery is sorted by one, and in another outliers pull the mean.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from cardshop.quality import COMPARED, RULES
from cardshop.world.truth.catalogue import catalogue
from cardshop.world.truth.dirt import findings, plant
from cardshop.world.truth.randomness import generator
from cardshop.world.truth.sets import NAMES

DRIFTED = {"psi": 0.4, "distance": 0.2}  # more than this
STABLE = {"psi": 0.12, "distance": 0.1}  # less than this, though a test may call it significant
CATEGORIES = ("card_type", "rarity", "stage")
STATS = ("hp", "attack", "defense", "special_attack", "special_defense", "speed")
REMOVABLE = ("text", "legendary", "stage", "print_run", "special_defense", "speed")
OUTLIERS = 3
# What a supplier's tool makes of a dtype; every value survives the way there and back.
OTHER_TYPES = {
    pl.Int32: (pl.Int64, pl.String, pl.Float64),
    pl.Float64: (pl.String,),
    pl.Boolean: (pl.Int64,),
    pl.Date: (pl.Datetime("us"),),
}


@dataclass(frozen=True)
class NewSet:
    """A delivery and the truth about it.

    `columns` maps the delivered name of each matched column to ours. `clean` is the delivery under our names and
    dtypes before damage and without the inserted duplicates.
    """

    delivery: pl.DataFrame
    reference: pl.DataFrame
    schema: pl.DataFrame
    quality: pl.DataFrame
    drift: pl.DataFrame
    columns: dict[str, str]
    clean: pl.DataFrame


def new_set(seed: int) -> NewSet:
    """The new card set of the world `seed`: which columns are touched, and how, differs from seed to seed."""
    _, reference = catalogue(seed)
    for attempt in range(100):
        arrival = _attempt(reference, generator(seed, "arrival", str(attempt)))
        if _clear(arrival):
            return arrival
    raise RuntimeError(f"No delivery with clear drift in a hundred attempts for seed {seed}.")


def psi(expected: pl.Series, actual: pl.Series) -> float:
    """Population stability index of `actual` against `expected`; nulls are left out, empty bins count half a row."""
    shares = []
    for share in _bins(expected, actual):
        share = np.maximum(share, 0.5 / share.sum())
        shares.append(share / share.sum())
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def distance(expected: pl.Series, actual: pl.Series) -> float:
    """Largest difference of the two distribution functions; of categories half the sum of all differences."""
    if expected.dtype == pl.String:
        first, second = (share / share.sum() for share in _bins(expected, actual))
        return float(np.abs(first - second).sum() / 2)
    ours, theirs = (np.sort(values.drop_nulls().to_numpy()) for values in (expected, actual))
    at = np.concatenate([ours, theirs])
    below = [np.searchsorted(values, at, side="right") / len(values) for values in (ours, theirs)]
    return float(np.abs(below[0] - below[1]).max())


def _bins(expected: pl.Series, actual: pl.Series) -> list[np.ndarray]:
    """Counts of both in the same bins."""
    tables = [values.drop_nulls().to_numpy() for values in (expected, actual)]
    if expected.dtype == pl.String:
        kinds = sorted(set(tables[0]) | set(tables[1]))
        return [np.array([(values == kind).sum() for kind in kinds]) for values in tables]
    edges = np.unique(np.quantile(tables[0], np.linspace(0.1, 0.9, 9)))
    return [
        np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
        for values in tables
    ]


def _attempt(reference: pl.DataFrame, rng: np.random.Generator) -> NewSet:
    cards = _new_cards(reference, rng)
    unit = rng.choice(["weight_kg", "height_m", ""], p=[0.2, 0.2, 0.6])
    removed = [str(name) for name in rng.choice(REMOVABLE, int(rng.integers(1, 3)), replace=False)]
    additions = _additions(cards, str(unit), rng)
    removed += [str(unit)] if unit else []
    cards = cards.drop(removed).with_columns(**additions)

    present = [name for name in COMPARED if name in cards.columns]
    numeric = [name for name in present if name not in CATEGORIES]
    pulled = str(rng.choice([name for name in STATS if name in present]))
    by = str(rng.choice([name for name in numeric if name != pulled]))
    movable = [name for name in numeric if name not in (pulled, by)]
    drifted = [str(name) for name in rng.choice(movable, int(rng.integers(2, 5)), replace=False)]
    drifted.append(str(rng.choice([name for name in CATEGORIES if name in present])))
    for name in drifted:
        cards = cards.with_columns(_drifted(cards[name], rng))
    cards = _numbered(cards.sort(by, maintain_order=True), rng)

    dirty, issues = plant(cards, rng, share=0.008)
    dirty, issues = _outliers(dirty, issues, pulled, rng)
    delivery, columns, changes = _another_schema(dirty, rng)
    changes += [(name, "added") for name in additions] + [(name, "removed") for name in removed]
    return NewSet(
        delivery=delivery,
        reference=reference,
        schema=pl.DataFrame(changes, schema={"column": pl.String, "change": pl.String}, orient="row").sort(
            pl.all()
        ),
        quality=issues,
        drift=pl.DataFrame({"column": present, "drifted": [name in drifted for name in present]}),
        columns=columns,
        clean=cards.drop(additions),
    )


def _clear(arrival: NewSet) -> bool:
    """Whether every column is far on its side of the gap, damaged rows dropped or not."""
    ours = {name: delivered for delivered, name in arrival.columns.items()}
    damaged = arrival.quality["row"].implode()
    sound = arrival.delivery.with_row_index("row").filter(~pl.col("row").is_in(damaged))
    for name, drifted in arrival.drift.iter_rows():
        expected = arrival.reference[name]
        everything, undamaged = (
            table[ours[name]].cast(expected.dtype) for table in (arrival.delivery, sound)
        )
        for actual in (everything, undamaged):
            shift = psi(expected, actual), distance(expected, actual)
            far = shift[0] > DRIFTED["psi"] and shift[1] > DRIFTED["distance"]
            near = shift[0] < STABLE["psi"] and shift[1] < STABLE["distance"]
            if not (far if drifted else near):
                return False
    return True


def _new_cards(reference: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Cards of the reference's population, drawn from its own rows and slightly varied.

    The rows are drawn with random weights (a Bayesian bootstrap): reference and delivery then differ as two samples
    of one population do.
    """
    rows = int(rng.integers(480, 761))
    weights = rng.exponential(size=reference.height)
    cards = reference[rng.choice(reference.height, rows, p=weights / weights.sum())]
    vary = np.exp(rng.normal(0, 0.02, (rows, len(STATS) - 1)))
    varied = cards.select(STATS[1:]).to_numpy() * vary
    return cards.with_columns(
        pl.Series(name, varied[:, at].round().clip(1, 500), dtype=pl.Float64).cast(pl.Int32)
        for at, name in enumerate(STATS[1:])
    )


def _numbered(cards: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    letters = list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    code = next(code for code in iter(lambda: "".join(rng.choice(letters, 3)), None) if code not in NAMES)
    number = pl.int_range(1, cards.height + 1, dtype=pl.Int32)
    return cards.with_columns(
        card_id=pl.format(f"{code}-{{}}", number.cast(pl.String).str.zfill(3)),
        set_code=pl.lit(code),
        number=number,
        released_on=pl.lit("2026-02-06").str.to_date() + pl.duration(days=int(rng.integers(0, 200))),
    )


def _additions(cards: pl.DataFrame, unit: str, rng: np.random.Generator) -> dict[str, pl.Series]:
    """One to three new columns; the first, if `unit` is a column of ours, that quantity in another unit."""
    rows = cards.height
    possible = {
        "artist": pl.Series(rng.choice(["A. Moreau", "K. Tanaka", "L. Okafor", "S. Brandt"], rows)),
        "foil": pl.Series(rng.random(rows) < 0.3),
        "language": pl.Series(rng.choice(["EN", "DE", "FR", "JA"], rows)),
        "booster_share": pl.Series(rng.uniform(0, 0.05, rows).round(4)),
    }
    chosen = {
        str(name): possible[str(name)] for name in rng.choice(list(possible), int(rng.integers(1, 3)), False)
    }
    if unit == "weight_kg":
        chosen = {"weight_g": (cards[unit] * 1_000).round(0), **chosen}
    if unit == "height_m":
        chosen = {"height_cm": (cards[unit] * 100).round(0), **chosen}
    return chosen


def _drifted(values: pl.Series, rng: np.random.Generator) -> pl.Series:
    """The column with a distribution that nobody would call the same."""
    if values.dtype == pl.String:
        shares = values.value_counts().sort("count", values.name)
        flooded = shares[values.name][int(rng.integers(0, shares.height - 1))]
        hit = rng.random(len(values)) < 0.55
        return pl.Series(values.name, np.where(hit, flooded, values.to_numpy()), dtype=pl.String)
    logs = values.log().to_numpy()
    if values.name in STATS[1:] and rng.random() < 0.4:  # the mean stays, the spread collapses
        moved = np.exp(logs.mean() + 0.2 * (logs - logs.mean()))
    else:
        moved = np.exp(logs + rng.choice([-1.1, 1.1]) * logs.std())
    if values.name == "hp":
        return pl.Series(values.name, ((moved / 10).round() * 10).clip(10, 500)).cast(values.dtype)
    rule = RULES[values.name]
    moved = moved.round(2) if values.dtype == pl.Float64 else moved.round()
    return pl.Series(values.name, moved.clip(rule.low, rule.high)).cast(values.dtype)


def _outliers(
    dirty: pl.DataFrame, issues: pl.DataFrame, column: str, rng: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A few absurd values in `column`, on rows that carry no issue yet and are the original of no duplicate."""
    copied = dirty["card_id"].is_duplicated().to_numpy()
    free = np.flatnonzero(~np.isin(np.arange(dirty.height), issues["row"].to_numpy()) & ~copied)
    rows = sorted(int(row) for row in rng.choice(free, OUTLIERS, replace=False))
    values = dirty[column].to_list()
    for row in rows:
        values[row] = RULES[column].high * 15
    dirty = dirty.with_columns(pl.Series(column, values, dtype=dirty.schema[column]))
    return dirty, findings([*issues.iter_rows(), *((row, column, "out_of_range") for row in rows)])


def _another_schema(
    cards: pl.DataFrame, rng: np.random.Generator
) -> tuple[pl.DataFrame, dict[str, str], list[tuple[str, str]]]:
    """The delivery with other names and dtypes, delivered -> our names, and the findings `renamed`, `retyped`."""
    changes: list[tuple[str, str]] = []
    ours = [name for name in cards.columns if name in RULES]
    convertible = [name for name in ours if cards.schema[name].base_type() in OTHER_TYPES]
    for name in rng.choice(convertible, int(rng.integers(2, 5)), replace=False):
        others = OTHER_TYPES[cards.schema[str(name)].base_type()]
        cards = cards.with_columns(pl.col(str(name)).cast(others[int(rng.integers(len(others)))]))
        changes.append((str(name), "retyped"))
    names = {name: name for name in ours}
    for name in rng.choice(ours, int(rng.integers(2, 5)), replace=False):
        names[str(name)] = _respelled(str(name), rng)
        changes.append((str(name), "renamed"))
    order = [cards.columns[at] for at in rng.permutation(cards.width)]
    return cards.select(order).rename(names), {new: old for old, new in names.items()}, changes


def _respelled(name: str, rng: np.random.Generator) -> str:
    words = name.split("_")
    spellings = (
        name.upper(),
        " ".join(word.capitalize() for word in words),
        words[0] + "".join(word.capitalize() for word in words[1:]),
        "-".join(words),
    )
    return str(rng.choice([spelling for spelling in spellings if spelling != name]))
