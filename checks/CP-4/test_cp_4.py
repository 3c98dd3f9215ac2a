"""CP-4: every number of the card is asked of the model again, on cards that nobody has seen.

The model lives with the submission. It answers with types, and everything is computed from these answers here.
"""

import math
import re

import numpy as np
import polars as pl
from scipy.stats import binomtest

from cardshop.training.classifier import LABEL
from checks.shared.worlds import World, worlds
from grader.engine import Handle, Mismatch, checks, expect, kind_of

BOARD = "What does the board read?"
SURE = "How sure are you of the number?"
PATTERN = "Is there a pattern in the mistakes?"
KEYS = {"metric", "slice", "rows", "value", "low", "high"}
SLICED, LEAST, GAP, BAR = ["rarity", "stage", "legendary"], 20, 0.1, 0.8
STATS = ["hp", "attack", "defense", "special_attack", "special_defense", "speed"]
LEARNED = 700  # cards that the model learns from: fitting has to be quick


def fitted(submission, world: World) -> Handle:
    """The submitted model, fitted on cards of a world."""
    train = world.train.head(LEARNED)
    model = submission.board_model(train.drop(LABEL), train[LABEL].to_numpy())
    if not isinstance(model, Handle):
        raise Mismatch("a fitted model from board_model", got=kind_of(model))
    return model


def judged(model: Handle, cards: pl.DataFrame) -> pl.DataFrame:
    """The cards, with `right`: whether the model's answer is the type."""
    answers = np.asarray(model.predict(cards.drop(LABEL))).reshape(-1)
    expect(len(answers) == cards.height, f"{cards.height} predictions", got=f"{len(answers)}")
    return cards.with_columns(right=pl.Series(answers.astype(str) == cards[LABEL].to_numpy().astype(str)))


def key(one: dict) -> tuple:
    """What a claim is about."""
    return (one["metric"], *sorted((name, str(value)) for name, value in one["slice"].items()))


def wanted(metric: str, table: pl.DataFrame, **where: object) -> tuple[tuple, tuple[int, int]]:
    """What a claim is about, and the two numbers that decide it: right, of rows."""
    part = (
        table.filter(pl.col(name).eq_missing(pl.lit(value)) for name, value in where.items())
        if where
        else table
    )
    right = part[LABEL].value_counts()["count"].max() if metric == "baseline" else part["right"].sum()
    return key({"metric": metric, "slice": where}), (int(right), part.height)


def stated(answer: object) -> dict[tuple, dict]:
    """The claims of a submission by what they are about; their form is right."""
    if not isinstance(answer, list | tuple):
        raise Mismatch("a list of claims", got=kind_of(answer), reread=BOARD)
    found = {}
    for at, one in enumerate(answer, start=1):
        if not isinstance(one, dict) or set(one) != KEYS or not isinstance(one["slice"], dict):
            raise Mismatch(f"the keys {', '.join(sorted(KEYS))} in claim {at}", got=f"{one!r:.150}")
        for name in ("rows", "value", "low", "high"):
            value = one[name]
            number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
            if not number or not math.isfinite(value):
                raise Mismatch(f"a finite number as `{name}` in claim {at}", got=f"{value!r:.60}")
        if key(one) in found:
            raise Mismatch("each claim once", because=f"{about(key(one))} is claimed twice")
        found[key(one)] = one
    return found


def about(what: tuple) -> str:
    """What a claim is about, in words."""
    return f"{what[0]} of " + (" and ".join(f"{name} {value}" for name, value in what[1:]) or "all cards")


def holds(one: dict, right: int, rows: int) -> None:
    """Expect a claim that says what was recomputed, as surely as so many cards allow."""
    name, true = about(key(one)), right / rows
    expect(one["rows"] == rows, f"{rows} rows for the {name}", got=f"{one['rows']}", reread=BOARD)
    if abs(one["value"] - true) > 0.001:
        raise Mismatch(
            f"{true:.4f} as the {name}", got=f"{one['value']:.4f}", because=f"that is {right} of {rows} cards"
        )
    expect(
        one["low"] <= one["value"] <= one["high"],
        f"an interval around {true:.4f} for the {name}",
        got=f"{one['low']:.4f} to {one['high']:.4f}",
        reread=SURE,
    )
    usual = binomtest(right, rows).proportion_ci(method="wilson")
    ratio = (one["high"] - one["low"]) / (usual.high - usual.low)
    if not 0.6 <= ratio <= 1.6:
        raise Mismatch(
            f"a 95 % interval for the {name}, about {usual.low:.3f} to {usual.high:.3f}",
            got=f"{one['low']:.3f} to {one['high']:.3f}",
            because="the interval is too narrow: other cards would miss it"
            if ratio < 1
            else "the interval is too wide to say anything",
            reread=SURE,
        )


# --- CP-4a


def card(submission, world: World, size: int) -> None:
    """Expect every claim of the card, and each to hold, on so many cards of a world."""
    cards = world.test.head(size)
    model = fitted(submission, world)
    table = judged(model, cards)  # before anything over there sees the types of these cards
    answer = submission.card_claims(world.train.head(LEARNED), cards)
    expected = dict([wanted("accuracy", table), wanted("baseline", table)])
    expected |= dict(
        wanted("accuracy", table, card_type=name) for name in sorted(set(cards[LABEL].to_list()))
    )
    given = stated(answer)
    if missing := [what for what in expected if what not in given]:
        raise Mismatch(
            f"a claim about the {about(missing[0])}",
            because=f"{len(missing)} of the claims are missing",
            reread=BOARD,
        )
    if strange := [what for what in given if what not in expected]:
        raise Mismatch("no other claims", got=f"one about the {about(strange[0])}")
    for what, counts in expected.items():
        holds(given[what], *counts)


