"""All statistics in one polars table, then the rules as expressions."""


def diagnosis(case):
    names = [
        f"{name}({column})" if column else name
        for name in casebook.STATISTICS
        for column in (COLUMNS if name in casebook.OF_COLUMN else [""])
    ]
    table = pl.DataFrame({"statistic": names, "value": [measure(case, name) for name in names]}).with_columns(
        name=pl.col("statistic").str.extract(r"^(\w+)")
    )
    rules = pl.DataFrame(
        [
            ("noise", "disagreement", 0.13),
            ("duplicates", "repeated", 0.1),
            ("skew", "moved", 0.3),
            ("preprocessing", "same", 0.5),
            ("leak", "alone", 0.915),
            ("unscaled", "scaling", 0.05),
            ("time", "order", 0.12),
            ("underfit", "better_flexible", 0.05),
            ("overfit", "better_simple", 0.05),
            ("metric", "better_threshold", 0.05),
            ("imbalance", "missed", 0.7),
        ],
        schema=["cause", "name", "enough"],
        orient="row",
    ).with_row_index("rank")
    raised = rules.join(table, on="name").filter(pl.col("value") > pl.col("enough"))
    if raised.is_empty():
        return {"cause": "healthy", "statistic": None, "value": None}
    first = raised.sort(["rank", "value"], descending=[False, True]).row(0, named=True)
    return {key: first[key] for key in ("cause", "statistic", "value")}
