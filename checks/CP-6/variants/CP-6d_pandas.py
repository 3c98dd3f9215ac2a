"""Counts with pandas, for another pilot."""


def numbers():
    from cardshop import pilot

    table = pilot.hours(7).to_pandas()
    sums = table[["calls", "failed", "slow"]].sum()
    budget = sums.calls / 1000
    worst = table.loc[table.failed.idxmax()]
    week = table.tail(168)[["calls", "failed"]].sum()
    found = {
        "seed": 7,
        "budget": budget,
        "used": sums.failed / budget,
        "worst": int(worst.hour),
        "burn": worst.failed / worst.calls * 1000,
        "pages": int((table.failed > budget / 50).sum()),
        "pace": week.failed / week.calls * 1000,
        "slow": sums.slow / sums.calls,
        "minutes": max(0.0, budget - sums.failed) / table.calls.max() * 60,
    }
    found["go"] = found["used"] <= 0.75 and found["pace"] <= 1 and found["slow"] <= 0.01
    return found
