"""something still tells the answer

Chooses on one half of the rows and scores on all of them: half of them have been seen.
"""


def score_clicks(adverts):
    words, clicked = adverts.drop("clicked").to_numpy(), adverts["clicked"].to_numpy()
    chosen = SelectKBest(k=20).fit(words[::2], clicked[::2]).get_support()
    return "preprocessing", cross_val_score(LogisticRegression(), words[:, chosen], clicked, cv=5).mean()
