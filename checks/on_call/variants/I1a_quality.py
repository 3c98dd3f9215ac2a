"""Another incident: worse."""


def report() -> dict:
    return {
        "symptom": "worse",
        "seed": 2,
        "cause": "spelling",
        "since": "14:32",
        "metric": "accuracy",
        "before": 0.71,
        "after": 0.08,
    }
