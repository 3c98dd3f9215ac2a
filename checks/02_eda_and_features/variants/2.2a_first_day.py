"""The column stays and says what it says on the first day: zero; pandas, the leak as a list."""


def score_sold(offers):
    table = offers.to_pandas().assign(days_online=0)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    scores = cross_val_score(model, table.drop(columns="sold"), table["sold"], cv=10)
    return ["target", float(scores.mean())]
