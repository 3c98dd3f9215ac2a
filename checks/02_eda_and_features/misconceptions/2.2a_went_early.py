"""something still tells the answer

A flag that an offer went before the end says the same as the column.
"""


def score_sold(offers):
    known = offers.select("asking_price", "fair_price", "photos", early=pl.col("days_online") < 30).to_numpy()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return "target", cross_val_score(model, known, offers["sold"].to_numpy(), cv=5).mean()
