"""A fault that is claimed at two lines counts once, and costs nothing."""


def findings():
    return {
        "seed": 1,
        "findings": [
            {"file": "features.py", "line": 17, "kind": "skew"},
            {"file": "features.py", "line": 20, "kind": "untested"},
            {"file": "train.py", "line": 21, "kind": "leak"},
            {"file": "train.py", "line": 22, "kind": "leak"},
            {"file": "service.py", "line": 39, "kind": "coercion"},
        ],
    }
