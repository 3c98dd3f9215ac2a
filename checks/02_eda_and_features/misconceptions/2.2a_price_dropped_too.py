"""less than this model can do with what production knows

Takes everything for suspicious that the shop itself has filled in.
"""


def score_sold(offers):
    known = offers.select("asking_price").to_numpy()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return "target", cross_val_score(model, known, offers["sold"].to_numpy(), cv=5).mean()
