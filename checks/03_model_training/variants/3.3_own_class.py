"""A class of one's own that chooses between two models on a split of its cards."""

from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


class Chosen:
    def fit(self, cards, labels):
        judge = np.random.default_rng(0).random(len(labels)) < 0.25
        self.encode = make_pipeline(feature_pipeline(), Encoder())
        X = self.encode.fit_transform(cards)
        options = [
            make_pipeline(StandardScaler(), LogisticRegression(max_iter=300)),
            Boosting(trees=40, depth=3, rate=0.2),
        ]
        scores = [
            (model.fit(X[~judge], labels[~judge]).predict(X[judge]) == labels[judge]).mean()
            for model in options
        ]
        self.model = options[int(np.argmax(scores))].fit(X, labels)
        self.classes_ = self.model.classes_
        return self

    def predict(self, cards):
        return self.model.predict(self.encode.transform(cards))

    def predict_proba(self, cards):
        return self.model.predict_proba(self.encode.transform(cards))


def card_model(cards, labels):
    return Chosen().fit(cards, labels)
