"""3.1: four splits from scratch, judged by their properties: which rows are tested, and which are learned from."""

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grader.engine import Mismatch, Raised, checks, expect, kind_of

SHAPE = "a list of k pairs (train, test) of row numbers"
SEEDS = st.integers(0, 2**31 - 1)
NEIGHBOURS = (0.2, 0.45)  # share of neighbouring rows in one fold of three: about 0.33 by chance
DRAWS = 12  # seeds over which that share is taken
ENOUGH = 20  # rows of a label, for its neighbours to say something

Pairs = list[tuple[np.ndarray, np.ndarray]]


def pairs(answer: object, rows: int, k: int) -> Pairs:
    """The answer as k pairs of arrays of whole numbers, each a row that exists and none of them twice."""
    if not isinstance(answer, list | tuple):
        raise Mismatch(SHAPE, got=kind_of(answer))
    if len(answer) != k:
        raise Mismatch(f"{k} pairs", got=f"{len(answer)}", because=f"k is {k}, so there are {k} folds")
    return [_pair(one, rows) for one in answer]


def _pair(pair: object, rows: int) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise Mismatch("a pair (train, test) for each fold", got=kind_of(pair))
    found = []
    for name, part in zip(("training", "test"), pair, strict=True):
        try:
            numbers = np.asarray(part)
        except ValueError:
            raise Mismatch(f"an array of row numbers as {name} set", got=kind_of(part)) from None
        if numbers.size == 0:
            numbers = np.zeros(0, dtype=int)
        if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
            raise Mismatch(
                f"an array of row numbers as {name} set",
                got=f"an array of {numbers.dtype}",
                because="these are marks for all rows, not the numbers of some"
                if numbers.dtype == bool
                else "",
            )
        if numbers.size and not (numbers.min() >= 0 and numbers.max() < rows):
            raise Mismatch(
                f"row numbers from 0 to {rows - 1}",
                because=f"the {name} set has a number outside of the table",
            )
        if len(np.unique(numbers)) < len(numbers):
            raise Mismatch("each row once", because=f"the {name} set of a pair has a row twice")
        found.append(numbers)
    return found[0], found[1]


def partition(found: Pairs, rows: int) -> None:
    """Each row is tested once, and learned from whenever it is not tested."""
    tested = np.bincount(np.concatenate([test for _, test in found]), minlength=rows)
    expect(
        bool((tested == 1).all()),
        "each row in exactly one test set",
        because=lambda: (
            f"row {int((tested != 1).argmax())} is in {int(tested[(tested != 1).argmax()])} of them, and "
            f"{int((tested != 1).sum())} of {rows} rows are not in exactly one"
        ),
    )
    for number, (train, test) in enumerate(found, 1):
        both = np.intersect1d(train, test)
        expect(
            not len(both),
            "no row on both sides",
            because=lambda n=number, b=both: f"pair {n} trains and tests row {b[0]}",
        )
        expect(
            len(train) + len(test) == rows,
            f"{rows - len(test)} training rows in pair {number}: all that are not tested",
            got=f"{len(train)}",
            because="some rows are in neither of the two",
        )


def even(found: Pairs) -> None:
    """The test sets differ in size by one row at most."""
    sizes = [len(test) for _, test in found]
    expect(
        max(sizes) - min(sizes) <= 1,
        "test sets whose sizes differ by one row at most",
        got=f"sizes {', '.join(map(str, sorted(sizes)))}",
    )


def refused(call: Callable[[], object], why: str) -> None:
    """The call raises a ValueError."""
    try:
        call()
    except Raised as error:
        if "ValueError" in error.types:
            return
        raise
    raise Mismatch("a ValueError", got="an answer", because=why)


def repeats(split: Callable[[int], Pairs]) -> None:
    """The same seed gives the same folds, another seed gives others."""

    def folded(seed: int) -> list[frozenset[int]]:
        return [frozenset(test.tolist()) for _, test in split(seed)]

    first = folded(1)
    expect(
        folded(1) == first,
        "the same folds for the same seed",
        because="two calls with seed 1 gave different folds",
    )
    others = {frozenset(folded(seed)) for seed in (2, 3, 4)} | {frozenset(first)}
    expect(
        len(others) == 4,
        "other folds for another seed",
        because="all of the seeds 1, 2, 3 and 4 give the same folds"
        if len(others) == 1
        else "two of the seeds 1, 2, 3 and 4 give the same folds",
    )


