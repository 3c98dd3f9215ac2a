"""Another night: size, gap, fallback."""


def repairs():
    return {
        "seed": 33,
        "latency": {"settings.json": [("model-7", "model-6")]},
        "confidence": {
            "service.py": [
                (
                    "return [0.0 if one is None else one for one in stats]",
                    "usual = species[str(card.species)]\n"
                    "        return [usual[at] if one is None else one for "
                    "at, one in enumerate(stats)]",
                )
            ]
        },
        "fire": {"settings.json": [("model-07", "model-6")]},
    }
