"""Another night: large, gap, bias."""


def reports():
    return {
        "seed": 8,
        "latency": {
            "cause": "large",
            "since": 31,
            "metric": "cards_per_request",
            "before": 19.961,
            "after": 238.872,
        },
        "confidence": {"cause": "gap", "since": 32, "metric": "share_null", "before": 0.03, "after": 0.512},
        "fire": {"cause": "bias", "since": 38, "metric": "model", "before": 6.0, "after": 7.0},
    }
