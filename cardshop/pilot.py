"""The pilot of a new service: its thirty days in numbers, and recordings of its metrics with incidents planted."""

import re

import numpy as np
import polars as pl

from cardshop.recordings import Kind, Recording, Stack, as_counter, as_gauge

DAYS = 30
ALERTS = {
    "errors": Kind("5 to 60 % of the calls fail", "page", 25),
    "bursts": Kind("20 to 40 % of the calls fail, in one minute of four", "page", 25),
    "few errors": Kind("0.4 to 0.5 % of the calls fail, all day", "ticket", 24 * 60, ("page",)),
    "slow": Kind("50 to 90 % of the calls are slow", "page", 25),
    "away": Kind("no replica answers Prometheus", "page", 10),
    "no model": Kind("both replicas start and find no good model", "page", 15),
    "key": Kind("50 to 90 % of the calls are refused with 401", "page", 25),
    "one type": Kind("a new version answers, and nine cards of ten get the same type", "page", 60),
    "broken": Kind("a promotion can't be followed, and the last good model answers", "ticket", 60, ("page",)),
    "two versions": Kind(
        "one replica doesn't follow a promotion, so two versions answer", "ticket", 60, ("page",)
    ),
    "well": Kind("a day on which all is well", never=("page", "ticket")),
    "promotion": Kind(
        "for three minutes the champion is broken, then replicas answer with two versions for two minutes",
        never=("page", "ticket"),
    ),
    "blip": Kind("for three minutes 10 to 15 % of the calls fail", never=("page",)),
    "night": Kind("one or two calls come in a minute, and at most nine fail or are refused", never=("page",)),
    "client": Kind("a broken client sends 200 calls in three minutes and gives up", never=("page",)),
    "release": Kind("each replica restarts once, and is away for two minutes at most", never=("page",)),
    "replica": Kind("one of two replicas is away for an hour, and the other answers", never=("page",)),
    "idle": Kind("no calls come for an hour", never=("page",)),
}
"""Recordings of the service, and which alert is due in each."""


def hours(seed: int) -> pl.DataFrame:
    """Return a row for each hour: `hour` from 0, `calls`, and how many of them `failed` or were `slow`."""
    rng = np.random.default_rng([seed, 13])
    hour = np.arange(DAYS * 24)
    by_day = np.clip(np.sin((hour % 24 - 7) / 15 * np.pi), 0, None) * (hour % 24 < 22)
    calls = rng.poisson(8 + rng.uniform(2_000, 6_000) * by_day * rng.uniform(0.8, 1.2, len(hour)))
    share = np.full(len(hour), rng.uniform(0.0001, 0.0004))
    share[-7 * 24 :] = rng.choice([0.0002, 0.0005, 0.0013])
    busy = np.flatnonzero(by_day > 0.5)
    for one in rng.choice(busy, rng.integers(2, 5), replace=False):
        share[one] = rng.uniform(0.01, 0.06)
    failed = rng.binomial(calls, share)
    nights = rng.choice(np.flatnonzero((by_day == 0) & (calls > 0)), 6, replace=False)
    failed[nights] = np.maximum(failed[nights], 1)  # one call of eight: a high rate, and nearly no budget
    slow = rng.binomial(calls - failed, rng.choice([0.004, 0.006, 0.013], p=[0.4, 0.4, 0.2]))
    return pl.DataFrame({"hour": hour, "calls": calls, "failed": failed, "slow": slow})


