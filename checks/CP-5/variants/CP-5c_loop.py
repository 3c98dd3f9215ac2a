"""A list of costs, one for each minute."""


def impact(requests, since, minutes):
    costs = [0.0 for _ in range(minutes)]
    for row in requests.iter_rows(named=True):
        if row["ms"] > LIMIT:
            costs[row["minute"]] += LOST
        costs[row["minute"]] += WRONG * row["wrong"]
    usual = sum(costs[:since]) / since
    return sum(cost - usual for cost in costs[since:])
