"""4.1: three metrics, equal to scikit-learn's where it has them; ties count once, and no row order matters."""

import math

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, log_loss

from grader.engine import Mismatch, checks, expect, kind_of

METRICS = "Which mistakes does a number count?"
RARER = "What happens when the event gets rarer?"
BELIEVE = "Can you believe a probability?"


def number(answer: object) -> float:
    """Return the answer if it is a finite number."""
    if isinstance(answer, bool) or not isinstance(answer, int | float | np.floating | np.integer):
        raise Mismatch("a number", got=f"{answer!r:.80}")
    if not math.isfinite(answer):
        raise Mismatch("a finite number", got=f"{answer}")
    return float(answer)


def equal(answer: object, wanted: float, mistakes: dict[str, float], reread: str) -> None:
    """Expect a number, and say which mistake gives the one that came."""
    given = number(answer)
    if math.isclose(given, wanted, rel_tol=1e-6, abs_tol=1e-9):
        return
    causes = [
        cause for cause, value in mistakes.items() if math.isclose(given, value, rel_tol=1e-6, abs_tol=1e-9)
    ]
    raise Mismatch(f"{wanted:.6g}", got=f"{given:.6g}", because=", or ".join(causes), reread=reread)


@st.composite
def ranked(draw: st.DrawFn, both: bool = True, least: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Labels and scores of a few rows; many scores are equal."""
    labels = draw(st.lists(st.booleans(), min_size=least, max_size=9))
    if both:
        labels = draw(st.permutations([True, False, *labels]))
    scores = draw(
        st.lists(
            st.sampled_from([0.05, 0.1, 0.3, 0.45, 0.6, 0.9]), min_size=len(labels), max_size=len(labels)
        )
    )
    return np.array(labels, bool), np.array(scores)


def weighted(draw_from: st.SearchStrategy) -> st.SearchStrategy:
    """The same with a positive weight for each row."""
    return draw_from.flatmap(
        lambda rows: st.lists(
            st.sampled_from([0.5, 1.0, 2.0, 50.0]), min_size=len(rows[0]), max_size=len(rows[0])
        ).map(lambda weights: (*rows, np.array(weights)))
    )


# --- 4.1a


def steps(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> float:
    """Average precision with one step for each row: what a sort without groups gives."""
    order = np.argsort(-scores, kind="stable")
    hits, flagged = np.cumsum(weights[order] * labels[order]), np.cumsum(weights[order])
    return float(np.sum(weights[order] * labels[order] / hits[-1] * hits / flagged))


def average(submission, labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> None:
    """Expect the average precision."""
    every = np.ones(len(labels)) if weights is None else weights
    wanted = average_precision_score(labels, scores, sample_weight=weights) if labels.any() else 0.0
    mistakes = {}
    if labels.any():
        mistakes["rows with the same score were taken one after the other"] = steps(labels, scores, every)
        if weights is not None:
            mistakes["the weights were not used"] = average_precision_score(labels, scores)
    args = (labels, scores) if weights is None else (labels, scores, weights)
    equal(submission.average_precision(*args), wanted, mistakes, RARER)


@checks("4.1a", weight=0)
def test_average_two(submission):
    """Gives two tables two different values."""
    labels = np.array([True, False, True, False])
    for scores in (np.array([0.9, 0.8, 0.7, 0.1]), np.array([0.1, 0.7, 0.8, 0.9])):
        average(submission, labels, scores)


@checks("4.1a", examples=(10, 40))
@given(rows=ranked())
def test_average(submission, rows):
    """Equals scikit-learn's average precision, also where scores are equal."""
    average(submission, *rows)


@checks("4.1a", weight=2, examples=(10, 40))
@given(rows=weighted(ranked()))
def test_average_weights(submission, rows):
    """Counts each row with its weight."""
    average(submission, *rows)


@checks("4.1a", examples=(3, 10))
@given(rows=ranked(both=False, least=1), true=st.booleans())
def test_average_one_class(submission, rows, true):
    """Has a value where all labels are equal."""
    average(submission, np.full(len(rows[0]), true), rows[1])


@checks("4.1a", weight=6, public=False, live=False, examples=(1, 80))
@given(rows=weighted(ranked(both=False, least=1)))
def test_average_everything(submission, rows):
    """Does all of it at once."""
    average(submission, *rows)
    average(submission, *rows[:2])
    average(submission, np.zeros(len(rows[0]), bool), *rows[1:])


# --- 4.1b


def lift(submission, labels: np.ndarray, scores: np.ndarray, k: int) -> None:
    """Expect the lift."""
    inside = min(k, len(labels))
    expected = (
        pl.DataFrame({"label": labels, "score": scores})
        .with_columns(pl.col("label").cast(float).mean().over("score"))
        .sort("score", descending=True)["label"][:inside]
        .sum()
    )
    mistakes = {}
    wanted = 0.0
    if labels.any():
        wanted = expected / inside / labels.mean()
        order = np.argsort(-scores, kind="stable")
        edge = scores[order[inside - 1]]
        first = labels[order[:inside]].sum()
        mistakes = {
            "the customers at the edge were taken in the order of the table": first / inside / labels.mean(),
            "the customers at the edge were taken in the order of the table backwards": (
                labels[::-1][np.argsort(-scores[::-1], kind="stable")[:inside]].mean() / labels.mean()
            ),
            "everybody with the score at place `k` was called": labels[scores >= edge].mean() / labels.mean(),
            "that is the precision, before it is divided by the share of leavers": expected / inside,
            "the hits were divided by a `k` that is larger than the table": expected / k / labels.mean(),
        }
    equal(submission.lift_at(labels, scores, k), wanted, mistakes, METRICS)


@checks("4.1b", weight=0)
def test_lift_two(submission):
    """Gives two tables two different values."""
    labels = np.array([True, False, False, False])
    for scores in (np.array([0.9, 0.8, 0.7, 0.1]), np.array([0.8, 0.9, 0.7, 0.1])):
        lift(submission, labels, scores, 1)
        lift(submission, labels, scores, 2)


@checks("4.1b", weight=2, examples=(20, 60))
@given(rows=ranked(), k=st.integers(1, 4))
def test_lift(submission, rows, k):
    """Shares the last places among customers with the same score."""
    lift(submission, *rows, min(k, len(rows[0])))


@checks("4.1b", examples=(5, 20))
@given(rows=ranked(), more=st.integers(0, 5))
def test_lift_all(submission, rows, more):
    """Calls everybody where there are more calls than customers."""
    lift(submission, *rows, len(rows[0]) + more)


@checks("4.1b", examples=(3, 10))
@given(rows=ranked(both=False, least=1), true=st.booleans())
def test_lift_one_class(submission, rows, true):
    """Has a value where all labels are equal."""
    lift(submission, np.full(len(rows[0]), true), rows[1], 1)


@checks("4.1b", weight=6, public=False, live=False, examples=(1, 80))
@given(rows=ranked(both=False, least=1), k=st.integers(1, 12))
def test_lift_everything(submission, rows, k):
    """Does all of it at once."""
    lift(submission, *rows, k)
    lift(submission, np.zeros(len(rows[0]), bool), rows[1], k)
    many = np.random.default_rng(k).random(300)
    lift(submission, many < 0.3, np.round(many + np.arange(300) / 300, 1), 100 + 20 * k)
    for more in range(1, 5):  # the middle between the best order and the worst one is not the expected value
        lift(submission, np.array([True] + [False] * more), np.full(more + 1, 0.5), 1)


# --- 4.1c

RISKS = st.sampled_from([0.01, 0.1, 0.25, 0.5, 0.8, 0.99])


@st.composite
def loans(draw: st.DrawFn, certain: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Labels and risks of a few loans; `certain` risks are 0 or 1, and one of them is wrong."""
    rows = draw(st.lists(st.tuples(st.booleans(), RISKS), min_size=2, max_size=8))
    if certain:
        rows += [(draw(label), risk) for label in [st.booleans()] for risk in (0.0, 1.0)]
        rows.append((True, 0.0))
    rows = draw(st.permutations(rows))
    return np.array([label for label, _ in rows]), np.array([risk for _, risk in rows])


def loss(submission, labels: np.ndarray, risks: np.ndarray, weights: np.ndarray | None = None) -> None:
    """Expect the log loss."""
    wanted = log_loss(labels, risks, sample_weight=weights, labels=[False, True])
    swapped = log_loss(~labels, risks, sample_weight=weights, labels=[False, True])
    clipped = np.clip(risks, 1e-15, 1 - 1e-15)
    mistakes = {
        "labels and probabilities are the wrong way round": swapped,
        "the sum was taken, not the mean": wanted * (len(labels) if weights is None else weights.sum()),
        "the logarithm has the base 2": wanted / math.log(2),
        "probabilities were clipped to another limit than EPS": log_loss(
            labels, clipped, sample_weight=weights, labels=[False, True]
        ),
    }
    if weights is not None:
        mistakes["the weights were not used"] = log_loss(labels, risks, labels=[False, True])
        mistakes["the weighted sum was divided by the number of rows"] = wanted * weights.mean()
    args = (labels, risks) if weights is None else (labels, risks, weights)
    equal(submission.credit_loss(*args), wanted, mistakes, BELIEVE)


@checks("4.1c", weight=0, examples=(5, 20))
@given(rows=loans())
def test_loss(submission, rows):
    """Equals scikit-learn's log loss."""
    loss(submission, *rows)


@checks("4.1c", examples=(5, 20))
@given(rows=weighted(loans()))
def test_loss_weights(submission, rows):
    """Counts each row with its weight."""
    loss(submission, *rows)


@checks("4.1c", weight=2, examples=(5, 20))
@given(rows=loans(certain=True))
def test_loss_certain(submission, rows):
    """Is finite where a stated certainty was wrong."""
    loss(submission, *rows)


@checks("4.1c", weight=5, public=False, live=False, examples=(1, 60))
@given(rows=weighted(loans(certain=True)), true=st.booleans())
def test_loss_everything(submission, rows, true):
    """Does all of it at once."""
    loss(submission, *rows)
    loss(submission, *rows[:2])
    loss(submission, np.full(len(rows[0]), true), *rows[1:])


# --- 4.1d

METRIC_OF = {"fraud": "average precision", "churn": "lift", "credit": "log loss"}


def cases(rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Three tables with two models each; which model is better differs from metric to metric."""
    tables = {}
    for case, share in (("fraud", 0.03), ("churn", 0.2), ("credit", 0.05)):
        labels = rng.random(2_000) < share
        odds = np.log(share / (1 - share)) + np.where(labels, 1.5, 0) + rng.normal(0, 1, (2, 2_000))
        # One model ranks a little better, the other one states more sober probabilities.
        odds[0] = odds[0] * rng.choice([0.6, 1.8]) + rng.normal(0, 0.6)
        odds[1] = odds[1] * rng.choice([0.6, 1.8]) + rng.normal(0, 0.6)
        digits = 2 if case == "churn" else 6  # several customers share the score at place 100
        a, b = (1 / (1 + np.exp(-odds))).round(digits).clip(10**-digits, 1 - 10**-digits)
        tables[case] = pl.DataFrame({"label": labels, "a": a, "b": b})
    return tables


def metric(name: str, labels: np.ndarray, scores: np.ndarray) -> float:
    """The value of one of the four metrics."""
    if name == "average precision":
        return average_precision_score(labels, scores)
    if name == "log loss":
        return log_loss(labels, scores)
    if name == "accuracy":
        return float(((scores >= 0.5) == labels).mean())
    above = np.sort(scores)[::-1][99]
    hits = labels[scores > above].sum() + (100 - (scores > above).sum()) * labels[scores == above].mean()
    return float(hits / 100 / labels.mean())


def chosen(submission, tables: dict[str, pl.DataFrame]) -> list[dict]:
    """The three choices; their form is right, and their numbers are."""
    answer = submission.choices(tables)
    if not isinstance(answer, list | tuple) or not all(isinstance(one, dict) for one in answer):
        raise Mismatch("a list of dicts", got=kind_of(answer))
    cases_of = [one.get("case") for one in answer]
    expect(
        cases_of == list(METRIC_OF),
        "one choice for fraud, churn and credit, in this order",
        got=f"{cases_of!r:.80}",
    )
    for one in answer:
        name, table = one.get("metric"), tables[one["case"]]
        if name not in ("average precision", "lift", "log loss", "accuracy"):
            raise Mismatch("one of the four metrics", got=f"{name!r:.80}", reread=METRICS)
        for model in "ab":
            true = metric(name, table["label"].to_numpy(), table[model].to_numpy())
            if abs(number(one.get(model)) - true) > 0.001:
                raise Mismatch(
                    f"{true:.4f} as the {name} of model {model} ({one['case']})", got=f"{one[model]:.4f}"
                )
    return list(answer)


def fits(answer: list[dict]) -> None:
    """Expect the metric that each decision asks for."""
    for one in answer:
        expect(
            one["metric"] == METRIC_OF[one["case"]],
            f"another metric for {one['case']}",
            got=one["metric"],
            because="read the decision again: who acts, on how many rows, and does the probability itself matter",
            reread=METRICS,
        )


def decides(answer: list[dict]) -> None:
    """Expect the model that is better by its metric."""
    for one in answer:
        less = one["metric"] == "log loss"
        better = "a" if (one["a"] < one["b"]) == less else "b"
        equally_good = abs(one["a"] - one["b"]) <= 0.002 and one.get("choice") in ("a", "b")
        expect(
            one.get("choice") == better or equally_good,
            f"model {better} for {one['case']}",
            got=f"{one.get('choice')!r:.40}",
            because="a smaller log loss is better" if less else f"a larger {one['metric']} is better",
        )


@checks("4.1d", weight=0)
def test_values(submission, seed):
    """States values that the grader finds again."""
    for at in range(2):
        chosen(submission, cases(np.random.default_rng([seed, at])))


@checks("4.1d")
def test_fits(submission, seed):
    """Chooses a metric that fits each decision."""
    fits(chosen(submission, cases(np.random.default_rng([seed, 2]))))


@checks("4.1d")
def test_decides(submission, seed):
    """Chooses the model that is better by its metric."""
    for at in range(3, 6):
        decides(chosen(submission, cases(np.random.default_rng([seed, at]))))


@checks("4.1d", weight=4, public=False, live=False)
def test_choices_elsewhere(submission, seed):
    """Does all of it with other tables."""
    for at in range(10, 20):
        answer = chosen(submission, cases(np.random.default_rng([seed, at])))
        fits(answer)
        decides(answer)