def shuffled(split: Callable[[int], Pairs], labels: np.ndarray) -> None:
    """Chance decides: neighbouring rows of a label are in one fold about as often as any two rows of it."""
    folds = np.empty((DRAWS, len(labels)), dtype=int)
    for seed, fold in enumerate(folds):
        for number, (_, test) in enumerate(split(seed)):
            fold[test] = number
    low, high = NEIGHBOURS
    for label in np.unique(labels):
        of_label = folds[:, labels == label]
        if of_label.shape[1] < ENOUGH:
            continue
        share = float((of_label[:, 1:] == of_label[:, :-1]).mean())
        expect(
            low < share < high,
            "chance decides which row goes where",
            because=f"{share:.0%} of all neighbouring{label and f' {label}'} rows are in the same of three folds; "
            "by chance it is a third",
        )


# --- 3.1a

SIZES = st.integers(2, 60).flatmap(lambda rows: st.tuples(st.just(rows), st.integers(2, rows)))


def plain(submission, rows: int, k: int, seed: int) -> Pairs:
    found = pairs(submission.folds(rows, k, seed), rows, k)
    partition(found, rows)
    even(found)
    return found


@checks("3.1a", weight=0)
def test_ten_rows(submission):
    """Splits ten rows into three folds."""
    plain(submission, 10, 3, 1)


@checks("3.1a", weight=2, examples=(15, 60))
@given(size=SIZES, seed=SEEDS)
def test_every_size(submission, size, seed):
    """Tests each row once, whatever the number of rows and folds."""
    plain(submission, *size, seed)


def chance(submission) -> None:
    repeats(lambda seed: plain(submission, 40, 4, seed))
    shuffled(lambda seed: plain(submission, 120, 3, seed), np.array([""] * 120))


@checks("3.1a")
def test_chance(submission):
    """Draws the folds at random, and draws the same ones for the same seed."""
    chance(submission)


@checks("3.1a", examples=(4, 15))
@given(rows=st.integers(2, 20), k=st.integers(-1, 1) | st.integers(1, 5))
def test_refuses(submission, rows, k):
    """Refuses a number of folds that cannot be."""
    refuses_sizes(submission, rows, k)


def refuses_sizes(submission, rows: int, k: int) -> None:
    k = k if k < 2 else rows + k - 1
    refused(lambda: submission.folds(rows, k, 1), f"{rows} rows cannot be split into {k} folds")


@checks("3.1a", weight=5, public=False, examples=(2, 8))
@given(size=SIZES, seed=SEEDS)
def test_all_of_folds(submission, size, seed):
    """All rules together, on other tables."""
    plain(submission, *size, seed)
    chance(submission)
    refuses_sizes(submission, size[0], 3)
    refuses_sizes(submission, size[0], 1)


# --- 3.1b

TYPES = ("Fire", "Water", "Grass", "Dragon")
LABELS = (
    st.lists(st.sampled_from(TYPES), min_size=2, max_size=40)
    .map(np.array)
    .flatmap(lambda labels: st.tuples(st.just(labels), st.integers(2, len(labels))))
)


def mixed(submission, labels: np.ndarray, k: int, seed: int) -> Pairs:
    found = pairs(submission.stratified_folds(labels, k, seed), len(labels), k)
    partition(found, len(labels))
    for label in np.unique(labels):
        counts = [int((labels[test] == label).sum()) for _, test in found]
        expect(
            max(counts) - min(counts) <= 1,
            f"test sets whose numbers of {label} rows differ by one at most",
            got=f"{', '.join(map(str, sorted(counts)))}",
            because=f"there are {int((labels == label).sum())} {label} rows for {k} folds",
        )
    even(found)
    return found


def typed(rows: int) -> np.ndarray:
    """Labels in an order that tells nothing, the fourth type rare."""
    return np.random.default_rng(rows).choice(TYPES, rows, p=(0.4, 0.3, 0.25, 0.05))


@checks("3.1b", weight=0)
def test_two_types(submission):
    """Gives each of two folds three Fire cards and two Water cards."""
    mixed(submission, np.array(["Fire"] * 6 + ["Water"] * 4), 2, 1)


@checks("3.1b", weight=2, examples=(15, 60))
@given(table=LABELS, seed=SEEDS)
def test_every_mix(submission, table, seed):
    """Gives each fold the same mix, also of labels with few rows."""
    mixed(submission, *table, seed)


def mixed_by_chance(submission) -> None:
    labels = typed(120)
    repeats(lambda seed: mixed(submission, labels, 4, seed))
    shuffled(lambda seed: mixed(submission, labels, 3, seed), labels)


@checks("3.1b")
def test_mix_by_chance(submission):
    """Draws the folds at random, and draws the same ones for the same seed."""
    mixed_by_chance(submission)


