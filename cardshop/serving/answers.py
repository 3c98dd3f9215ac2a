"""What the service answers for a batch of cards, and what it counts of it."""

from typing import NamedTuple

import polars as pl

from cardshop.serving.holder import Holder
from cardshop.serving.hooks import PLAIN, Hooks
from cardshop.serving.metrics import Metrics
from cardshop.serving.schemas import Card, table


class Answer(NamedTuple):
    """What a client gets for a card: `prediction` and `model` as the schemas `Prediction` and `Model` state them."""

    prediction: dict
    confidence: float
    model: dict[str, str]


class Answers:
    """Called with the cards of a batch, it returns an answer for each, in their order."""

    def __init__(self, holder: Holder, metrics: Metrics, hooks: Hooks = PLAIN):
        self._holder, self._metrics, self._hooks = holder, metrics, hooks

    def __call__(self, cards: list[Card]) -> list[Answer]:
        predictor = self._holder.predictor  # looked at once: a whole batch has one model
        frame, classes = table(cards), predictor.classes
        given = self._hooks.table(frame) if self._hooks.table else frame
        probabilities = predictor.probabilities(given)
        if self._hooks.probabilities:
            probabilities = self._hooks.probabilities(given, probabilities, classes)
        answers = []
        for shares, best in zip(probabilities.tolist(), probabilities.argmax(axis=1).tolist(), strict=True):
            prediction = {
                "card_type": classes[best],
                "probabilities": dict(zip(classes, shares, strict=True)),
            }
            answers.append(Answer(prediction, shares[best], predictor.title))
        self._count(frame, answers)
        return answers

    def _count(self, frame: pl.DataFrame, answers: list[Answer]) -> None:
        metrics = self._metrics
        metrics.batch.observe(frame.height)
        for one in answers:
            metrics.predictions.labels(one.prediction["card_type"]).inc()
            metrics.confidence.observe(one.confidence)
        for series in frame:
            if nulls := series.null_count():
                metrics.missing.labels(series.name).inc(nulls)
