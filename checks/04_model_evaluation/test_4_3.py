"""4.3: thresholds are judged by what they cost. Right answers cost something too, scores are equal, tables are tiny."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grader.engine import Mismatch, Raised, checks, expect

THRESHOLD = "Where do you put the threshold?"
NAMES = ("hit", "miss", "false_alarm", "let_through")
MISTAKES = {
    "unmoved": "the mix of the table was used, not the other shop's",
    "undivided": "each row got the share of its class: divide it by the number of rows of the class",
}


def matrix(kind: str) -> st.SearchStrategy:
    """Cost matrices: `plain` (right answers cost nothing), `full` (all four cost), `wild` (any sign)."""
    positive, free = st.integers(1, 40), st.just(0)
    parts = {
        "plain": (free, positive, positive, free),
        "full": (st.integers(-30, 20), positive, positive, st.integers(-30, 20)),
        "wild": (st.integers(-40, 40),) * 4,
    }[kind]
    return st.tuples(*parts).map(lambda costs: dict(zip(NAMES, costs, strict=True)))


@st.composite
def rows(draw: st.DrawFn, least: int = 1, both: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Labels and scores; many scores are equal, some lie outside of 0 to 1, and some close together."""
    labels = draw(st.lists(st.booleans(), min_size=least, max_size=8))
    if both:
        labels = draw(st.permutations([True, False, *labels]))
    near, step = draw(st.integers(1, 998)) / 1000, draw(st.sampled_from([0.001, 0.01, 0.1]))
    levels = [-1.5, 0.0, 0.2, near, near + step, near + 2 * step, 1.0, 3.0]
    scores = draw(st.lists(st.sampled_from(levels), min_size=len(labels), max_size=len(labels)))
    return np.array(labels, bool), np.array(scores)


def cost(labels, scores, costs: dict, threshold: float, weights: np.ndarray | None = None) -> float:
    """What a threshold costs."""
    stop = np.where(labels, costs["hit"], costs["false_alarm"])
    let = np.where(labels, costs["miss"], costs["let_through"])
    return float((np.where(scores >= threshold, stop, let) * (1 if weights is None else weights)).sum())


def judge(answer: object, labels, scores, costs: dict, weights: np.ndarray | None = None, **mistaken) -> None:
    """Expect a threshold that no other one undercuts. `mistaken` are other weights by the mistake that gives them."""
    if isinstance(answer, bool) or not isinstance(answer, int | float | np.floating | np.integer):
        raise Mismatch("a number", got=f"{answer!r:.80}")
    if math.isnan(answer):
        raise Mismatch("a threshold", got="NaN, which no score reaches or misses")
    cuts = [*np.unique(scores), math.inf]
    totals = [cost(labels, scores, costs, cut, weights) for cut in cuts]
    best, own = min(totals), cost(labels, scores, costs, answer, weights)
    if own <= best + 1e-9 * (1 + abs(best)):
        return
    causes = {MISTAKES[name]: (costs, other) for name, other in mistaken.items()}
    causes["the costs of right answers were left out"] = ({**costs, "hit": 0, "let_through": 0}, weights)
    causes["misses and false alarms are the wrong way round"] = (
        {**costs, "miss": costs["false_alarm"], "false_alarm": costs["miss"]},
        weights,
    )

    def explains(used: dict, counted: np.ndarray | None) -> bool:
        least = min(cost(labels, scores, used, cut, counted) for cut in cuts)
        return cost(labels, scores, used, answer, counted) <= least + 1e-9

    because = [cause for cause, used in causes.items() if explains(*used)][:1]
    if totals[-1] < min(totals[:-1]):
        because.insert(
            0, "stopping nothing is cheapest, and no score does it: `float('inf')` is a threshold too"
        )
    if best == totals[0] and not because:
        because = ["stopping everything is cheapest"]
    raise Mismatch(
        f"a threshold that costs {best:.6g}, for example {cuts[int(np.argmin(totals))]:g}",
        got=f"{answer:g}, which costs {own:.6g}",
        because=", or ".join(because),
        reread=THRESHOLD,
    )


# --- 4.3a


@checks("4.3a", weight=0)
def test_three_tables(submission):
    """Finds the cheapest threshold in three small tables."""
    labels = np.array([False, False, True, False, True, True])
    scores = np.array([0.1, 0.2, 0.4, 0.6, 0.7, 0.9])
    for miss, alarm in ((40, 1), (1, 40), (5, 4)):
        costs = {"hit": 0, "miss": miss, "false_alarm": alarm, "let_through": 0}
        judge(submission.best_threshold(labels, scores, costs), labels, scores, costs)


@checks("4.3a", examples=(10, 40))
@given(table=rows(least=3, both=True), costs=matrix("plain"))
def test_plain(submission, table, costs):
    """Is cheapest where right answers cost nothing, also where scores are equal."""
    judge(submission.best_threshold(*table, costs), *table, costs)


@checks("4.3a", weight=2, examples=(10, 40))
@given(table=rows(least=2), costs=matrix("full"))
def test_full(submission, table, costs):
    """Counts costs and benefits of right answers."""
    judge(submission.best_threshold(*table, costs), *table, costs)


