"""Another incident: worse."""


def report() -> dict:
    return {
        "symptom": "worse",
        "seed": 3,
        "cause": "labels",
        "since": "14:32",
        "metric": "model",
        "before": 1,
        "after": 2,
    }
