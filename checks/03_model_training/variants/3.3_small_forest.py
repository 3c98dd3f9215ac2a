"""The same kind of model with few trees."""


def card_model(cards, labels):
    forest = RandomForestClassifier(30, min_samples_leaf=2, random_state=7)
    return make_pipeline(feature_pipeline(), Encoder(), forest).fit(cards, labels)
