"""Five models that want to sort cards, the trivial one included: all take cards and types, none is fitted."""

from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from cardshop.features import CardFeatures
from cardshop.training.boosting import Boosting
from cardshop.training.encoding import Encoder

BASELINE = "baseline"


def contenders() -> dict[str, BaseEstimator]:
    """Return new models by name; `baseline` names the most frequent type of its training rows, whatever the card."""
    return {
        BASELINE: make_pipeline(CardFeatures(), Encoder(), DummyClassifier()),
        "linear": make_pipeline(
            CardFeatures(), Encoder(), StandardScaler(), LogisticRegression(max_iter=500)
        ),
        "tree": make_pipeline(
            CardFeatures(), Encoder(), DecisionTreeClassifier(min_samples_leaf=4, random_state=0)
        ),
        "forest": make_pipeline(
            CardFeatures(), Encoder(), RandomForestClassifier(60, min_samples_leaf=2, random_state=0)
        ),
        "boosting": make_pipeline(CardFeatures(), Encoder(), Boosting(trees=40, depth=3, rate=0.2)),
    }
