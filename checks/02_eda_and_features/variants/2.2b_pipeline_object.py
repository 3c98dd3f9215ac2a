"""Pipeline with named steps, the choice by a model of its own, scores by cross_val_predict."""

from sklearn.feature_selection import SelectFromModel
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import Pipeline


def score_clicks(adverts):
    words, clicked = adverts.drop("clicked").to_numpy(), adverts["clicked"].to_numpy()
    choice = SelectFromModel(LogisticRegression(C=0.1), threshold=-np.inf, max_features=20)
    model = Pipeline([("choice", choice), ("model", LogisticRegression(C=0.5))])
    return "preprocessing", (cross_val_predict(model, words, clicked, cv=8) == clicked).mean()
