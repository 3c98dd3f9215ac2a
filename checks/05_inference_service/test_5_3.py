"""5.3: a statistic that holds for every column, and alarms that come in time and not for nothing.

What a month holds was planted (cardshop/world/truth/traffic.py). Months with the same trouble differ in day, feature
and strength.
"""

import math
from operator import ge, gt

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cardshop.world.species import STATS
from cardshop.world.truth.traffic import Trouble, month
from grader.engine import Mismatch, checks, expect, remembered

PSI = "Is anything wrong with what comes in?"
EXACT = 1e-6
WORDS = ["Common", "Rare", "Promo", "Holo"]


def true_psi(reference: pl.Series, current: pl.Series, missing: int = 0, above: bool = False) -> float:
    """The index as the task defines it; `missing` empty bins are left out, a value at a cut is `above` it."""
    if not len(reference) or not len(current):
        return math.nan
    ours, theirs = ([*map(_value, column.to_list())] for column in (reference, current))
    known = [one for one in ours if one is not None]
    if reference.dtype.is_numeric():
        cuts = sorted(set(np.quantile(known, np.arange(1, 10) / 10).tolist())) if known else []
        passed = ge if above else gt
        bins = [sum(passed(one, cut) for cut in cuts) if one is not None else -1 for one in ours + theirs]
        number = len(cuts) + 2
    else:
        names = {one: at for at, one in enumerate(dict.fromkeys(known))}
        bins = [-1 if one is None else names.get(one, len(names)) for one in ours + theirs]
        number = len(names) + 2
    before, now = (counts_of(part, number)[missing:] for part in (bins[: len(ours)], bins[len(ours) :]))
    before, now = before / before.sum(), now / now.sum()
    return float(((now - before) * np.log(now / before)).sum())


def counts_of(bins: list[int], number: int) -> np.ndarray:
    """Rows in each bin, half a row added; the first bin is that of the nulls."""
    return np.bincount(np.array(bins, int) + 1, minlength=number) + 0.5


def _value(one: object) -> object:
    return None if isinstance(one, float) and math.isnan(one) else one


def column(
    values: st.SearchStrategy, dtype: pl.DataType, least: int, most: int
) -> st.SearchStrategy[pl.Series]:
    return st.lists(values, min_size=least, max_size=most).map(lambda found: pl.Series(found, dtype=dtype))


def pairs(least: int = 1) -> st.SearchStrategy[tuple[pl.Series, pl.Series]]:
    """Two columns of one dtype, with nulls, NaN, ties, new values, of different lengths."""
    floats = st.one_of(
        st.none(), st.just(math.nan), st.integers(0, 9).map(float), st.floats(-50, 50, width=32)
    )
    kinds = [
        (floats, pl.Float64),
        (st.one_of(st.none(), st.integers(-3, 30)), pl.Int32),
        (st.one_of(st.none(), st.sampled_from(WORDS)), pl.String),
        (st.one_of(st.none(), st.booleans()), pl.Boolean),
    ]
    return st.one_of(
        *(
            st.tuples(column(values, dtype, least, 30), column(values, dtype, least, 12))
            for values, dtype in kinds
        )
    )


def equal(submission, reference: pl.Series, current: pl.Series) -> None:
    """Expect the index of two columns."""
    answer, true = submission.psi(reference, current), true_psi(reference, current)
    if isinstance(answer, bool) or not isinstance(answer, int | float | np.number):
        raise Mismatch("a number", got=f"{answer!r:.80}")
    if math.isnan(true):
        expect(math.isnan(answer), "NaN", got=f"{answer}", because="one of the columns has no rows")
        return
    if abs(answer - true) <= EXACT:
        return
    if abs(answer - true_psi(reference, current, above=True)) <= EXACT:
        because = "a value that equals a decile is in the bin below it"
        raise Mismatch(f"{true:.6f}", got=f"{answer:.6f}", because=because, reread=PSI)
    nulls = reference.null_count() + current.null_count() > 0
    new = not reference.dtype.is_numeric() and bool(set(current.drop_nulls()) - set(reference.drop_nulls()))
    causes = []
    if reference.dtype.is_float() and (reference.is_nan().any() or current.is_nan().any()):
        causes.append("there are NaN")
    elif nulls:
        causes.append("there are nulls")
    if new:
        causes.append("the current column has values that the reference doesn't have")
    if reference.drop_nulls().n_unique() <= 1:
        causes.append("the reference has one value or none")
    if not nulls and not causes and abs(answer - true_psi(reference, current, missing=1)) <= EXACT:
        causes.append(
            "a bin is missing: nulls, and values that the reference doesn't have, have one each, always"
        )
    raise Mismatch(f"{true:.6f}", got=f"{answer:.6f}", because=" and ".join(causes), reread=PSI)


