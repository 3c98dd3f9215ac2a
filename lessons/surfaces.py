"""Five models on problems with two features: what each learns, as a surface over the plane."""

import warnings
from functools import cache

import numpy as np
import polars as pl
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

SHAPES = {
    "a slope": "x + y > 0: every feature counts a little, everywhere",
    "a corner": "x > 0.2 and y > −0.4: two thresholds",
    "a chessboard": "the sign of x · y: neither feature says anything by itself",
    "a ring": "the distance from the middle: a smooth, curved border",
}
MODELS = {
    "linear": LogisticRegression(),
    "tree": DecisionTreeClassifier(max_depth=5, random_state=0),
    "forest": RandomForestClassifier(30, random_state=0),
    "boosting": XGBClassifier(n_estimators=40, max_depth=3, learning_rate=0.2, n_jobs=1, random_state=0),
    "network": MLPClassifier((16, 16), max_iter=400, learning_rate_init=0.02, random_state=0),
}
_EDGE = np.linspace(-1, 1, 29)


def sample(shape: str, rows: int, seed: int, noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Points in the square from −1 to 1, (rows, 2), and labels 0 or 1; a share `noise` of the labels is flipped."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(-1, 1, (rows, 2))
    x, y = points.T
    inside = {
        "a slope": x + y > 0,
        "a corner": (x > 0.2) & (y > -0.4),
        "a chessboard": x * y > 0,
        "a ring": x**2 + y**2 < 0.6,
    }[shape]
    return points, (inside ^ (rng.random(rows) < noise)).astype(int)


@cache
def drawn(shape: str, seed: int = 0, rows: int = 150) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, float]]:
    """Every model's surface (model, x, y, share of class 1), the training points, and accuracies on fresh points."""
    points, labels = sample(shape, rows, seed, noise=0.05)
    fresh, truth = sample(shape, 2000, seed + 1000)
    grid = np.stack(np.meshgrid(_EDGE, _EDGE), axis=-1).reshape(-1, 2)
    surfaces, accuracies = [], {"baseline": float(max(truth.mean(), 1 - truth.mean()))}
    for name, model in MODELS.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = clone(model).fit(points, labels)
        accuracies[name] = float((fitted.predict(fresh) == truth).mean())
        share = fitted.predict_proba(grid)[:, 1].astype(float).round(2)
        surfaces.append(
            pl.DataFrame({"x": grid[:, 0], "y": grid[:, 1], "share": share}).with_columns(model=pl.lit(name))
        )
    dots = pl.DataFrame({"x": points[:, 0], "y": points[:, 1], "label": labels})
    return pl.concat(surfaces), dots, accuracies
