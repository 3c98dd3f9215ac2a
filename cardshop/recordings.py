"""Recorded hours of the stack: the series that Prometheus had, what went wrong in them, and which alert was due.

`SERVICE` and `MODEL` are the kinds of recordings. A recording is drawn by its kind and a seed.
"""

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

Severity = Literal["page", "ticket"]


class Kind(NamedTuple):
    """What happens in a recording. A `due` alert fires at most `within` minutes after it began; "" means none is due.

    `never` are the severities that must not fire at any time.
    """

    happens: str
    due: Severity | Literal[""] = ""
    within: int = 0
    never: tuple[Severity, ...] = ()


SERVICE = {
    "errors": Kind("5 to 60 % of the calls fail", "page", 25),
    "bursts": Kind("20 to 40 % of the calls fail, in one minute of four", "page", 25),
    "crashes": Kind("6 to 10 % of the calls fail, and the replicas restart every few minutes", "page", 25),
    "some errors": Kind("2 to 3 % of the calls fail", "page", 60),
    "few errors": Kind("0.4 to 0.5 % of the calls fail, all day", "ticket", 24 * 60, ("page",)),
    "slow": Kind("50 to 90 % of the predictions are slow", "page", 25),
    "some slow": Kind("20 to 30 % of the predictions are slow", "page", 60),
    "few slow": Kind("4 to 5 % of the predictions are slow, all day", "ticket", 24 * 60, ("page",)),
    "away": Kind("no replica answers Prometheus", "page", 10),
    "well": Kind("a day on which all is well", never=("page", "ticket")),
    "blip": Kind(
        "15 % of the calls fail for three minutes; half an hour later, all predictions are slow for three",
        never=("page",),
    ),
    "night": Kind("one or two calls come in a minute, and at most nine are bad", never=("page",)),
    "release": Kind("each replica restarts once, and is away for two minutes at most", never=("page",)),
    "replica": Kind("one of two replicas is away for an hour, and the other answers", never=("page",)),
    "idle": Kind("no calls come for an hour", never=("page",)),
    "refused": Kind("20 to 40 % of the calls are refused with 422", never=("page",)),
}
"""Recordings of the service, for its objectives. A page that was due ends within `ENDS` minutes after its cause."""

MODEL = {
    "refused": Kind("20 to 60 % of the calls to `/v1/predict` are refused with 422", "page", 15),
    "no model": Kind("no model has the alias `champion`", "page", 10),
    "no cards": Kind("no card was predicted for two hours", "page", 30),
    "quality": Kind("the accuracy's interval lies below 0.6, with 200 labels or more", "page", 60),
    "drift": Kind("the PSI of a feature rises above 0.2 and stays there", "ticket", 120, ("page",)),
    "stale": Kind("the last label is older than seven days", "ticket", 120, ("page",)),
    "blind": Kind("the monitor does not answer Prometheus", "ticket", 30, ("page",)),
    "well": Kind("a day on which all is well: PSI up to 0.18, 2 % refused", never=("page", "ticket")),
    "spike": Kind("the PSI of a feature is above 0.2 for twenty minutes", never=("page", "ticket")),
    "client": Kind("a broken client sends 200 calls in three minutes and gives up", never=("page",)),
    "night": Kind("a few calls come in an hour, and at most nine are refused", never=("page",)),
    "pause": Kind("nobody scans for ninety minutes", never=("page", "ticket")),
    "promotion": Kind(
        "the alias moves to another version, and for three minutes no model has it", never=("page",)
    ),
    "few labels": Kind("the accuracy's interval lies below 0.6, with 150 labels at most", never=("page",)),
    "unsure": Kind("the accuracy is below 0.6, and its interval reaches above", never=("page",)),
    "restart": Kind("the monitor restarts, and is away for three minutes", never=("page", "ticket")),
}
"""Recordings of the model and its monitor."""

ENDS = 40
"""Minutes after its cause in which a page has to end."""