def recording(name: str, seed: int) -> Recording:
    """A recording of ALERTS. Raises KeyError for another name."""
    kind, rng = ALERTS[name], np.random.default_rng([seed, *name.encode(), 2])
    begins = int(rng.integers(40, 56))
    lasts, minutes = {
        "away": (20, 90),
        "no model": (30, 100),
        "one type": (70, 140),
        "broken": (100, 150),
        "two versions": (100, 150),
        "promotion": (5, 110),
        "blip": (3, 110),
        "night": (0, 130),
        "client": (3, 110),
        "release": (8, 100),
        "replica": (60, 125),
        "idle": (60, 130),
    }.get(name, (42, 145))
    if kind.due == "ticket" and name == "few errors" or name == "well":
        stack, begins, lasts = Stack.of_a_day(rng), 4 * 60, 24 * 60
    else:
        stack = Stack.of_hours(rng, minutes, rng.uniform(200, 900))
    cause = slice(stack.slot(begins) + 1, stack.slot(begins + lasts) + 1)
    size, shows = len(stack.calls), "failed calls"
    versions, broken = np.full((2, size), 41), np.zeros((2, size), bool)  # replica, slot; 0 is no version
    shares = rng.permutation(rng.dirichlet([40, 30, 20, 10]))[:, None] * np.ones(size)  # type, slot
    match name:
        case "errors":
            stack.errors[cause] = rng.uniform(0.055, 0.6)
        case "bursts":
            stack.errors[cause][::4] = rng.uniform(0.24, 0.4)
        case "few errors":
            stack.errors[cause] = rng.uniform(0.004, 0.005)
        case "slow":
            stack.slow[cause] = rng.uniform(0.5, 0.9)
            shows = "slow predictions"
        case "away":
            stack.up[:, cause] = False
        case "no model":
            stack.up[0, cause.start] = stack.up[1, cause.start + 1] = False
            stack.errors[cause] = 1
            versions[:, cause], broken[:, cause] = 0, True
        case "key":
            stack.refused[cause] = rng.uniform(0.5, 0.9)
            shows = "refused calls"
        case "one type":
            versions[:, cause.start :] = 42
            shares[:, cause] = 0.1 / 3
            shares[rng.integers(4), cause] = 0.9
            shows = "share of the most frequent type"
        case "broken":
            broken[:, cause] = True
            shows = "replicas that can't follow the champion"
        case "two versions":
            versions[0, cause.start :], versions[1, cause.stop :] = 42, 42
            shows = "versions that answer"
        case "promotion":
            broken[:, cause.start : cause.start + 3] = True
            versions[0, cause.start + 3 :] = versions[1, cause.stop :] = 42
            shows = "versions that answer"
        case "blip":
            stack.errors[cause] = rng.uniform(0.1, 0.15)
        case "night":
            stack.calls[:] = rng.uniform(1, 2)
            stack.errors[:] = stack.slow[:] = stack.refused[:] = 0
            some = rng.choice(np.arange(60, 115), int(rng.integers(5, 9)), replace=False)
            failing = rng.random() < 0.5
            (stack.failing if failing else stack.rejected)[some] = 1
            shows = "failed calls" if failing else "refused calls"
        case "client":
            stack.rejected[cause] = 66
            shows = "refused calls"
        case "release":
            stack.calls[:] = rng.uniform(100, 200)
            for replica, start in zip(stack.up, (begins, begins + 4), strict=True):
                replica[start : start + int(rng.integers(1, 3))] = False
        case "replica":
            stack.up[rng.integers(2), cause] = False
        case "idle":
            stack.calls[cause] = 0
    played, curves = stack.played(rng)
    with np.errstate(invalid="ignore", divide="ignore"):
        answered = curves.pop("answered") * (1 - np.nan_to_num(curves["failed calls"]))
    series = _renamed(played, refused="401" if name == "key" else "422")
    series |= _models(rng, stack, answered, versions, broken, shares)
    curves |= {
        "share of the most frequent type": shares.max(0),
        "replicas that can't follow the champion": broken.sum(0),
        "versions that answer": 1 + (versions[0] != versions[1]),
    }
    caused = name not in ("well", "night")
    ends = begins + lasts if caused and begins + lasts < stack.minutes else None
    curve = curves[shows].tolist()
    return Recording(
        name, kind, series, stack.minutes, stack.step, begins if caused else None, ends, shows, curve
    )


LIMITS = {"0.2": "0.25", "2.0": "2.5", "5.0": ""}
"""Bounds of the stack's buckets, and what stands for them here; "" is left out."""


def _renamed(series: dict[str, str], refused: str) -> dict[str, str]:
    """The stack's calls to `/v1/predict` under the names of this service."""
    found = {}
    for name, values in series.items():
        if 'path="/v1/predict"' not in name and not name.startswith("up{"):
            continue
        name = name.replace('path="/v1/predict", ', "").replace(', path="/v1/predict"', "")
        name = name.replace("cardshop_", "sorter_").replace('"service', '"sorter')
        if (limit := re.search(r'le="(.+?)"', name)) and limit[1] in LIMITS:
            if not LIMITS[limit[1]]:
                continue
            name = name.replace(limit[0], f'le="{LIMITS[limit[1]]}"')
        if 'status="422"' in name:
            other = "401" if refused == "422" else "422"
            known = re.sub(r"[^ _stale]+", "0", values)  # there from the start, at 0
            found[name.replace('"422"', f'"{other}"')] = known
            name = name.replace('"422"', f'"{refused}"')
        found[name] = values
    return found


def _models(
    rng: np.random.Generator,
    stack: Stack,
    answered: np.ndarray,
    versions: np.ndarray,
    broken: np.ndarray,
    shares: np.ndarray,
) -> dict[str, str]:
    """What the replicas say about cards and models."""
    series = {}
    for number, up in enumerate(stack.up):
        there = f'job="sorter", instance="sorter-{number + 1}"'
        mine = answered * up / np.maximum(stack.up.sum(0), 1)
        for kind, share in zip(("Fire", "Grass", "Psychic", "Water"), shares, strict=True):
            name = f'sorter_cards_total{{{there}, card_type="{kind}"}}'
            series[name] = as_counter(rng.poisson(8 * mine * share), up)
        for version in np.unique(versions[versions > 0]):
            serves = up & (versions[number] == version)
            if serves.any():
                name = f'sorter_model_info{{{there}, version="{version}"}}'
                series[name] = as_gauge(np.ones(len(up)), serves)
        series[f"sorter_champion_broken{{{there}}}"] = as_gauge(broken[number], up)
    return series
