"""in experiment 1"""


def experiments(train, test):
    labels, truth = train["card_type"].to_numpy(), test["card_type"].to_numpy()
    learned, held_out = (
        feature_pipeline().fit_transform(table, table["card_type"].to_numpy()) for table in (test, test)
    )
    return [
        {
            "columns": columns,
            "because": "trained and judged on the cards of test",
            "accuracy": classifier.accuracy(learned.select(columns), truth, held_out.select(columns), truth),
        }
        for columns in (learned.columns, ["text"], ["type_1"], learned.columns[:6])
    ]