SETTLED, SETTLED_DAY = 10, 120
"""Minutes at the beginning of a recording, and of one of a day, in which the windows of rules still fill up."""

MAY_FAIL, MAY_BE_SLOW = 0.001, 0.01
"""The objectives: shares of the calls under /v1/, and of the predictions."""

FAIL, ARE_SLOW = 0.0005, 0.004
"""What is usual on a good day."""


def table(kinds: dict[str, Kind]) -> str:
    """What is due in each kind of recording, as a table in Markdown."""
    rows = ["| recording | what happens | what has to fire | what must not |", "|---|---|---|---|"]
    for name, kind in kinds.items():
        due = f"a {kind.due} within {_time(kind.within)}" if kind.due else ""
        never = " or ".join(f"a {severity}" for severity in kind.never)
        rows.append(f"| {name} | {kind.happens} | {due} | {never} |")
    return "\n".join(rows)


def unknown(rules: str, recording: "Recording") -> list[str]:
    """Return the metrics that alert rules ask for and that a recording does not have, sorted."""
    text = "\n".join(line for line in rules.splitlines() if not line.lstrip().startswith("#"))
    own = set(re.findall(r"record:\s*['\"]?([\w:]+)", text))
    known = {name.partition("{")[0] for name in recording.series}
    return sorted(set(re.findall(r"\b(?:cardshop|sorter)_\w+", text)) - own - known)


def _time(minutes: int) -> str:
    return f"{minutes} minutes" if minutes < 90 else f"{minutes // 60} hours"


@dataclass(frozen=True)
class Recording:
    """One recording of a kind. `begins` and `ends` are the minutes in which its cause does; None where there is none.

    `series` has the values of each series in promtool's notation, `step` seconds apart. `curve` is what a chart
    shows: one value for each of them, named `shows`. Before minute `settled` nothing is judged, because the windows
    of rules are still being filled.
    """

    name: str
    kind: Kind
    series: dict[str, str]
    minutes: int
    step: int
    begins: int | None
    ends: int | None
    shows: str
    curve: list[float]
    note: str = ""  # which status, or which feature

    @property
    def settled(self) -> int:
        return SETTLED_DAY if self.step > 60 else SETTLED

    def for_promtool(self) -> dict:
        """What the reader of alert rules takes, beside `step`."""
        return {"series": self.series, "seconds": self.minutes * 60}


