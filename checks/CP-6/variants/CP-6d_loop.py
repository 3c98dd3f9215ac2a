"""Counts by hand, in one loop over the hours, and rounds."""


def numbers():
    from cardshop.pilot import hours

    seed = 33
    rows = hours(seed).rows(named=True)
    calls = failed = slow = week_calls = week_failed = 0
    for row in rows:
        calls, failed, slow = calls + row["calls"], failed + row["failed"], slow + row["slow"]
        if row["hour"] >= 23 * 24:
            week_calls, week_failed = week_calls + row["calls"], week_failed + row["failed"]
    budget = round(calls * 0.001)
    worst = max(rows, key=lambda row: row["failed"])
    left = max(calls * 0.001 - failed, 0)
    used, pace = failed / calls / 0.001, week_failed / week_calls / 0.001
    return {
        "seed": seed,
        "budget": budget,
        "used": round(used, 4),
        "worst": worst["hour"],
        "burn": round(1000 * worst["failed"] / worst["calls"], 2),
        "pages": sum(row["failed"] > 0.02 * calls * 0.001 for row in rows),
        "pace": round(pace, 4),
        "slow": round(slow / calls, 5),
        "minutes": round(60 * left / max(row["calls"] for row in rows), 3),
        "go": not (used > 0.75 or pace > 1 or slow > 0.01 * calls),
    }