@checks("5.3a", weight=0)
def test_words_and_numbers(submission):
    """Is right for a column of words, and for one of numbers, without nulls."""
    equal(submission, pl.Series(["Rare"] * 6 + ["Common"] * 4), pl.Series(["Rare"] * 2 + ["Common"] * 5))
    numbers = pl.Series(np.random.default_rng(3).normal(60, 20, 50))
    equal(submission, numbers, numbers[:30] + 15)


@checks("5.3a", weight=2, examples=(25, 120))
@given(pair=pairs())
def test_every_column(submission, pair):
    """Is right for columns with nulls, NaN, ties, new values and other lengths."""
    equal(submission, *pair)


@checks("5.3a")
def test_constants_and_nothing(submission):
    """Is right for a column of one value, for nulls alone, and for columns without rows."""
    corners(submission)


def corners(submission) -> None:
    for reference, current in (
        ([7] * 9, [7] * 4),
        ([7] * 9, [8] * 4),
        ([None] * 5, [1, 2, None]),
        ([1, 2, 3], [None] * 3),
        ([1, 2, 3], []),
        ([], [1]),
    ):
        equal(submission, *(pl.Series(one, dtype=pl.Int32) for one in (reference, current)))
    equal(submission, pl.Series([None, None], dtype=pl.String), pl.Series(["Rare", None]))


@checks("5.3a", weight=5, public=False, examples=(5, 30))
@given(pair=pairs())
def test_all_of_psi(submission, pair):
    """All rules together, on other columns."""
    equal(submission, *pair)
    corners(submission)


# --- 5.3b

FEATURES = [*STATS, "rarity", "stage", "legendary"]
GOOD = 10  # days of the reference
DELAY = 5  # days
ENOUGH = 0.8
DRIFTS = ("scale", "mix", "gap", "schema")
Scans = tuple[pl.DataFrame, list[pl.DataFrame], Trouble]


@remembered
def scanned(seed: int) -> Scans:
    """The reference, the days after it, and what is wrong; the day of the trouble counts from the first of them."""
    found = month(seed)
    tables = [
        day.scans.select(name for name in FEATURES if name not in day.names).with_columns(
            day.scans[name].alias(other) for name, other in day.names.items()
        )
        for day in found.days
    ]
    trouble = Trouble(
        found.trouble.kind, found.trouble.feature, found.trouble.day - GOOD, found.trouble.strength
    )
    return pl.concat(tables[:GOOD]), tables[GOOD:], trouble


def months(seed: int, kinds: list[str]) -> list[Scans]:
    """A month of each kind, of features that are watched."""
    rng, found = np.random.default_rng(seed), {}
    wanted = list(kinds)
    while wanted:
        one = scanned(int(rng.integers(10**6, 10**9)))
        if one[2].kind in wanted and one[2].feature != "text":
            wanted.remove(one[2].kind)
            found[len(found)] = one
    return list(found.values())


def raised(submission, reference: pl.DataFrame, days: list[pl.DataFrame]) -> dict[str, int]:
    """The alarms of a submission; their form is right."""
    answer = submission.alarms(reference, days)
    if not isinstance(answer, dict):
        raise Mismatch("a dict from feature to day", got=f"{answer!r:.120}")
    for name, day in answer.items():
        if name not in reference.columns:
            raise Mismatch("features of the reference", got=f"{name!r:.60}")
        if isinstance(day, bool) or not isinstance(day, int | np.integer) or not 0 <= day < len(days):
            raise Mismatch(f"a day from 0 to {len(days) - 1} for {name}", got=f"{day!r:.40}")
    return {name: int(day) for name, day in answer.items()}