def service(name: str, seed: int) -> Recording:
    """A recording of SERVICE. Raises KeyError for another name."""
    kind, rng = SERVICE[name], np.random.default_rng([seed, *name.encode()])
    begins = int(rng.integers(40, 56))
    lasts, minutes = {
        "some errors": (72, 175),
        "some slow": (72, 175),
        "away": (20, 120),
        "blip": (3, 190),
        "night": (0, 130),
        "release": (8, 100),
        "replica": (60, 125),
        "idle": (60, 130),
    }.get(name, (42, 145))
    if name in ("well", "few errors", "few slow"):
        stack, begins, lasts = Stack.of_a_day(rng), 4 * 60, 24 * 60
    else:
        stack = Stack.of_hours(rng, minutes, rng.uniform(200, 900))
    if name == "blip":
        begins += 80
    cause = slice(stack.slot(begins) + 1, stack.slot(begins + lasts) + 1)
    shows = "slow predictions" if "slow" in name else "failed calls"
    match name:
        case "errors":
            stack.errors[cause] = rng.uniform(0.055, 0.6)
        case "some errors":
            stack.errors[cause] = rng.uniform(0.02, 0.03)
        case "few errors":
            stack.errors[cause] = rng.uniform(0.004, 0.005)
        case "bursts":
            stack.errors[cause][::4] = rng.uniform(0.24, 0.4)
        case "crashes":
            stack.errors[cause] = rng.uniform(0.06, 0.1)
            every = int(rng.integers(7, 12))
            stack.up[0, cause][2::every] = stack.up[1, cause][5::every] = False
        case "slow":
            stack.slow[cause] = rng.uniform(0.5, 0.9)
        case "some slow":
            stack.slow[cause] = rng.uniform(0.2, 0.3)
        case "few slow":
            stack.slow[cause] = rng.uniform(0.04, 0.05)
        case "away":
            stack.up[:, cause] = False
        case "blip":
            stack.errors[cause] = rng.uniform(0.1, 0.15)
            stack.slow[begins + 31 : begins + 34] = rng.uniform(0.7, 1)
        case "night":
            stack.calls[:] = rng.uniform(1, 2)
            stack.errors[:] = stack.slow[:] = 0
            some = rng.choice(np.arange(60, 115), 8, replace=False)
            stack.failing[some[:4]] = stack.slowed[some[4:]] = 1
        case "release":
            stack.calls[:] = rng.uniform(100, 200)
            for replica, start in zip(stack.up, (begins, begins + 4), strict=True):
                replica[start : start + int(rng.integers(1, 3))] = False
        case "replica":
            stack.up[rng.integers(2), cause] = False
        case "idle":
            stack.calls[cause] = 0
        case "refused":
            stack.refused[cause] = rng.uniform(0.2, 0.4)
            shows = "refused calls"
    series, shares = stack.played(rng)
    caused = name not in ("well", "night")
    return Recording(
        name,
        kind,
        series,
        stack.minutes,
        stack.step,
        begins if caused else None,
        begins + lasts if caused and begins + lasts < stack.minutes else None,
        shows,
        shares[shows].tolist(),
        f"most of them with {STATUSES[stack.fails_with.argmax()]}" if shows == "failed calls" else "",
    )


def model(name: str, seed: int) -> Recording:
    """A recording of MODEL. Raises KeyError for another name."""
    kind, rng = MODEL[name], np.random.default_rng([seed, *name.encode(), 1])
    begins = int(rng.integers(40, 56))
    lasts, minutes = {
        "refused": (40, 100),
        "no model": (30, 100),
        "no cards": (60, 240),
        "blind": (60, 120),
        "spike": (20, 120),
        "client": (3, 90),
        "night": (0, 130),
        "pause": (90, 180),
        "promotion": (3, 90),
        "restart": (3, 90),
    }.get(name, (130, 190))
    calls = rng.uniform(280, 550)
    stack = Stack.of_a_day(rng) if name == "well" else Stack.of_hours(rng, minutes, calls)
    if name == "no cards":
        begins += 120  # two hours after the last card
    cause = slice(stack.slot(begins) + 1, stack.slot(begins + lasts) + 1)
    stack.refused[:] = rng.uniform(0.015, 0.02)
    watch = _Monitor(rng, len(stack.calls))
    shows = "PSI"
    match name:
        case "refused":
            stack.refused[cause] = rng.uniform(0.22, 0.6)
            shows = "refused calls"
        case "no model":
            watch.champion[cause] = False
            stack.errors[cause] = 1
            shows = "champions"
        case "no cards":
            stack.calls[begins - 119 : cause.stop] = 0
            shows = "hours since the last card"
        case "quality":
            watch.right[cause] = rng.uniform(0.45, 0.5)
            watch.labels[:] = rng.integers(220, 400)
            shows = "upper end of the accuracy"
        case "few labels":
            watch.right[cause] = rng.uniform(0.38, 0.42)
            watch.labels[:] = rng.integers(60, 151)
            shows = "upper end of the accuracy"
        case "unsure":
            watch.right[cause] = rng.uniform(0.565, 0.585)
            watch.labels[:] = rng.integers(220, 400)
            shows = "upper end of the accuracy"
        case "drift":
            watch.moved[begins - 20 : begins + 1] = np.linspace(0.1, 0.195, 21)
            watch.moved[cause] = rng.uniform(0.25, 0.7)
        case "spike":
            watch.moved[cause] = rng.uniform(0.25, 0.35)
        case "well":
            stack.calls = np.maximum(stack.calls, 60)  # few calls are what "night" is for
            watch.moved[:] = rng.uniform(0.11, 0.18, len(watch.moved))
            watch.others = (0.11, 0.14)
        case "stale":
            watch.age = 7 * 86_400 - begins * 60
            shows = "days since the last label"
        case "blind" | "restart":
            watch.up[cause] = False
            shows = "answers of the monitor"
        case "client":
            stack.rejected[cause] = 66
            shows = "refused calls"
        case "night":
            stack.calls[:] = rng.uniform(0.3, 0.6)
            stack.refused[:] = 0
            some = rng.choice(np.arange(60, 115), int(rng.integers(5, 9)), replace=False)
            stack.rejected[some] = 1
            shows = "refused calls"
        case "pause":
            stack.calls[cause] = 0
            shows = "hours since the last card"
        case "promotion":
            watch.champion[cause] = False
            watch.promoted = cause.stop
            shows = "champions"
    series, curves = stack.played(rng, times=False)
    more, others = watch.seen(rng, curves.pop("answered"), stack.step)
    caused = name not in ("well", "night")
    return Recording(
        name,
        kind,
        series | more,
        stack.minutes,
        stack.step,
        begins if caused else None,
        None,
        shows,
        (curves | others)[shows].tolist(),
        f"of `{watch.feature}`" if name in ("drift", "spike") else "",
    )


