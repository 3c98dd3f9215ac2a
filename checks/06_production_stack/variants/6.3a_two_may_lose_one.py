"""Plain Python, and no search: two replicas at 50 %, so that one can carry the work of both."""

from math import ceil


def sizing(load_test, hours, workers):
    quick = []
    for row in load_test.to_dicts():
        if row["p99"] > 0.5:
            break
        quick.append(row)
    last = quick[-1]
    busiest = max(hours["calls"]) / 3600
    memory = max(load_test["memory_most"])
    return {
        "cpu_request": round(last["cores"] * 1000 * 1.02),
        "cpu_limit": workers * 1000,
        "memory_request": memory + 1,
        "memory_limit": round(memory * 1.5),
        "min_replicas": 2,
        "max_replicas": ceil(busiest * 1.25 / last["rate"]) + 1,
        "target": 48,
    }
