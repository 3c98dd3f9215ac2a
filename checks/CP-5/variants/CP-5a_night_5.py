"""Another night: wait, labels, renamed."""


def reports():
    return {
        "seed": 5,
        "latency": {"cause": "wait", "since": 26, "metric": "settings", "before": 12.0, "after": 13.0},
        "confidence": {"cause": "labels", "since": 35, "metric": "model", "before": 6.0, "after": 7.0},
        "fire": {"cause": "renamed", "since": 36, "metric": "share_null", "before": 0.03, "after": 0.985},
    }
