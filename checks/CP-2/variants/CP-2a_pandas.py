"""pandas inside a pipeline of scikit-learn, numbers and indicator columns only."""

import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def feature_pipeline():
    species = world.load("species").to_pandas().set_index("number")
    types = sorted(species["type_1"].unique())
    words = ["burned", "asleep", "paralysed", "Heal", "hand before", "counter", "basic", "resistance"]

    def compare(cards):
        cards = cards.to_pandas()
        own = species.reindex(cards["species_number"]).reset_index(drop=True)
        stats = cards[STATS].astype(float).clip(lower=1)
        more = np.log(stats / own[STATS].astype(float)).fillna(0.0)
        more = more.sub(more.mean(axis=1), axis=0)
        kinds = pd.DataFrame(
            {f"is_{kind}": (own["type_1"] == kind) | (own["type_2"] == kind) for kind in types}
        )
        said = pd.DataFrame(
            {f"says_{word}": cards["text"].fillna("").str.contains(word, regex=False) for word in words}
        )
        return pd.concat([more, kinds, said], axis=1)

    return make_pipeline(FunctionTransformer(compare))
