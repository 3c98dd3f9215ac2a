"""Another night: load, unit, fallback."""


def reports():
    return {
        "seed": 7,
        "latency": {"cause": "load", "since": 36, "metric": "release", "before": 41.0, "after": 42.0},
        "confidence": {"cause": "unit", "since": 41, "metric": "mean_stat", "before": 76.068, "after": 7.642},
        "fire": {"cause": "fallback", "since": 36, "metric": "settings", "before": 12.0, "after": 13.0},
    }
