"""on labels drawn by lot, where nobody can do better than 0.5

The score is cross-validated, so it must be honest.
"""


def score_clicks(adverts):
    words, clicked = adverts.drop("clicked").to_numpy(), adverts["clicked"].to_numpy()
    telling = SelectKBest(k=20).fit_transform(words, clicked)
    return "none", cross_val_score(LogisticRegression(), telling, clicked, cv=5).mean()
