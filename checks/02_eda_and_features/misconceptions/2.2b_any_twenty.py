"""less than this model can do with what production knows

Twenty words that no label has chosen: honest, and of no use.
"""


def score_clicks(adverts):
    words, clicked = adverts.drop("clicked").to_numpy(), adverts["clicked"].to_numpy()
    return "preprocessing", cross_val_score(LogisticRegression(), words[:, :20], clicked, cv=5).mean()