@checks("4.3a", weight=2, examples=(10, 40))
@given(table=rows(), costs=matrix("wild"), true=st.booleans())
def test_extremes(submission, table, costs, true):
    """Stops everything or nothing where that is cheapest."""
    labels = np.full(len(table[0]), true)
    judge(submission.best_threshold(labels, table[1], costs), labels, table[1], costs)


def overlapping(labels: np.ndarray, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Sixty more labels and scores, which lie so close together; the first table decides which."""
    rng = np.random.default_rng([len(labels), int(labels.sum())])
    many = rng.random(60) < 0.4
    return many, 0.5 + spread * rng.normal(many, 1.0)


@checks("4.3a", weight=7, public=False, live=False, examples=(1, 120))
@given(table=rows(), costs=matrix("wild"))
def test_everything(submission, table, costs):
    """Does all of it at once."""
    judge(submission.best_threshold(*table, costs), *table, costs)
    many = overlapping(table[0], 1e-6)
    judge(submission.best_threshold(*many, costs), *many, costs)


# --- 4.3b


def moved(labels: np.ndarray, share: float) -> np.ndarray:
    """The weight of each row where `share` of the rows is true."""
    return np.where(labels, share / max(1, labels.sum()), (1 - share) / max(1, (~labels).sum()))


def elsewhere(submission, labels, scores, costs: dict, share: float) -> None:
    """Expect a threshold that is cheapest there."""
    answer = submission.threshold_elsewhere(labels, scores, costs, share)
    shares = np.where(labels, share, 1 - share)
    judge(answer, labels, scores, costs, moved(labels, share), unmoved=None, undivided=shares)


@checks("4.3b", weight=0)
def test_two_shares(submission):
    """Finds the cheapest threshold for three shares."""
    labels = np.array([False, False, True, False, True, True])
    scores = np.array([0.1, 0.2, 0.4, 0.6, 0.7, 0.9])
    costs = {"hit": 0, "miss": 5, "false_alarm": 4, "let_through": 0}
    for share in (0.02, 0.5, 0.95):
        elsewhere(submission, labels, scores, costs, share)
    labels = np.array([False, False, False, True, False, False, False, True])
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9])
    for share in (0.3, 0.5):  # the classes have different numbers of rows
        elsewhere(submission, labels, scores, costs, share)


@checks("4.3b", weight=2, examples=(10, 40))
@given(
    table=rows(least=3, both=True), costs=matrix("full"), share=st.sampled_from([0.01, 0.1, 0.3, 0.5, 0.9])
)
def test_shares(submission, table, costs, share):
    """Is cheapest under another class balance."""
    elsewhere(submission, *table, costs, share)


@checks("4.3b", examples=(10, 30))
@given(table=rows(), costs=matrix("wild"), true=st.booleans())
def test_one_class_there(submission, table, costs, true):
    """Needs no row of a class whose share is 0, and doesn't count its rows."""
    labels = table[0].copy()
    labels[0] = true
    elsewhere(submission, labels, table[1], costs, float(true))


def refuses(submission, scores, costs: dict, share: float, true: bool) -> None:
    """Expect a ValueError where a class is missing."""
    try:
        answer = submission.threshold_elsewhere(np.full(len(scores), true), scores, costs, share)
    except Raised as error:
        if "ValueError" not in error.types:
            raise
        return
    raise Mismatch(
        "a ValueError",
        got=f"{answer!r:.60}",
        because=f"no row is {not true}, and their share is {1 - share if true else share:.0%}",
        reread=THRESHOLD,
    )


@checks("4.3b", examples=(5, 15))
@given(table=rows(), costs=matrix("full"), share=st.sampled_from([0.1, 0.5, 0.9]), true=st.booleans())
def test_missing_class(submission, table, costs, share, true):
    """Raises a ValueError where a class has a share and no rows."""
    refuses(submission, table[1], costs, share, true)


@checks("4.3b", weight=7, public=False, live=False, examples=(1, 100))
@given(
    table=rows(least=1, both=True),
    costs=matrix("wild"),
    share=st.sampled_from([0.0, 0.001, 0.1, 0.4, 0.8, 1.0]),
    true=st.booleans(),
)
def test_everything_elsewhere(submission, table, costs, share, true):
    """Does all of it at once."""
    elsewhere(submission, *table, costs, share)
    elsewhere(submission, *overlapping(table[0], 0.1), costs, share)
    elsewhere(submission, np.full(len(table[1]), true), table[1], costs, float(true))
    refuses(submission, table[1], costs, 0.5, true)


@checks("4.3b", weight=0.4)
def test_arguments(submission):
    """Leaves its arguments unchanged."""
    labels, scores = np.array([True, False]), np.array([0.4, 0.6])
    submission.threshold_elsewhere(labels, scores, dict.fromkeys(NAMES, 1), 0.5)
    expect(not submission.last.mutated, "the arguments unchanged", because="the call changed one of them")
