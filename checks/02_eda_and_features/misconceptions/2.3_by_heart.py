"""what fit_transform returns contains the labels of its own cards

Hands out the labels of the training cards: perfect there, and nothing to say about others.
"""


class ByHeart(TransformerMixin, BaseEstimator):
    def fit_transform(self, cards, labels):
        self.seen_ = dict(zip(cards["card_id"], labels))
        return self.transform(cards)

    def transform(self, cards):
        return pl.DataFrame(
            {"type": [str(self.seen_.get(card_id, "unknown")) for card_id in cards["card_id"]]}
        )


def one_feature():
    return ByHeart()
