"""an answer to a request"""  # what is slow or odd is refused


def repairs():
    refuse = (
        "    def predict(asked: Asked) -> dict:\n",
        "    def predict(asked: Asked) -> dict:\n        asked.nothing\n",
    )
    return {
        "seed": 1,
        "latency": {"service.py": [("Field(min_length=1)", "Field(min_length=1, max_length=5)")]},
        "confidence": {"service.py": [refuse]},
        "fire": {"service.py": [refuse]},
    }