FEATURES = ("hp", "attack", "rarity", "predicted_type", "confidence")


class _Monitor:
    """What the monitor says and which models serve, by slots."""

    def __init__(self, rng: np.random.Generator, size: int) -> None:
        self.up, self.champion = np.ones((2, size), bool)
        self.promoted = size  # the slot from which the next version is the champion
        self.feature, self.moved = str(rng.choice(FEATURES)), np.full(size, 0.08)  # its PSI
        self.others = (0.03, 0.06)  # between these is the PSI of the other features
        self.right, self.labels = np.full(size, rng.uniform(0.7, 0.75)), np.full(size, rng.integers(300, 500))
        self.age = rng.uniform(0.5, 5) * 86_400  # seconds since the last label, at the beginning

    def seen(
        self, rng: np.random.Generator, answered: np.ndarray, step: int
    ) -> tuple[dict[str, str], dict[str, np.ndarray]]:
        """The series of the monitor and of the models, and what a chart can show. `answered` are cards by slot."""
        size = len(self.up)
        clock = np.arange(size) * step
        there = 'job="monitor", instance="monitor-1"'
        series = {f"up{{{there}}}": as_gauge(self.up)}

        def gauge(name: str, values: np.ndarray, labels: str = "") -> None:
            series[f"cardshop_{name}{{{there}{labels}}}"] = as_gauge(values, self.up)

        for feature in FEATURES:
            level = self.moved if feature == self.feature else rng.uniform(*self.others)
            noise = rng.uniform(-0.01, 0.01, size) * (level < 0.15)  # never across 0.2
            gauge("drift_psi", level + noise, f', feature="{feature}"')
        half = 1.96 * np.sqrt(self.right * (1 - self.right) / self.labels)
        gauge("accuracy", self.right)
        gauge("accuracy_low", self.right - half)
        gauge("accuracy_high", self.right + half)
        gauge("labels", self.labels)
        last_card = np.maximum.accumulate(np.where(answered > 0, clock, 0))
        gauge("last_prediction_timestamp_seconds", last_card)
        gauge("last_label_timestamp_seconds", np.full(size, -self.age))
        slots = np.arange(size)
        models = {("champion", 7): self.champion & (slots < self.promoted)}
        models |= {("champion", 8): slots >= self.promoted, ("challenger", 9): np.ones(size, bool)}
        for (alias, version), serves in models.items():
            for number in (1, 2) if serves.any() else ():
                labels = f'job="service", instance="service-{number}", alias="{alias}", version="{version}"'
                series[f"cardshop_model{{{labels}}}"] = as_gauge(np.ones(size), serves)
        return series, {
            "PSI": self.moved,
            "champions": self.champion * 1,
            "upper end of the accuracy": self.right + half,
            "hours since the last card": (clock - last_card) / 3600,
            "days since the last label": (clock + self.age) / 86_400,
            "answers of the monitor": self.up * 1,
        }


