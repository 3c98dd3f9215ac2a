"""One column for each seller in place of the encoder, shuffled folds."""

from sklearn.preprocessing import OneHotEncoder


def score_returns(parcels):
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
    folds = KFold(5, shuffle=True, random_state=0)
    return "none", cross_val_score(
        model, parcels.select("seller_id").to_numpy(), parcels["returned"].to_numpy(), cv=folds
    ).mean()
