"""and has to occur once"""  # a text that is there twice, or not at all


def repairs():
    return {
        "seed": 1,
        "latency": {"service.py": [("species", "animals")]},
        "confidence": {"settings.json": [("temperatur: 8", "temperature: 1")]},
        "fire": {"service.py": [("kept", "kept_")]},
    }
