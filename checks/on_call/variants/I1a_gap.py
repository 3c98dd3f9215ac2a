"""Another incident: stale."""


def report() -> dict:
    return {
        "symptom": "stale",
        "seed": 2,
        "cause": "gap",
        "since": "14:32",
        "metric": "missing_share",
        "before": 0.05,
        "after": 0.98,
    }
