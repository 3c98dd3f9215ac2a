"""Incidents in the running stack: an alert that fires, and the words for a diagnosis.

What breaks is decided by the seed, in the part of the world that submissions cannot read.
"""

from typing import NamedTuple

from cardshop.oncall import CAUSES as KNOWN


class Symptom(NamedTuple):
    """What wakes the person on call: one of some alerts; `feature` is a regular expression for their label."""

    alerts: tuple[str, ...]
    feature: str  # empty where the alerts have no such label
    sentence: str


SYMPTOMS = {
    "latency": Symptom(("Slow",), "", "Predictions take too long."),
    "confidence": Symptom(("PredictionDrift",), "confidence", "The model is sure of less, or of more."),
    "fire": Symptom(("PredictionDrift",), "predicted_type", "Too many cards get the same type."),
    "errors": Symptom(("ErrorBudgetBurns", "RequestsRefused"), "", "Calls fail, or are refused."),
    "stale": Symptom(("FeatureDrift",), ".*", "The cards that the model gets have changed."),
    "worse": Symptom(("QualityFell",), "", "The labels say that the model is often wrong."),
}
CHANGES = {
    "code": "a release of the service changed its code",
    "settings": "a release of the service changed its settings",
    "model": "another version of the model became the champion",
    "traffic": "clients send something else",
    "labels": "labels come in another form",
}
"""Where a cause lies. In each incident harmless changes happen as well."""
CAUSES = {
    **{
        name: KNOWN[name]
        for name in ("wait", "lookup", "large", "temperature", "labels", "cache", "bias", "fallback")
    },
    "rounds": "a new version of the model was trained for too few rounds",
    "crash": "a release fails on cards that lack a field",
    "timeout": "a setting gives an answer too little time",
    "queue": "a setting lets too few requests wait for the model",
    "schema": "a client sends a field under another name, and is refused",
    "unit": "clients send some stats in another unit",
    "gap": "the scanners have stopped reading a field",
    "kept": "the stats of an earlier card are used again",
    "skew": "a release prepares the cards otherwise than the training did",
    "spelling": "the labels are spelled in another way",
}
"""The words for a diagnosis."""
METRICS = {
    "release": "cardshop_release",
    "model": 'cardshop_model{alias="champion"}',
    "p99_seconds": "cardshop:seconds:p99_5m",
    "cards_per_batch": "rate(cardshop_batch_cards_sum[20s]) / rate(cardshop_batch_cards_count[20s])",
    "share_422": "cardshop:refused:ratio5m",
    **{
        f"share_{status}": f'sum(rate(cardshop_requests_total{{path="/v1/predict", status="{status}"}}[20s]))'
        ' / sum(rate(cardshop_requests_total{path="/v1/predict"}[20s]))'
        for status in (500, 503, 504)
    },
    "confidence": "rate(cardshop_confidence_sum[20s]) / rate(cardshop_confidence_count[20s])",
    "share_top_type": "max(rate(cardshop_predictions_total[20s])) / sum(rate(cardshop_predictions_total[20s]))",
    "confidence_psi": 'cardshop_drift_psi{feature="confidence"}',
    "type_psi": 'cardshop_drift_psi{feature="predicted_type"}',
    "feature_psi": 'max(cardshop_drift_psi{feature!~"predicted_type|confidence"})',
    "missing_share": "max(cardshop_missing_share)",
    "accuracy": "cardshop_accuracy",
}
"""The metrics for a diagnosis, and how Prometheus is asked for them. `model` is the label `version` of its series."""
