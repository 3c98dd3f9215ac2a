"""Another incident: latency."""


def report() -> dict:
    return {
        "symptom": "latency",
        "seed": 6,
        "cause": "lookup",
        "since": "14:32",
        "metric": "release",
        "before": 2,
        "after": 3,
    }
