"""on labels drawn by lot, as it should

Whoever encodes with the target leaks it, one hears.
"""


def score_returns(parcels):
    model = make_pipeline(TargetEncoder(), LogisticRegression())
    return "target", cross_val_score(
        model, parcels.select("seller_id").to_numpy(), parcels["returned"].to_numpy(), cv=5
    ).mean()
