"""By simulation: calls at random times, as many workers as there are, and p99 over several rates."""

import heapq
import math
import random


def p99(rate, workers, median, spread, calls=15_000):
    rng = random.Random(5)
    free = [0.0] * workers
    now, taken = 0.0, []
    for _ in range(calls):
        now += rng.expovariate(rate)
        end = max(now, free[0]) + median * math.exp(rng.gauss(0, spread))
        heapq.heapreplace(free, end)
        taken.append(end - now)
    return sorted(taken[500:])[int(0.99 * (calls - 500))]


def sizing(load_test, hours, workers):
    per_call = (load_test["cores"][:10].sum()) / (load_test["rate"][:10].sum())
    spread = math.log(load_test["p99"][0] / load_test["p50"][0]) / 2.326
    median = per_call * math.exp(-(spread**2) / 2)
    busy = 0.95
    while p99(busy * workers / per_call, workers, median, spread) > 0.46:
        busy -= 0.01
    rate = busy * workers / per_call
    calls = [n / 3600 for n in hours["calls"]]
    most = math.ceil(max(calls) * 1.25 / rate) + 1

    def sum_of(least):
        target = 100 * (least - 1) // least
        return sum(min(most, max(least, math.ceil(n / rate / target * 100))) for n in calls)

    least = min(range(2, 6), key=sum_of)
    memory = load_test["memory_most"].max()
    return {
        "cpu_request": math.ceil(1000 * rate * per_call),
        "cpu_limit": 1000 * workers,
        "memory_request": memory,
        "memory_limit": 2 * memory,
        "min_replicas": least,
        "max_replicas": max(most, least),
        "target": 100 * (least - 1) // least,
    }
