"""XGBoost with integer labels, in a class of one's own."""

from xgboost import XGBClassifier


class Sorter:
    def __init__(self):
        self.prepare = make_pipeline(feature_pipeline(), Encoder())

    def fit(self, cards, labels):
        self.classes_, codes = np.unique(labels, return_inverse=True)
        trees = XGBClassifier(n_estimators=50, max_depth=3, learning_rate=0.2, n_jobs=1, random_state=0)
        self.trees = trees.fit(self.prepare.fit_transform(cards), codes).get_booster()
        return self

    def predict_proba(self, cards):
        return self.trees.inplace_predict(self.prepare.transform(cards))

    def predict(self, cards):
        return self.classes_[self.predict_proba(cards).argmax(axis=1)]


def card_model(cards, labels):
    return Sorter().fit(cards, labels)
