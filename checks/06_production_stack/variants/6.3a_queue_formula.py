"""By a queue formula: Erlang C, with the correction of Allen and Cunneen for times that aren't exponential."""

import math
from statistics import NormalDist


def waits(busy: float, workers: int) -> float:
    """The share of calls that wait (Erlang C)."""
    offered = busy * workers
    terms = [offered**k / math.factorial(k) for k in range(workers)]
    last = offered**workers / math.factorial(workers) / (1 - busy)
    return last / (sum(terms) + last)


def late(rate: float, workers: int, median: float, spread: float) -> float:
    """The share of calls that take longer than half a second."""
    mean = median * math.exp(spread**2 / 2)
    busy = rate * mean / workers
    slower = math.exp(spread**2) / 2  # half of 1 + the squared coefficient of variation
    pace = (workers - rate * mean) / mean / slower
    normal = NormalDist()
    found = 0.0
    for step in range(100):
        work = median * math.exp(spread * normal.inv_cdf((step + 0.5) / 100))
        left = 0.5 - work
        found += 1.0 if left <= 0 else waits(busy, workers) * math.exp(-pace * left)
    return found / 100


def sizing(load_test, hours, workers):
    idle = load_test[0]
    mean = (load_test["cores"] / load_test["rate"])[:8].mean()
    spread = math.log(idle["p99"][0] / idle["p50"][0]) / 2.326
    median = mean * math.exp(-(spread**2) / 2)
    low, high = 0.0, 0.99 * workers / mean
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if late(middle, workers, median, spread) < 0.009 else (low, middle)
    rate = low
    memory = load_test["memory_most"].max()
    return {
        "cpu_request": math.ceil(1000 * rate * mean),
        "cpu_limit": 1000 * workers,
        "memory_request": memory,
        "memory_limit": math.ceil(1.25 * memory),
        "min_replicas": 2,
        "max_replicas": math.ceil(hours["calls"].max() / 3600 * 1.25 / rate) + 1,
        "target": 50,
    }
