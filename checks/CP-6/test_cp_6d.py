"""CP-6: a script becomes a service, with a champion that it follows, metrics, alerts, a manifest and a decision."""

import math
import re

import numpy as np
import polars as pl
import pytest

from cardshop import pilot
from checks.shared.seeds import seed_of, told
from grader.engine import Mismatch, checks, expect, kind_of, remembered

BUDGET = "What may wake you?"

# --- CP-6d

OBJECTIVE = 0.001  # of the calls may fail
NUMBERS = ("budget", "used", "burn", "pages", "pace", "slow", "minutes")
CLOSE = 0.01
WEEK = 7 * 24


@remembered
def recorded(seed: int) -> pl.DataFrame:
    """The pilot of a seed."""
    return pilot.hours(seed)


def truth(hours: pl.DataFrame) -> dict[str, object]:
    """What the table says; `worst` are all hours that used as much."""
    calls, failed, slow = (hours[name].to_numpy() for name in ("calls", "failed", "slow"))
    budget = OBJECTIVE * calls.sum()
    used, pace = failed.sum() / budget, failed[-WEEK:].sum() / calls[-WEEK:].sum() / OBJECTIVE
    worst = np.flatnonzero(failed == failed.max())
    return {
        "budget": budget,
        "used": used,
        "worst": worst.tolist(),
        "burn": failed[worst[0]] / calls[worst[0]] / OBJECTIVE,
        "pages": int((failed > 0.02 * budget).sum()),
        "pace": pace,
        "slow": slow.sum() / calls.sum(),
        "minutes": max(budget - failed.sum(), 0) / calls.max() * 60,
        "go": bool(used <= 0.75 and pace <= 1 and slow.sum() / calls.sum() <= 0.01),
    }


def mistaken(hours: pl.DataFrame) -> dict[str, dict[str, float]]:
    """What people compute in place of a number, and what gives it away."""
    calls, failed, slow = (hours[name].to_numpy().astype(float) for name in ("calls", "failed", "slow"))
    shares = np.divide(failed, calls, out=np.zeros_like(failed), where=calls > 0)
    seen = calls > 0
    budget, rest = OBJECTIVE * calls.sum(), max(OBJECTIVE * calls.sum() - failed.sum(), 0)
    mean = "this is the mean of the hours' shares: an hour with eight calls weighs as much as a busy one"
    week = slice(-WEEK, None)
    return {
        "used": {mean: shares[seen].mean() / OBJECTIVE, "this is in percent": 100 * failed.sum() / budget},
        "burn": {
            "this is the highest burn rate of any hour, and hardly any call came in that hour": shares.max()
            / OBJECTIVE
        },
        "pages": {
            "these are the hours with a burn rate above 14.4, also those in which eight calls came": float(
                (shares > 14.4 * OBJECTIVE).sum()
            )
        },
        "pace": {
            mean: shares[week][seen[week]].mean() / OBJECTIVE,
            "this is the burn rate of all thirty days": failed.sum() / budget,
            "the failed calls of the week are divided by the budget of the month": failed[week].sum()
            / budget,
        },
        "slow": {
            mean: (slow[seen] / calls[seen]).mean(),
            "this is in percent": 100 * slow.sum() / calls.sum(),
        },
        "minutes": {
            "this is the rest in a mean hour": rest / calls.mean() * 60,
            "this is the whole budget, and a part of it is used": budget / calls.max() * 60,
            "this is in hours": rest / calls.max(),
        },
    }


def wrong(submission, name: str) -> str:
    """What is wrong about one number, in a sentence; empty if it is right."""
    answer = told(submission, "numbers")
    if not isinstance(answer, dict) or not {"seed", "worst", "go", *NUMBERS} <= set(answer):
        raise Mismatch(f"a dict with seed, worst, go, {', '.join(NUMBERS)}", got=kind_of(answer))
    hours = recorded(seed_of(answer))
    true, said = truth(hours)[name], answer[name]
    if name == "go":
        if not isinstance(said, bool | np.bool_):
            raise Mismatch("True or False as go", got=f"{said!r:.40}")
        return "" if said == true else "the rule and the numbers of this pilot say otherwise"
    if isinstance(said, bool) or not isinstance(said, int | float | np.number) or not math.isfinite(said):
        raise Mismatch(f"a number as {name}", got=f"{said!r:.40}")
    if name == "worst":
        return (
            ""
            if said in true
            else f"in hour {true[0]} more calls failed"
            if said in range(720)
            else "there is no such hour"
        )
    if abs(said - true) <= CLOSE * abs(true):
        return ""
    slips = mistaken(hours).get(name, {})
    near = (why for why, value in slips.items() if abs(said - value) <= 0.001 * abs(value))
    return next(near, f"{name} is not {said:.4g}")


@checks("CP-6d", weight=0)
def test_budget(submission):
    """Says how many calls may fail, and which share of them has failed."""
    for name in ("budget", "used"):
        if problem := wrong(submission, name):
            raise Mismatch(f"the right {name}", because=problem, reread=BUDGET)


@checks("CP-6d")
@pytest.mark.parametrize("name", ["worst", "burn", "pages", "pace", "slow", "minutes"])
def test_number(submission, name):
    """Is right about this number"""
    if problem := wrong(submission, name):
        raise Mismatch(f"the right {name}", because=problem, reread=BUDGET)


@checks("CP-6d", weight=8)
def test_decision(submission, record_property):
    """Decides by the rule, from numbers all of which are right."""
    record_property("seed", told(submission, "numbers")["seed"])
    problems = [(name, problem) for name in ("go", "worst", *NUMBERS) if (problem := wrong(submission, name))]
    if problems:
        raise Mismatch(f"the right {problems[0][0]}", because=problems[0][1], reread=BUDGET)


# --- CP-6e

LONG = 150  # words


@checks("CP-6e")
def test_launch(submission):
    """Has a hundred and fifty words or more for a reviewer to read."""
    words = re.findall(r"[^\W\d_]{2,}", submission.text("launch").lower())
    expect(len(words) >= LONG, f"{LONG} words or more", got=f"{len(words)} words")
