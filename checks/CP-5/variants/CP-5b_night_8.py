"""Another night: large, gap, bias."""


def repairs():
    return {
        "seed": 8,
        "latency": {
            "service.py": [
                (
                    "cards: list[Card] = Field(min_length=1)",
                    "cards: list[Card] = Field(min_length=1, max_length=100)",
                )
            ]
        },
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
        "fire": {"settings.json": [("7", "6")]},
    }
