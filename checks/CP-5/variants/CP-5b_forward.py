"""The same night, mended otherwise: look-ups are kept by species, the answers aren't kept at all."""


def repairs():
    return {
        "seed": 1,
        "latency": {
            "service.py": [
                ("import time\n", "import time\nfrom functools import lru_cache\n"),
                ("    def looked_up(", "    @lru_cache(maxsize=None)\n    def looked_up("),
                ("        time.sleep(0.02)  # it is in another data centre\n", ""),
            ]
        },
        "confidence": {"service.py": [(' / settings["temperature"]', "")]},
        "fire": {
            "service.py": [
                ("        if key not in kept:\n            kept[key] = computed(card)\n", ""),
                ("return kept[key] | ", "return computed(card) | "),
            ]
        },
    }
