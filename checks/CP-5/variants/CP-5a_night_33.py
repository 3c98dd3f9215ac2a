"""Another night: size, gap, fallback."""


def reports():
    return {
        "seed": 33,
        "latency": {"cause": "size", "since": 30, "metric": "model", "before": 6.0, "after": 7.0},
        "confidence": {"cause": "gap", "since": 26, "metric": "share_null", "before": 0.03, "after": 0.506},
        "fire": {"cause": "fallback", "since": 34, "metric": "settings", "before": 12.0, "after": 13.0},
    }
