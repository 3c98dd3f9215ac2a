"""PSI of each day alone, and an alarm when it is high on two days in a row."""


def alarms(reference, days):
    high, found = dict.fromkeys(reference.columns, 0), {}
    for evening, today in enumerate(days):
        if today.height == 0:
            continue
        for name, dtype in reference.schema.items():
            column = today[name] if name in today.columns else pl.Series([None] * today.height, dtype=dtype)
            high[name] = high[name] + 1 if psi(reference[name], column) > 0.15 else 0
            if high[name] == 2 and name not in found:
                found[name] = evening
    return found