def refuses_labels(submission, labels: np.ndarray) -> None:
    for k in (1, len(labels) + 1):
        refused(
            lambda k=k: submission.stratified_folds(labels, k, 1),
            f"{len(labels)} rows cannot be split into {k} folds",
        )


@checks("3.1b", examples=(4, 15))
@given(table=LABELS)
def test_refuses_labels(submission, table):
    """Refuses a number of folds that cannot be."""
    refuses_labels(submission, table[0])


@checks("3.1b", weight=5, public=False, examples=(2, 8))
@given(table=LABELS, seed=SEEDS)
def test_all_of_stratified(submission, table, seed):
    """All rules together, on other tables."""
    mixed(submission, *table, seed)
    mixed(submission, typed(200), 7, seed)
    mixed_by_chance(submission)
    refuses_labels(submission, table[0])


# --- 3.1c


@st.composite
def grouped(draw: st.DrawFn) -> tuple[np.ndarray, int]:
    """Rows of at least two groups, some large, in no order."""
    sizes = draw(st.lists(st.integers(1, 12), min_size=2, max_size=10))
    rows = [f"card {number}" for number, size in enumerate(sizes) for _ in range(size)]
    return np.array(draw(st.permutations(rows))), draw(st.integers(2, len(sizes)))


def kept(submission, groups: np.ndarray, k: int, seed: int) -> Pairs:
    found = pairs(submission.grouped_folds(groups, k, seed), len(groups), k)
    for train, test in found:
        both = np.intersect1d(groups[train], groups[test])
        expect(
            not len(both),
            "no group on both sides of a pair",
            because=lambda b=both: f"rows of {b[0]} are in a training set and in its test set",
        )
    partition(found, len(groups))
    sizes = [len(test) for _, test in found]
    largest = int(np.unique(groups, return_counts=True)[1].max())
    expect(
        min(sizes) > 0, "no empty test set", because=f"one of {k} is empty, and there are at least {k} groups"
    )
    most = len(groups) / k + largest
    expect(
        max(sizes) <= most,
        f"at most {most:g} rows in a test set",
        got=f"{max(sizes)}",
        because=f"{len(groups)} rows / {k} folds, and the largest group has {largest}",
    )
    return found


@checks("3.1c", weight=0)
def test_three_cards(submission):
    """Keeps the scans of each of three cards together."""
    kept(submission, np.array(["a", "a", "a", "b", "b", "c"]), 2, 1)


@checks("3.1c", weight=2, examples=(15, 60))
@given(table=grouped(), seed=SEEDS)
def test_every_group(submission, table, seed):
    """Keeps each group together, and fills the folds evenly."""
    kept(submission, *table, seed)


@checks("3.1c")
def test_large_groups(submission):
    """Works with one group that has most of the rows, and with two that must not meet in a fold."""
    large(submission, 1)


def large(submission, seed: int) -> None:
    small = [f"small {number}" for number in range(12)]
    order = np.random.default_rng(seed).permutation
    kept(submission, order(np.array(["large"] * 60 + small)), 4, seed)
    two = order(np.array(["large"] * 10 + ["larger"] * 11 + small[:4]))
    for more in range(20):  # dealt as equal numbers of groups, the two meet for one seed in five
        kept(submission, two, 3, seed + more)


def groups_by_chance(submission) -> None:
    groups = np.repeat([f"card {number}" for number in range(24)], 2)
    repeats(lambda seed: kept(submission, groups, 4, seed))
    single = np.array([f"card {number:02}" for number in range(90)])
    shuffled(lambda seed: kept(submission, single, 3, seed), np.array([""] * len(single)))


@checks("3.1c")
def test_groups_by_chance(submission):
    """Draws the folds at random, and draws the same ones for the same seed."""
    groups_by_chance(submission)


def refuses_groups(submission, groups: np.ndarray) -> None:
    number = len(np.unique(groups))
    for k in (1, number + 1):
        refused(
            lambda k=k: submission.grouped_folds(groups, k, 1),
            f"{number} groups cannot be split into {k} folds",
        )


@checks("3.1c", examples=(4, 15))
@given(table=grouped())
def test_refuses_groups(submission, table):
    """Refuses a number of folds that cannot be."""
    refuses_groups(submission, table[0])


@checks("3.1c", weight=6, public=False, examples=(2, 8))
@given(table=grouped(), seed=SEEDS)
def test_all_of_grouped(submission, table, seed):
    """All rules together, on other tables."""
    kept(submission, *table, seed)
    large(submission, seed)
    groups_by_chance(submission)
    refuses_groups(submission, table[0])


# --- 3.1d


