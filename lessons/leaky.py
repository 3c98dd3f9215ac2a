"""Five evaluations on the shop's tables, each with a leak and without: what the lesson on leakage measures.

Each takes `leak`, whether to leak, and `change`, a function of the labels: the identity, or one that shuffles them.
Each returns the score, between 0 and 1.
"""

from collections.abc import Callable

import numpy as np
import polars as pl
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import TargetEncoder

from cardshop import world

STATS = ["hp", "attack", "defense", "special_attack", "special_defense", "speed"]

Change = Callable[[np.ndarray], np.ndarray]


def shuffled(labels: np.ndarray) -> np.ndarray:
    """The labels in a random order, the same at each call."""
    return np.random.default_rng(0).permutation(labels)


def target(leak: bool, change: Change = np.asarray) -> float:
    """The type of a card, with or without the number of the shelf it was sorted into."""
    cards = world.load("cards")
    types = cards["card_type"].to_numpy()
    shelf = cards["card_type"].rank("dense").to_numpy() if leak else np.zeros(len(types))
    seen = np.column_stack([cards.select(STATS).to_numpy(), shelf])
    forest = RandomForestClassifier(30, min_samples_leaf=2, random_state=0)
    return cross_val_score(forest, seen, change(types), cv=3).mean()


def train_test(leak: bool, change: Change = np.asarray) -> float:
    """The type of a card, when half of the catalogue is in the table twice or not."""
    cards = world.load("cards")
    table = pl.concat([cards, cards.sample(fraction=0.5, seed=2)]) if leak else cards
    folds = KFold(3, shuffle=True, random_state=0)
    forest = RandomForestClassifier(30, min_samples_leaf=2, random_state=0)
    types = change(table["card_type"].to_numpy())
    return cross_val_score(forest, table.select(STATS).to_numpy(), types, cv=folds).mean()


def temporal(leak: bool, change: Change = np.asarray) -> float:
    """Whether the second offer of a card is expensive, judged by the mean price of all its offers or of the first."""
    price, row = pl.col("asking_price"), pl.int_range(pl.len()).over("card_id")
    earlier = (price.cum_sum().over("card_id") - price) / row
    offers = world.load("listings").sort("listed_at")
    offers = offers.with_columns(known=price.mean().over("card_id") if leak else earlier, row=row)
    second = offers.filter(row=1)
    expensive = change((second["asking_price"] > second["asking_price"].median()).to_numpy())
    return ((second["known"] > second["known"].median()).to_numpy() == expensive).mean()


def group(leak: bool, change: Change = np.asarray) -> float:
    """Whether a sale is made in the store, from its seller: balanced accuracy on known or on new sellers."""
    sellers = world.load("listings").select("listing_id", "seller_id")
    sales = world.load("sales").join(sellers, on="listing_id").head(4000)
    encoder = TargetEncoder(cv=StratifiedKFold(5, shuffle=True, random_state=0))
    model = make_pipeline(encoder, LogisticRegression())
    seller = sales.select("seller_id").to_numpy()
    in_store = change((sales["channel"] == "store").to_numpy())
    folds = KFold(5, shuffle=True, random_state=0) if leak else GroupKFold(5)
    groups = None if leak else seller[:, 0]
    return cross_val_score(
        model, seller, in_store, cv=folds, groups=groups, scoring="balanced_accuracy"
    ).mean()


def preprocessing(leak: bool, change: Change = np.asarray) -> float:
    """Fire or not, from the best twenty of two thousand columns of noise, chosen before the split or in each fold."""
    fire = change(np.repeat([True, False], 120))
    noise = np.random.default_rng(0).normal(size=(240, 2000))
    if leak:
        best = SelectKBest(k=20).fit_transform(noise, fire)
        return cross_val_score(LogisticRegression(), best, fire, cv=5).mean()
    model = make_pipeline(SelectKBest(k=20), LogisticRegression())
    return cross_val_score(model, noise, fire, cv=5).mean()


LEAKING = {
    "target": target,
    "train–test": train_test,
    "temporal": temporal,
    "group": group,
    "preprocessing": preprocessing,
}
