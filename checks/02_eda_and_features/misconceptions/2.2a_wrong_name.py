"""there is a leak, but not of the kind

Repairs what leaks, and takes the scaler for the culprit.
"""


def score_sold(offers):
    known = offers.select("asking_price", "fair_price", "photos").to_numpy()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return "preprocessing", cross_val_score(model, known, offers["sold"].to_numpy(), cv=5).mean()
