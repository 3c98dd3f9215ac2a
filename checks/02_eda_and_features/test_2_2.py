"""2.2: six reported scores: name the leak, and report the score that production will see."""

import numpy as np
import polars as pl
import pytest
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, TargetEncoder

from cardshop.leakage import LEAKS
from cardshop.world.truth.randomness import generator
from cardshop.world.truth.samples import SAMPLES, Draw
from grader.engine import Mismatch, checks, expect, remembered

LEAKAGE = "Leakage in five disguises"
KINDS = {
    "score_sold": ("target",),
    "score_clicks": ("preprocessing",),
    "score_returns": ("none",),
    "score_played": ("group",),
    "score_staff": ("none",),
    "score_trend": ("temporal", "target"),
}
SAMPLE = {
    "score_sold": "offers",
    "score_clicks": "adverts",
    "score_returns": "parcels",
    "score_played": "scans",
    "score_staff": "demand",
    "score_trend": "demand",
}
TABLES = 6  # the mean over so many is compared
# How far an honest score may be from 0.5 on random labels, below production, and above it: beyond three standard
# deviations of honest answers (one split instead of cross-validation included), and below what leaks.
RANDOM, BELOW, ABOVE = 0.07, 0.055, 0.07
ROOM = {"score_played": (0.1, 0.06, 0.11), "score_clicks": (0.08, 0.07, 0.07)}


def of_each(**declared: object) -> pytest.MarkDecorator:
    """One check for each of the six tasks."""
    return pytest.mark.parametrize(
        "name",
        [
            pytest.param(name, id=name, marks=checks(f"2.2{letter}", **declared))
            for letter, name in zip("abcdef", KINDS, strict=True)
        ],
    )


def draws(name: str, seed: int, signal: bool) -> list[Draw]:
    return [SAMPLES[SAMPLE[name]][0](generator(seed, name, str(number)), signal) for number in range(TABLES)]


@remembered
def tables(name: str, seed: int, signal: bool) -> list[pl.DataFrame]:
    return [draw(SAMPLES[SAMPLE[name]][1]) for draw in draws(name, seed, signal)]


def answer(submission, name: str, table: pl.DataFrame) -> tuple[str, float]:
    """Call the function; what comes back is a leak and a score."""
    given = getattr(submission, name)(table)
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise Mismatch("the leak and the score", got=f"{given!r}")
    leak, score = given
    if not isinstance(leak, str) or leak not in LEAKS:
        raise Mismatch(f"one of {', '.join(LEAKS)} as the leak", got=f"{leak!r}")
    score = score.item() if isinstance(score, np.generic) else score
    if not isinstance(score, float | int) or not 0 <= score <= 1:
        raise Mismatch("an accuracy between 0 and 1", got=f"{score!r}")
    return leak, float(score)


def mean_score(submission, name: str, seed: int, signal: bool) -> float:
    return float(np.mean([answer(submission, name, table)[1] for table in tables(name, seed, signal)]))


@remembered
def production(name: str, seed: int) -> float:
    """Train the model of the task on each table, without a leak, and score it on thousands of fresh rows."""
    return float(np.mean([_production(name, draw) for draw in draws(name, seed, signal=True)]))


def _production(name: str, draw: Draw) -> float:
    table, fresh = draw(SAMPLES[SAMPLE[name]][1]), draw(6_000)
    lag = pl.col("sold").shift(1)
    match name:
        case "score_sold":
            columns = ["asking_price", "fair_price", "photos"]
            model = make_pipeline(StandardScaler(), LogisticRegression())
        case "score_clicks":
            columns = [column for column in table.columns if column != "clicked"]
            model = make_pipeline(SelectKBest(k=20), LogisticRegression())
        case "score_returns":
            model, columns = make_pipeline(TargetEncoder(), LogisticRegression()), ["seller_id"]
        case "score_played":
            model, columns = KNeighborsClassifier(5), table.columns[1:-1]
        case _:
            table, fresh = (
                days.with_columns(yesterday=lag, lately=lag.rolling_mean(3)).drop_nulls()
                for days in (table, fresh)
            )
            columns = ["yesterday", "lately"] if name == "score_staff" else ["lately"]
            model = make_pipeline(StandardScaler(), LogisticRegression())
    outcome = {
        "offers": "sold",
        "adverts": "clicked",
        "parcels": "returned",
        "scans": "played",
        "demand": "busy",
    }
    truth = outcome[SAMPLE[name]]
    model.fit(table.select(columns).to_numpy(), table[truth].to_numpy())
    return model.score(fresh.select(columns).to_numpy(), fresh[truth].to_numpy())


@of_each(weight=0)
def test_named(submission, seed, name):
    """Names the leak, and measures the score"""
    random = tables(name, seed, signal=False)
    leak, score = answer(submission, name, random[0])
    if leak in KINDS[name]:
        found = {
            score,
            *(answer(submission, name, table)[1] for table in tables(name, seed, signal=True)[:3]),
        }
        expect(len(found) > 1, "a score that is measured", got=f"{score:g} for each of four different tables")
        return
    shipped = float(np.mean([getattr(submission.shipped, name)(table)[1] for table in random]))
    if leak == "none":
        because = (
            f"as handed out it reports {shipped:.2f} on random labels, where nobody can do better than 0.5"
        )
    elif KINDS[name] == ("none",):
        because = f"as handed out it reports {shipped:.2f} on random labels, as it should"
    else:
        because = f"there is a leak, but not of the kind “{LEAKS[leak]}”"
    raise Mismatch("another key of LEAKS", because=because, reread=LEAKAGE)


@of_each(weight=0)
def test_random_labels(submission, seed, name):
    """Reports about 0.5 when the labels are random"""
    found = mean_score(submission, name, seed, signal=False)
    most, _, _ = ROOM.get(name, (RANDOM, BELOW, ABOVE))
    expect(
        abs(found - 0.5) <= most,
        f"about 0.5, the mean over {TABLES} tables whose labels are random",
        got=f"{found:.2f}",
        because="nothing can be learned from random labels, so the score has seen the answer"
        if found > 0.5
        else "that is worse than chance: check that every label still belongs to its row",
        reread=LEAKAGE,
    )


@of_each()
def test_production(submission, seed, name):
    """Reports the score that production will see"""
    found, true = mean_score(submission, name, seed, signal=True), production(name, seed)
    _, below, above = ROOM.get(name, (RANDOM, BELOW, ABOVE))
    expect(
        -below <= found - true <= above,
        f"about {true:.2f}, as on thousands of new rows",
        got=f"{found:.2f}",
        because="that is more than this model reaches with what production knows"
        if found > true
        else "that is less than this model reaches with what production knows",
        reread=LEAKAGE,
    )
