"""Another night: wait, labels, renamed."""


def repairs():
    return {
        "seed": 5,
        "latency": {"settings.json": [('"wait_ms": 1900', '"wait_ms": 5')]},
        "confidence": {"settings.json": [("model-7", "model-6")]},
        "fire": {
            "service.py": [
                (
                    'model_config = ConfigDict(extra="ignore")',
                    "model_config = ConfigDict(\n"
                    '        extra="ignore",\n'
                    "        populate_by_name=True,\n"
                    '        alias_generator=lambda name: f"stat_{name}" if name '
                    "in STATS else name,\n"
                    "    )",
                )
            ]
        },
    }
