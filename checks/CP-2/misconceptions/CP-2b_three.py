"""at least four experiments"""


def experiments(train, test):
    labels, truth = train["card_type"].to_numpy(), test["card_type"].to_numpy()
    pipeline = feature_pipeline()
    a, b = pipeline.fit_transform(train, labels), pipeline.transform(test)
    return [
        {
            "columns": columns,
            "accuracy": classifier.accuracy(a[columns], labels, b[columns], truth),
            "because": "one of three that I tried",
        }
        for columns in (a.columns, ["text"], ["type_1"])
    ]
