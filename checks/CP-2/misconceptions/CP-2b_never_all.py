"""an experiment with all columns"""


def experiments(train, test):
    labels, truth = train["card_type"].to_numpy(), test["card_type"].to_numpy()
    pipeline = feature_pipeline()
    a, b = pipeline.fit_transform(train, labels), pipeline.transform(test)
    return [
        {
            "columns": [name],
            "accuracy": classifier.accuracy(a[[name]], labels, b[[name]], truth),
            "because": "each column by itself, alone",
        }
        for name in a.columns
    ]