def false_alarms(found: dict[str, int], trouble: Trouble) -> list[str]:
    """Alarms for what hasn't drifted, each in a sentence. Where rare cards come in, other features move with them."""
    said = []
    for name, day in found.items():
        if trouble.kind not in DRIFTS:
            said.append(f"{name} got an alarm on day {day}, and nothing drifted in that month")
        elif day < trouble.day:
            said.append(f"{name} got an alarm on day {day}, and nothing drifts before day {trouble.day}")
        elif trouble.kind != "mix" and name != trouble.feature:
            said.append(f"{name} got an alarm on day {day}, and only {trouble.feature} drifted")
    return said


def missed(found: dict[str, int], trouble: Trouble) -> str:
    """Why a drift doesn't count as found, in a sentence; empty if it does."""
    what = {
        "scale": "its values are too high",
        "mix": "many rare cards come in",
        "gap": "most of its values are null",
        "schema": "its column is gone",
    }.get(trouble.kind)
    if what is None:
        return ""
    day = found.get(trouble.feature)
    since = f"{trouble.feature} drifts from day {trouble.day} on: {what}"
    if day is None:
        return f"{since}. It got no alarm"
    return f"{since}. It got its alarm on day {day}" if not 0 <= day - trouble.day <= DELAY else ""


@checks("5.3b", weight=0)
def test_two_months(submission):
    """Finds one of two drifts, and not by an alarm for everything."""
    late, false = [], []
    for reference, days, trouble in months(1, ["scale", "gap"]):
        found = raised(submission, reference, days)
        late.append(missed(found, trouble))
        false += false_alarms(found, trouble)
    expect(not all(late), "a drift that is found", because=late[0], reread=PSI)
    expect(
        len(false) <= 3,
        "few false alarms",
        got=f"{len(false)}",
        because=false[0] if false else "",
        reread=PSI,
    )


def balance(submission, chosen: list[Scans]) -> None:
    """Expect four drifts in five, and one false alarm at most."""
    late, false, drifts = [], [], 0
    for reference, days, trouble in chosen:
        found = raised(submission, reference, days)
        drifts += trouble.kind in DRIFTS
        false += false_alarms(found, trouble)
        if sentence := missed(found, trouble):
            late.append(sentence)
    expect(
        len(false) <= 1,
        f"at most one false alarm in {len(chosen)} months",
        got=f"{len(false)}",
        because=false[0] if false else "",
        reread=PSI,
    )
    expect(
        drifts - len(late) >= ENOUGH * drifts,
        f"{ENOUGH:.0%} of {drifts} drifts found within {DELAY} days",
        got=f"{drifts - len(late)}",
        because=late[0] if late else "",
        reread=PSI,
    )


@checks("5.3b", weight=2)
def test_four_months(submission, seed):
    """Finds drifts in time, and raises no false alarm."""
    balance(submission, months(seed, ["scale", "mix", "schema", "none"]))


@checks("5.3b")
def test_days_without_scans(submission, seed):
    """Raises no alarm because nothing was scanned."""
    reference, days, _ = months(seed, ["outage"])[0]
    found = raised(submission, reference, [days[0].clear(), *days[:6], days[0].clear(), days[0].clear()])
    expect(not found, "no alarm", got=f"{found}", because="on three days nothing was scanned", reread=PSI)


@checks("5.3b", weight=8, public=False, live=False)
def test_held_out(submission, seed):
    """In ten months that nobody has seen; later days change no alarm."""
    balance(submission, months(seed, [*DRIFTS, *DRIFTS, "none", "outage"]))
    for reference, days, _ in months(seed + 1, ["gap", "scale"]):
        whole = raised(submission, reference, days)
        for evening in sorted({0, *whole.values()}):
            submission.close()  # in a process that has seen no later day
            so_far = raised(submission, reference, days[: evening + 1])
            known = {name: day for name, day in whole.items() if day <= evening}
            expect(
                so_far == known,
                f"the alarms up to day {evening}: {known}",
                got=f"{so_far} from the days up to it alone",
                because="an alarm rests on days that come after it",
                reread=PSI,
            )
