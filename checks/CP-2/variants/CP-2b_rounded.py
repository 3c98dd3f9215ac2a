"""Accuracies rounded to three places, computed with sets of columns in another function."""


def measured(columns, a, labels, b, truth):
    return round(classifier.accuracy(a.select(columns), labels, b.select(columns), truth), 3)


def experiments(train, test):
    labels, truth = train["card_type"].to_numpy(), test["card_type"].to_numpy()
    features = feature_pipeline()
    a = features.fit_transform(train.drop("card_type"), labels)
    b = features.transform(test.drop("card_type"))
    groups = {
        "everything there is, as a start": a.columns,
        "the species alone, without the card": ["type_1", "type_2"],
        "only what the text of the card says": ["text"],
        "the six differences and nothing else": a.columns[:6],
    }
    return [
        dict(columns=list(names), accuracy=measured(names, a, labels, b, truth), because=why)
        for why, names in groups.items()
    ]
