"""Another incident: latency."""


def report() -> dict:
    return {
        "symptom": "latency",
        "seed": 3,
        "cause": "large",
        "since": "14:32",
        "metric": "cards_per_batch",
        "before": 21.5,
        "after": 302,
    }
