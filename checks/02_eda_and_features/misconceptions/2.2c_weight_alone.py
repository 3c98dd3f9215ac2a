"""less than this model can do with what production knows

Does without the encoder, to be on the safe side.
"""


def score_returns(parcels):
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return "none", cross_val_score(
        model, parcels.select("weight_g").to_numpy(), parcels["returned"].to_numpy(), cv=5
    ).mean()
