"""One group of columns left out at a time."""


def experiments(train, test):
    labels, truth = train["card_type"].to_numpy(), test["card_type"].to_numpy()
    pipeline = feature_pipeline()
    a, b = pipeline.fit_transform(train.drop("card_type"), labels), pipeline.transform(test.drop("card_type"))
    done = []
    for left_out in (
        [],
        ["text"],
        ["type_1", "type_2"],
        ["rarity", "legendary"],
        [name for name in a.columns if "for_its" in name],
    ):
        columns = [name for name in a.columns if name not in left_out]
        done.append(
            {
                "columns": columns,
                "accuracy": classifier.accuracy(a[columns], labels, b[columns], truth),
                "because": f"what is lost without {', '.join(left_out) or 'nothing'}",
            }
        )
    return done