@st.composite
def dated(draw: st.DrawFn) -> tuple[np.ndarray, int, int]:
    """Rows with days in no order, ties and holes among them; a number of folds, and a gap that leaves training rows."""
    steps = draw(st.lists(st.integers(1, 4), min_size=4, max_size=20))
    different = np.cumsum(steps) + draw(st.integers(-5, 20_000))
    k = draw(st.integers(2, len(different) - 1))
    first_tested = different[len(different) // (k + 1)]  # where the shorter blocks come first
    gap = draw(st.integers(0, int(first_tested - different[0]) - 1))
    many = draw(st.lists(st.integers(1, 3), min_size=len(different), max_size=len(different)))
    return np.array(draw(st.permutations(np.repeat(different, many).tolist()))), k, gap


def ordered(submission, days: np.ndarray, k: int, gap: int) -> None:
    given = (days, k, gap) if gap else (days, k)  # no gap is the default
    found = pairs(submission.ordered_folds(*given), len(days), k)
    for number, (train, test) in enumerate(found, 1):
        expect(len(test) > 0, f"rows in the test set of pair {number}", got="none")
        first = int(days[test].min())
        late = train[days[train] >= first - gap]
        expect(
            not len(late),
            f"in pair {number} training days before day {first - gap}"
            + (
                f": more than {gap} days before day {first}, the first that is tested"
                if gap
                else ", the first that is tested"
            ),
            because=lambda late=late: f"a row of day {days[late[0]]} is in the training set",
        )
    for number, (_, test) in enumerate(found, 1):
        of_its_days = np.flatnonzero(np.isin(days, days[test]))
        expect(
            len(of_its_days) == len(test),
            f"in pair {number} every row of the days that are tested",
            because="some rows of one day are tested and others are not",
        )
    tested = [np.unique(days[test]) for _, test in found]
    for (before, after), number in zip(zip(tested, tested[1:], strict=False), range(2, k + 1), strict=True):
        expect(
            before[-1] < after[0],
            "the earliest test first, and each day in one test set",
            because=lambda b=before, a=after, n=number: (
                f"pair {n} tests day {a[0]}, and pair {n - 1} tests day {b[-1]}"
            ),
        )
    for number, (train, test) in enumerate(found, 1):
        wanted = np.flatnonzero(days < days[test].min() - gap)
        expect(
            len(wanted) == len(train),
            f"{len(wanted)} training rows in pair {number}: every one that is old enough",
            got=f"{len(train)}",
            because="rows that are old enough are left out",
        )
    blocks(np.unique(days), tested, k)


def blocks(different: np.ndarray, tested: list[np.ndarray], k: int) -> None:
    """The tested days are all days but those of the first block, in blocks of equal length."""
    untested = np.setdiff1d(different, np.concatenate(tested))
    expect(
        bool(len(untested)) and untested[-1] < tested[0][0],
        "the first block alone is never tested",
        because=lambda: (
            f"day {untested[untested > tested[0][0]][0]} is later than the first day that is tested, and not tested"
            if len(untested)
            else "every day is tested"
        ),
    )
    sizes = [len(untested), *map(len, tested)]
    expect(
        max(sizes) - min(sizes) <= 1,
        f"{k + 1} blocks whose numbers of days differ by one at most",
        got=", ".join(map(str, sizes)),
        because=f"there are {len(different)} different days",
    )


@checks("3.1d", weight=0)
def test_ten_days(submission):
    """Splits ten days into three folds, with a gap of one day."""
    ordered(submission, np.arange(1, 11), 3, 1)


@checks("3.1d", weight=2, examples=(15, 60))
@given(table=dated())
def test_every_calendar(submission, table):
    """Trains on days before the test, whatever the days and the gap."""
    ordered(submission, *table)


def refuses_days(submission, days: np.ndarray, k: int, gap: int) -> None:
    number = len(np.unique(days))
    first_tested = np.array_split(np.unique(days), k + 1)[1][0]
    wide = int(first_tested - days.min())
    for wrong, why in (
        ((1, gap), "k is smaller than 2"),
        ((k, -1), "the gap is negative"),
        ((number, 0), f"there are {number} different days for {number} folds and a first block"),
        ((k, wide), f"with a gap of {wide} days nothing is left to train on before day {first_tested}"),
    ):
        refused(lambda wrong=wrong: submission.ordered_folds(days, *wrong), why)


@checks("3.1d", examples=(4, 15))
@given(table=dated())
def test_refuses_days(submission, table):
    """Refuses what leaves nothing to train on or to test."""
    refuses_days(submission, *table)


@checks("3.1d", weight=5, public=False, examples=(2, 8))
@given(table=dated())
def test_all_of_ordered(submission, table):
    """All rules together, on other tables."""
    ordered(submission, *table)
    refuses_days(submission, *table)
