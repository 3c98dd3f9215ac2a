"""6.3a: a sizing is judged by what it does in every hour, with the queue that the load test was measured on.

The load test is a sample, so a replica may get a tenth more calls than it can really take, or be as much slower.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from cardshop import capacity
from cardshop.capacity import GROWTH, P99, Shop
from grader.engine import Mismatch, checks, expect, remembered

SIZING = "How many, and how large?"
NAMES = (
    "cpu_request",
    "cpu_limit",
    "memory_request",
    "memory_limit",
    "min_replicas",
    "max_replicas",
    "target",
)
CLOSE = 1.1  # times the calls that a replica can take, or times its seconds, are accepted
MEASURED = 0.97  # of the cores that a replica uses have to be requested
ROOM = 1.25  # the memory limit over the most that was seen
KNOWN = 3  # seed of the services of public checks
WASTE, RUNAWAY = 1.75, 2  # times what is needed: cores that are reserved, and replicas at most


class World(NamedTuple):
    """A service and the truth about it: p99 at some rates of a replica, cores of a call, the least core-hours."""

    shop: Shop
    rates: np.ndarray
    p99: np.ndarray
    per_call: float
    least: float

    @property
    def calls(self) -> np.ndarray:
        """Calls a second in each hour."""
        return self.shop.hours["calls"].to_numpy() / 3600

    @property
    def rate(self) -> float:
        """Calls a second that a replica can take."""
        return float(np.interp(P99, self.p99, self.rates))

    @property
    def accepted(self) -> float:
        """Calls a second with which nobody is refused."""
        return max(CLOSE * self.rate, float(np.interp(CLOSE * P99, self.p99, self.rates)))


@remembered
def world(seed: int) -> World:
    replica, _, _ = capacity.drawn(seed)
    shop = capacity.shop(seed)
    rates = np.linspace(0.3, 0.97, 24) * replica.workers / replica.cores_per_call
    taken = capacity.latencies(replica, rates, 2_000, 100, np.random.default_rng(1))[500:]
    p99 = np.maximum.accumulate(np.quantile(taken, 0.99, axis=(0, 2)))
    rate = float(np.interp(P99, p99, rates))
    per_call = replica.cores_per_call
    return World(shop, rates, p99, per_call, least(shop.hours["calls"].to_numpy() / 3600, rate, per_call))


def least(calls: np.ndarray, rate: float, per_call: float) -> float:
    """Core-hours of the cheapest sizing: all numbers of replicas at least, and calls a second that add one more."""
    hours = np.concatenate([calls, calls * GROWTH])
    most, found = math.ceil(hours.max() / rate) + 1, []
    for few in range(2, most + 1):
        for step in np.linspace(0.3, 0.9, 31) * rate:
            replicas = np.ceil(hours / step).clip(few, most)
            if (hours / (replicas - 1) <= rate).all():
                used = (hours / (replicas - 1)).max() * per_call
                found.append(used * replicas[: len(calls)].sum())
    return min(found)


def worlds(seed: int, number: int) -> list[World]:
    """Services with one worker, with two and with four, in turn."""
    rng, found = np.random.default_rng(seed), []
    while len(found) < number:
        one = int(rng.integers(10**6, 10**9))
        if capacity.drawn(one)[0].workers == (1, 2, 4)[len(found) % 3]:
            found.append(world(one))
    return found


def sized(submission, one: World) -> dict[str, int]:
    """What a submission answers; its form is right."""
    answer = submission.sizing(*one.shop)
    if not isinstance(answer, dict) or set(answer) != set(NAMES):
        raise Mismatch(f"a dict with {', '.join(NAMES)}", got=f"{answer!r:.200}")
    for name, value in answer.items():
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        expect(whole and 0 < value < 10**6, f"a whole number above 0 for {name}", got=f"{value!r:.40}")
    answer = {name: int(value) for name, value in answer.items()}
    for low, high in (
        ("cpu_request", "cpu_limit"),
        ("memory_request", "memory_limit"),
        ("min_replicas", "max_replicas"),
    ):
        got = f"{answer[low]} and {answer[high]}"
        expect(answer[low] <= answer[high], f"{low} is not above {high}", got=got, reread=SIZING)
    return answer


def replicas(one: World, answer: dict[str, int], growth: float) -> np.ndarray:
    """Replicas that the autoscaler sets in each hour."""
    wanted = one.calls * growth * one.per_call / (answer["cpu_request"] / 1000 * answer["target"] / 100)
    return np.ceil(wanted - 1e-9).clip(answer["min_replicas"], answer["max_replicas"])


def quick(one: World, answer: dict[str, int], growth: float) -> None:
    """Expect p99 in each hour, while one replica is gone."""
    there = replicas(one, answer, growth)
    got = one.calls * growth / np.maximum(there - 1, 0.5)
    worst = int(got.argmax())
    expect(
        got[worst] <= one.accepted,
        f"a p99 of at most {P99} s in each hour",
        because=lambda: (
            f"{happens(one, worst, growth, int(there[worst]))}; {why_so_few(one, answer, there[worst])}"
        ),
        got=lambda: taking(one, got[worst]),
        reread=SIZING,
    )


def happens(one: World, worst: int, growth: float, there: int) -> str:
    """What calls meet in the worst hour."""
    come = one.calls[worst] * growth
    when = f"{one.shop.hours['hour'][worst]:%A %d %B, %H:%M}"
    more = f", {growth} times as many as on" if growth > 1 else " on"
    told = f"{come:.0f} calls a second{more} {when}, meet {there} replicas"
    if there == 1:
        return f"{told}, and nobody answers while that one is gone"
    rate = come / (there - 1)
    return f"{told}; while one is gone, each of the others gets {rate:.1f}, and {taking(one, rate)}"


def taking(one: World, rate: float) -> str:
    if rate > one.rates[-1]:
        return "more come than it can compute"
    return f"p99 is {np.interp(rate, one.rates, one.p99):.2f} s"


def why_so_few(one: World, answer: dict[str, int], there: float) -> str:
    """Why the autoscaler has set no more."""
    step, most = answer["cpu_request"] * answer["target"] // 100, 1000 * one.shop.workers
    if there == answer["max_replicas"]:
        return "max_replicas allows no more"
    if step >= most:
        least = f"with workers={one.shop.workers} it uses {most}m at most"
        return f"the autoscaler waits until each uses {step}m, and {least}"
    return f"the autoscaler adds one when each uses more than {step}m"


def promised(one: World, answer: dict[str, int]) -> None:
    """Expect that a replica requests what it uses."""
    for growth in (1, GROWTH):
        there = replicas(one, answer, growth)
        used = one.calls * growth * one.per_call / np.maximum(there - 1, 1)
        most = 1000 * min(used.max(), one.accepted * one.per_call)  # above it p99 is what is wrong
        expect(
            answer["cpu_request"] >= MEASURED * most,
            f"a cpu_request of {most:.0f} at least",
            got=f"{answer['cpu_request']}",
            because=f"while one of {there[used.argmax()]:.0f} replicas is gone, the others use {most:.0f}m on average",
            reread=SIZING,
        )


def limited(one: World, answer: dict[str, int]) -> None:
    """Expect limits that stop no worker and kill no replica, and that end a leak."""
    most = 1000 * one.shop.workers
    expect(
        answer["cpu_limit"] >= most,
        lambda: f"a cpu_limit of {most} at least",
        got=f"{answer['cpu_limit']}",
        because=lambda: (
            f"with workers={one.shop.workers} a replica uses {most}m when all of them compute; at a limit of "
            f"{answer['cpu_limit']}m it is stopped for {100 - 100 * answer['cpu_limit'] / most:.0f} ms of each 100 ms"
        ),
        reread=SIZING,
    )
    seen = one.shop.load_test["memory_most"].max()
    mean = one.shop.load_test["memory_mean"].max()
    why = f"the load test has seen {seen} MiB"
    if answer["memory_request"] < seen:
        if abs(answer["memory_request"] - mean) <= 1:
            why += f", and {mean} was the mean"
        raise Mismatch(
            f"a memory_request of {seen} at least", why, got=f"{answer['memory_request']}", reread=SIZING
        )
    low, high = math.floor(ROOM * seen), 2 * seen
    expect(
        low <= answer["memory_limit"] <= high,
        f"a memory_limit from {low} to {high}",
        got=f"{answer['memory_limit']}",
        because=f"{why}, and above its limit a container is killed"
        if answer["memory_limit"] < low
        else f"{why}; a replica that leaks would harm others long before it is killed",
        reread=SIZING,
    )


def cheap(one: World, answer: dict[str, int]) -> None:
    """Expect no more than is needed."""
    there = replicas(one, answer, 1)
    reserved = there.sum() * answer["cpu_request"] / 1000
    why = f"{reserved:,.0f} core-hours are reserved in four weeks, and {one.least:,.0f} would do"
    used = (one.calls * one.per_call / there).max()
    if answer["min_replicas"] == answer["max_replicas"]:
        why += f": at night, too, there are {answer['min_replicas']} replicas"
    elif answer["cpu_request"] > 1400 * one.rate * one.per_call:
        why += f": a replica requests {answer['cpu_request']}m and uses {1000 * used:.0f}m at most"
    expect(
        reserved <= WASTE * one.least,
        lambda: f"at most {WASTE * one.least:,.0f} core-hours",
        because=why,
        got=f"{reserved:,.0f}",
        reread=SIZING,
    )
    needed = math.ceil(one.calls.max() * GROWTH / one.rate) + 1
    expect(
        answer["max_replicas"] <= RUNAWAY * (needed + 1),  # a load test has steps
        lambda: f"a max_replicas of {RUNAWAY * needed} at most",
        because=f"the busiest hour to come needs {needed}; a client that calls without end would start them all",
        got=f"{answer['max_replicas']}",
        reread=SIZING,
    )


def each(submission, chosen: list[World], *rules: Callable[[World, dict], None]) -> None:
    for one in chosen:
        answer = sized(submission, one)
        for rule in rules:
            rule(one, answer)


def quick_now(one: World, answer: dict[str, int]) -> None:
    quick(one, answer, 1)


def quick_soon(one: World, answer: dict[str, int]) -> None:
    quick(one, answer, GROWTH)


@checks("6.3a", weight=0)
def test_seven_numbers(submission):
    """Returns seven whole numbers; no request is above its limit."""
    each(submission, worlds(KNOWN, 2))


@checks("6.3a", weight=2)
def test_every_hour(submission):
    """In each hour of four weeks p99 is kept, also while one replica is gone."""
    each(submission, worlds(KNOWN, 3), quick_now)


@checks("6.3a")
def test_busier_hours(submission):
    """p99 is kept when more calls come than so far."""
    each(submission, worlds(KNOWN, 3), quick_soon)


@checks("6.3a")
def test_request(submission):
    """A replica requests the cores that it uses."""
    each(submission, worlds(KNOWN, 3), promised)


@checks("6.3a")
def test_limits(submission):
    """The limits stop no worker and kill no replica."""
    each(submission, worlds(KNOWN, 3), limited)


@checks("6.3a", weight=2)
def test_cost(submission):
    """Little more is reserved than is needed."""
    each(submission, worlds(KNOWN, 3), cheap)


@checks("6.3a", weight=9, public=False)
def test_other_services(submission, seed):
    """All rules together, for six services that nobody has seen."""
    each(submission, worlds(seed, 6), quick_now, quick_soon, promised, limited, cheap)
