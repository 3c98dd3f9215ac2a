"""SQL on the table, a helper for each claim."""


def measure(market, function, column, where):
    query = f"SELECT {function}({column}) AS value FROM market WHERE {where}"
    return float(pl.SQLContext(market=market).execute(query, eager=True)["value"][0])


def market_findings(market):
    stated = [
        ("median", "asking_price", "condition", "Damaged", "condition = 'Damaged'"),
        ("avg", "print_run", "channel", "store", "channel = 'store'"),
        ("avg", "discount", "channel", "web", "channel = 'web'"),
    ]
    return [
        {
            "statistic": f"{'mean' if function == 'avg' else function}({column})",
            "table": "market",
            "slice": {by: wanted},
            "value": (value := measure(market, function, column, where)),
            "tolerance": value / 200,
        }
        for function, column, by, wanted, where in stated
    ]
