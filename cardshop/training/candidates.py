"""The shop's model of card types."""

import numpy as np
import polars as pl
from sklearn.pipeline import Pipeline, make_pipeline

from cardshop.features import CardFeatures
from cardshop.training.boosting import Boosting
from cardshop.training.encoding import Encoder


def card_model(cards: pl.DataFrame, labels: np.ndarray) -> Pipeline:
    """Fit the shop's model: the features of a card, one-hot encoded, and boosted trees."""
    return make_pipeline(CardFeatures(), Encoder(), Boosting()).fit(cards, labels)