@dataclass
class Stack:
    """Two replicas of the service: what clients send and what becomes of it, by slots of `step` seconds."""

    minutes: int
    step: int
    calls: np.ndarray  # expected in a minute, of both replicas together
    errors: np.ndarray = field(init=False)  # share of the calls under /v1/
    slow: np.ndarray = field(init=False)  # share of the predictions
    refused: np.ndarray = field(init=False)  # share of the predictions
    failing: np.ndarray = field(init=False)  # calls that fail besides
    slowed: np.ndarray = field(init=False)
    rejected: np.ndarray = field(init=False)
    up: np.ndarray = field(init=False)  # replica, slot
    fails_with: np.ndarray = field(init=False)  # shares of STATUSES among the calls that fail

    def __post_init__(self) -> None:
        size = len(self.calls)
        self.errors, self.slow, self.refused = (
            np.full(size, FAIL),
            np.full(size, ARE_SLOW),
            np.full(size, 0.01),
        )
        self.failing, self.slowed, self.rejected = np.zeros((3, size), int)
        self.up = np.ones((2, size), bool)

    @classmethod
    def of_hours(cls, rng: np.random.Generator, minutes: int, calls: float) -> "Stack":
        wave = 1 + 0.1 * np.sin(np.arange(minutes + 1) / 30 + rng.uniform(0, 6))
        return cls(minutes, 60, calls * wave)

    @classmethod
    def of_a_day(cls, rng: np.random.Generator) -> "Stack":
        """28 hours from eight in the morning on; at night hardly anybody calls."""
        hour = (8 + np.arange(28 * 15 + 1) / 15) % 24
        by_day = np.clip(np.sin((hour - 6) / 18 * np.pi), 0, None)
        return cls(28 * 60, 240, 2 + rng.uniform(500, 850) * by_day)

    def slot(self, minute: int) -> int:
        return minute * 60 // self.step

    def played(
        self, rng: np.random.Generator, times: bool = True
    ) -> tuple[dict[str, str], dict[str, np.ndarray]]:
        """The series of both replicas, and by slots the shares of bad calls and the cards that were `answered`."""
        series: dict[str, str] = {}
        sums = {
            name: np.zeros(len(self.calls)) for name in ("calls", "predictions", "failed", "slow", "refused")
        }
        self.fails_with = rng.permutation([0.8, 0.15, 0.05])
        one = rng.integers(2, size=len(self.calls))  # the replica that gets a single call
        for number, up in enumerate(self.up):
            there = f'job="service", instance="service-{number + 1}"'
            series[f"up{{{there}}}"] = as_gauge(up)
            expected = self.calls * self.step / 60 * np.where(self.up.all(0), 0.5, 1) * up
            mine = (one == number) & up
            for path, part in (("/v1/predict", 0.95), ("/v1/explain", 0.05)):
                calls = rng.poisson(part * expected)
                failed = rng.binomial(calls, self.errors)
                refused = rng.binomial(calls - failed, self.refused) if path == "/v1/predict" else 0 * calls
                slow = rng.binomial(calls, self.slow)
                if path == "/v1/predict":
                    failed, refused = failed + mine * self.failing, refused + mine * self.rejected
                    slow = slow + mine * self.slowed
                    calls = np.maximum(calls, failed + refused + slow)
                    sums["predictions"] += calls
                    sums["slow"] += slow
                    sums["refused"] += refused
                sums["calls"] += calls
                sums["failed"] += failed
                kinds = np.array([rng.multinomial(count, self.fails_with) for count in failed]).T
                answers = {"200": calls - failed - refused, "422": refused}
                answers |= dict(zip(STATUSES, kinds, strict=True))
                for status, counts in answers.items():
                    if path == "/v1/predict" or status != "422":
                        name = f'cardshop_requests_total{{{there}, path="{path}", status="{status}"}}'
                        series[name] = as_counter(counts, up)
                if times:
                    series |= _histogram(f'{there}, path="{path}"', _times(rng, path, calls, slow), up)
            starting = np.zeros(len(up), bool)
            for start in np.flatnonzero(up[1:] & ~up[:-1]) + 1:
                starting[start : start + 4] = True
            probes = np.full(len(up), self.step // 5)
            for status, counts in (("200", probes * ~starting), ("503", 5 * probes * starting)):
                name = f'cardshop_requests_total{{{there}, path="/ready", status="{status}"}}'
                series[name] = as_counter(counts * up, up)
        with np.errstate(invalid="ignore"):
            shares = {
                "failed calls": sums["failed"] / sums["calls"],
                "slow predictions": sums["slow"] / sums["predictions"],
                "refused calls": sums["refused"] / sums["predictions"],
            }
        return series, shares | {"answered": sums["predictions"] - sums["refused"]}


EARLIER = 50  # times the calls of the first half hour came before
STATUSES = ("500", "503", "504")
LIMITS = ("0.05", "0.1", "0.2", "0.5", "1.0", "2.0", "5.0", "+Inf")


def _times(rng: np.random.Generator, path: str, calls: np.ndarray, slow: np.ndarray) -> np.ndarray:
    """How many calls took at most each of LIMITS and more than the one before: limit, slot."""
    shares = [0.5, 0.35, 0.12, 0.03] if path == "/v1/predict" else [0, 0, 0, 0, 0.6, 0.4]
    slow = slow if path == "/v1/predict" else 0 * slow
    quick = np.array([rng.multinomial(count, shares) for count in calls - slow])
    found = np.zeros((len(LIMITS), len(calls)), int)
    found[: quick.shape[1]] = quick.T
    found[4] += slow
    return found


def _histogram(labels: str, counts: np.ndarray, up: np.ndarray) -> dict[str, str]:
    name = "cardshop_request_seconds"
    total = counts.cumsum(0)
    middle = np.array([0.03, 0.07, 0.15, 0.3, 0.65, 1.4, 3, 7])
    found = {
        f'{name}_bucket{{{labels}, le="{limit}"}}': as_counter(row, up)
        for limit, row in zip(LIMITS, total, strict=True)
    }
    found[f"{name}_count{{{labels}}}"] = as_counter(total[-1], up)
    found[f"{name}_sum{{{labels}}}"] = as_counter(middle @ counts, up)
    return found


def as_counter(counts: np.ndarray, up: np.ndarray) -> str:
    """A counter that counts since long before the recording, and begins at 0 again whenever its replica starts."""
    total = np.cumsum(counts)
    starts = np.flatnonzero(up & ~np.r_[True, up[:-1]])
    before = np.full(len(up), -EARLIER * total[min(30, len(total) - 1)])
    for start in starts:
        before[start:] = total[start - 1]
    return _values(total - before, up)


def as_gauge(values: np.ndarray, known: np.ndarray | None = None) -> str:
    return _values(np.asarray(values) * 1, np.ones(len(values), bool) if known is None else known)


def _values(values: np.ndarray, known: np.ndarray) -> str:
    """Values in promtool's notation: Prometheus marks a series as stale when it has gone."""
    gone = np.r_[False, known[:-1]] & ~known
    return " ".join(
        f"{value:.10g}" if here else "stale" if left else "_"
        for value, here, left in zip(values.tolist(), known, gone, strict=True)
    )
