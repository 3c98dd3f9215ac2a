"""something still tells the answer

The choice goes into the pipeline and stays before it as well.
"""


def score_clicks(adverts):
    words, clicked = adverts.drop("clicked").to_numpy(), adverts["clicked"].to_numpy()
    telling = SelectKBest(k=40).fit_transform(words, clicked)
    model = make_pipeline(SelectKBest(k=20), LogisticRegression())
    return "preprocessing", cross_val_score(model, telling, clicked, cv=5).mean()
