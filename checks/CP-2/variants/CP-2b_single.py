"""Tuples of columns, one at a time in reverse order, numbers of numpy."""

import numpy as np


def experiments(train, test):
    labels, truth = np.array(train["card_type"].to_list()), np.array(test["card_type"].to_list())
    pipeline = feature_pipeline().fit(train.drop("card_type"), labels)
    learned, held_out = (
        pipeline.transform(train.drop("card_type")),
        pipeline.transform(test.drop("card_type")),
    )
    tried = [
        tuple(reversed(learned.columns)),
        ("text",),
        ("type_1",),
        ("rarity", "text"),
        ("attack_for_its_species", "legendary"),
    ]
    return [
        {
            "columns": columns,
            "because": "each column by itself first, then together",
            "accuracy": np.float64(
                classifier.accuracy(learned.select(columns), labels, held_out.select(columns), truth)
            ),
        }
        for columns in tried
    ]
