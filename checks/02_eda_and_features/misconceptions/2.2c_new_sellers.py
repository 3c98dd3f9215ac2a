"""less than this model can do with what production knows

Splits by seller, although production meets the same sellers.
"""


def score_returns(parcels):
    sellers = parcels.select("seller_id").to_numpy()
    model = make_pipeline(TargetEncoder(), LogisticRegression())
    return "none", cross_val_score(
        model, sellers, parcels["returned"].to_numpy(), cv=GroupKFold(5), groups=sellers[:, 0]
    ).mean()
