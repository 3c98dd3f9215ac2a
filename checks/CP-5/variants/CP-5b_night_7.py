"""Another night: load, unit, fallback."""


def repairs():
    return {
        "seed": 7,
        "latency": {
            "service.py": [
                ('        model = read_model(folder / settings["model"])\n', ""),
                (
                    "    species = json.loads(",
                    '    model = read_model(folder / settings["model"])\n    species = json.loads(',
                ),
            ]
        },
        "confidence": {
            "service.py": [
                (
                    "stats = [getattr(card, stat) for stat in STATS]",
                    'factor = 10 if card.unit == "tens" else 1\n'
                    "        sent = [getattr(card, stat) for stat in STATS]\n"
                    "        stats = [one if one is None else factor * one "
                    "for one in sent]",
                )
            ]
        },
        "fire": {"settings.json": [("model-07", "model-6")]},
    }
