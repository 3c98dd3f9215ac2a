"""All five and one false alarm."""


def findings():
    return {
        "seed": 1,
        "findings": [
            {"file": "features.py", "line": 17, "kind": "skew"},
            {"file": "features.py", "line": 20, "kind": "untested"},
            {"file": "train.py", "line": 19, "kind": "validation"},
            {"file": "train.py", "line": 21, "kind": "leak"},
            {"file": "service.py", "line": 31, "kind": "stale"},
            {"file": "service.py", "line": 39, "kind": "coercion"},
        ],
    }
