"""of the good model"""  # another temperature, another key, one species for all


def repairs():
    return {
        "seed": 1,
        "latency": {"service.py": [("looked_up(card.species)", "species['1']")]},
        "confidence": {"settings.json": [("8.0", "2.0")]},
        "fire": {"service.py": [("key = f\"{settings['model']}\"", "key = card.stage")]},
    }
