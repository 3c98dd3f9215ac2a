"""Plain Python, and a search: how many replicas at least need the fewest replica-hours?"""

from math import ceil


def sizing(load_test, hours, workers):
    quick = []
    for row in load_test.to_dicts():
        if row["p99"] > 0.5:
            break
        quick.append(row)
    last = quick[-1]
    busy = [calls / 3600 / last["rate"] for calls in hours["calls"]]
    most = ceil(max(busy) * 1.25) + 1

    def replica_hours(least):
        return sum(min(most, max(least, ceil(one * least / (least - 1)))) for one in busy)

    least = min(range(2, most + 1), key=replica_hours)
    memory = max(load_test["memory_most"])
    return {
        "cpu_request": round(last["cores"] * 1000 * 1.02),
        "cpu_limit": workers * 1000,
        "memory_request": memory + 1,
        "memory_limit": round(memory * 1.5),
        "min_replicas": least,
        "max_replicas": most,
        "target": int(100 * (least - 1) / least / 1.02),
    }
