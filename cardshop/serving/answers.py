"""What the service answers for a batch of cards, and what it counts of it."""

import polars as pl

from cardshop.serving.holder import Holder
from cardshop.serving.metrics import Metrics
from cardshop.serving.schemas import Card, Model, Prediction, table


class Answers:
    """Called with the cards of a batch, it returns a prediction for each, with the model that made it."""

    def __init__(self, holder: Holder, metrics: Metrics):
        self._holder, self._metrics = holder, metrics

    def __call__(self, cards: list[Card]) -> list[tuple[Prediction, Model]]:
        predictor = self._holder.predictor  # looked at once: a whole batch has one model
        model = Model(name=predictor.name, version=predictor.version, data_version=predictor.data_version)
        frame, classes = table(cards), predictor.classes
        predictions = []
        for shares in predictor.probabilities(frame).tolist():
            best = max(range(len(shares)), key=shares.__getitem__)
            predictions.append(
                Prediction(card_type=classes[best], probabilities=dict(zip(classes, shares, strict=True)))
            )
        self._count(frame, predictions)
        return [(prediction, model) for prediction in predictions]

    def _count(self, frame: pl.DataFrame, predictions: list[Prediction]) -> None:
        metrics = self._metrics
        metrics.batch.observe(frame.height)
        for one in predictions:
            metrics.predictions.labels(one.card_type).inc()
            metrics.confidence.observe(one.probabilities[one.card_type])
        for column, nulls in zip(frame.columns, frame.null_count().row(0), strict=True):
            if nulls:
                metrics.missing.labels(column).inc(nulls)