@checks("CP-4a", weight=0)
def test_card(submission, seed):
    """States every number of the model card, and each holds for your model on cards of another world."""
    card(submission, worlds(seed, 1)[0], 300)


@checks("CP-4a", weight=0)
def test_learns(submission, seed):
    """Brings a model that is better than its baseline."""
    world = worlds(seed, 1)[0]
    table = judged(fitted(submission, world), world.test)
    usual = table[LABEL].value_counts()["count"].max() / table.height
    expect(
        table["right"].mean() > usual,
        f"more than {usual:.1%}, the share of the most frequent type",
        got=f"{table['right'].mean():.1%}",
    )


@checks("CP-4a", weight=2, public=False, live=False)
def test_card_elsewhere(submission, seed):
    """Does the same in other worlds, with few cards and with many."""
    for world, size in zip(worlds(seed, 4)[1:], (60, 150, 400), strict=True):
        card(submission, world, size)


# --- CP-4b


def blurred(world: World, seed: int, planted: bool = True, size: int = 40) -> pl.DataFrame:
    """Held-out cards with `size` nulls in a column; with `planted`, these and one other slice are shuffled."""
    rng = np.random.default_rng([seed, world.seed])
    cards = world.test
    column = str(rng.choice(SLICED))
    lost = np.zeros(cards.height, bool)
    lost[rng.choice(cards.height, size, replace=False)] = True
    cards = cards.with_columns(pl.when(~pl.Series(lost)).then(pl.col(column)).alias(column))
    if not planted:
        return cards
    other = str(rng.choice(["Common", "Uncommon", "Rare", "Holo"]))
    hit = lost | cards["rarity"].eq_missing(pl.Series([other])).to_numpy()
    shuffled = cards[rng.permutation(cards.height)]
    columns = [*STATS, "species_number", "name", "text"]
    return cards.with_columns(
        pl.when(pl.Series(hit)).then(shuffled[name]).otherwise(cards[name]).alias(name) for name in columns
    )


def slices(submission, world: World, seed: int, planted: bool = True, size: int = 40) -> None:
    """Expect every weak slice and no other, each with numbers that hold."""
    model, cards = fitted(submission, world), blurred(world, seed, planted, size)
    table = judged(model, cards)  # before anything over there sees the types of these cards
    answer = submission.weak_slices(world.train.head(LEARNED), cards)
    whole, expected, near = table["right"].mean(), {}, set()
    for column in SLICED:
        for value in table[column].unique():
            what, (right, rows) = wanted("accuracy", table, **{column: value})
            if rows >= LEAST and abs(right / rows - (whole - GAP)) < 1e-9:
                near.add(what)  # rounding decides
            elif rows >= LEAST and right / rows < whole - GAP:
                expected[what] = right, rows
    given = stated(answer)
    if missing := [what for what in expected if what not in given]:
        right, rows = expected[missing[0]]
        raise Mismatch(
            f"a claim about the {about(missing[0])}",
            because=f"a weak slice is missing: {right} of its {rows} cards are right, of all cards {whole:.1%}",
            reread=PATTERN,
        )
    if strange := [what for what in given if what not in expected and what not in near]:
        raise Mismatch(
            f"slices of {', '.join(SLICED)} that are weak",
            got=f"{about(strange[0])}",
            because="a slice is named that isn't weak, or has too few cards",
            reread=PATTERN,
        )
    for what, counts in expected.items():
        holds(given[what], *counts)


@checks("CP-4b", weight=0)
def test_slices(submission, seed):
    """Names every weak slice of another world, with numbers that hold."""
    slices(submission, worlds(seed, 1)[0], seed)


@checks("CP-4b")
def test_no_alarm(submission, seed):
    """Names weak slices alone where nothing was planted."""
    slices(submission, worlds(seed, 2)[1], seed, planted=False)


@checks("CP-4b", weight=3, public=False, live=False)
def test_slices_elsewhere(submission, seed):
    """Does the same in other worlds."""
    for world, size in zip(worlds(seed, 6)[2:], (LEAST, LEAST - 1, 30, 55), strict=True):
        slices(submission, world, seed, size=size)


# --- CP-4c

LONG = 80  # words


@checks("CP-4c")
def test_page(submission, seed, record_property):
    """Recommends deploy, iterate or abandon, on a page of eighty words or more."""
    text = submission.text("recommendation").lower()
    words = re.findall(r"[^\W\d_]{2,}", text)
    expect(len(words) >= LONG, f"a page of {LONG} words or more", got=f"{len(words)} words")
    said = re.search(r"\b(deploy|iterate|abandon)", text)
    if said is None:
        raise Mismatch("one of the words deploy, iterate and abandon", because="the text has none of them")
    if note := contradiction(submission, said[1], worlds(seed, 1)[0]):
        record_property("for the reviewer", note)


def contradiction(submission, said: str, world: World) -> str:
    """A note for the reviewer where the first recommendation in the text and the numbers disagree; it costs nothing."""
    train, test = world.train, world.test
    model = submission.board_model(train.drop(LABEL), train[LABEL].to_numpy())
    if not isinstance(model, Handle):
        return ""
    right = int(judged(model, test)["right"].sum())
    low = binomtest(right, test.height).proportion_ci(method="wilson").low
    measured = f"in a held-out world the lower end of the accuracy is {low:.1%}, and the bar is {BAR:.0%}"
    if (said == "deploy" and low < BAR) or (said == "abandon" and low >= BAR):
        return f"The text seems to say “{said}”, and {measured}. Please look whether it gives a reason."
    return ""
