"""the cause of the delay is still there"""  # waits less for others; the look-ups stay


def repairs():
    return {
        "seed": 1,
        "latency": {"settings.json": [('"wait_ms": 5', '"wait_ms": 0')]},
        "confidence": {"settings.json": [("8.0", "1.0")]},
        "fire": {"service.py": [("key = f\"{settings['model']}\"", "key = str(card)")]},
    }
