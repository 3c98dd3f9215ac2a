"""A report of the monitor as metrics for Prometheus."""

import math

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from cardshop.monitoring.watch import Report


def text(report: Report) -> bytes:
    """The metrics of one report. What is not known yet is left out, so that no alert takes it for a number."""
    registry = CollectorRegistry()

    def gauge(name: str, what: str, value: float) -> None:
        if not math.isnan(value):
            Gauge(f"cardshop_{name}", what, registry=registry).set(value)

    psi = Gauge("cardshop_drift_psi", "Population stability index.", ["feature"], registry=registry)
    p = Gauge(
        "cardshop_drift_p", "p-value of the test that nothing has changed.", ["feature"], registry=registry
    )
    missing = Gauge(
        "cardshop_missing_share", "Share of cards without a value.", ["feature"], registry=registry
    )
    for one in report.drift:
        psi.labels(one.feature).set(one.psi)
        p.labels(one.feature).set(one.p)
        missing.labels(one.feature).set(one.now[-1])
    gauge("labels", "Labels in the window.", report.quality.labels)
    gauge("accuracy", "Share of labelled predictions that were right.", report.quality.accuracy)
    gauge("accuracy_low", "Lower end of its 95 % interval.", report.quality.low)
    gauge("accuracy_high", "Upper end of its 95 % interval.", report.quality.high)
    gauge("label_delay_seconds", "Median time from a prediction to its label.", report.delay)
    gauge("last_prediction_timestamp_seconds", "When a card was last answered.", report.last_prediction)
    gauge("last_label_timestamp_seconds", "When a label last came back.", report.last_label)
    gauge("window_cards", "Latest cards that are compared.", report.window)
    gauge("reference_cards", "Cards that they are compared with.", report.reference)
    gauge("journal_broken_lines", "Lines of the journal that cannot be read.", report.broken)
    return generate_latest(registry)
