"""What the service measures about itself, in the format of Prometheus."""

from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
CALLS = ("/v1/predict", "/v1/explain", "/v1/feedback")
FAILURES = (500, 503, 504)
SHARES = tuple(tenth / 10 for tenth in range(1, 11))


class Metrics:
    """The metrics of one app; nothing of them is global, so that two apps can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        here = {"registry": self.registry}
        self.requests = Counter("cardshop_requests", "Answered requests.", ["path", "status"], **here)
        for path, status in product(CALLS, FAILURES):
            self.requests.labels(
                path, status
            )  # at 0: Prometheus does not count a series' first value as an increase
        self.seconds = Histogram(
            "cardshop_request_seconds", "Time to an answer.", ["path"], buckets=SECONDS, **here
        )
        self.predictions = Counter("cardshop_predictions", "Predicted cards.", ["card_type"], **here)
        self.confidence = Histogram(
            "cardshop_confidence", "Probability of the predicted type.", buckets=SHARES, **here
        )
        self.batch = Histogram(
            "cardshop_batch_cards",
            "Cards predicted together.",
            buckets=(1, 2, 4, 8, 16, 64, 256, 1000),
            **here,
        )
        self.missing = Counter(
            "cardshop_missing_values", "Values that the scanner could not read.", ["column"], **here
        )
        self.feedback = Counter("cardshop_feedback", "Labels that came back.", ["alias", "correct"], **here)
        self.shadows = Counter(
            "cardshop_shadow", "Cards that the challenger predicted unheard.", ["agrees"], **here
        )
        self.unwritten = Counter("cardshop_journal_errors", "Lines that the journal could not write.", **here)
        self.model = Gauge(
            "cardshop_model",
            "1 for the model that answers.",
            ["alias", "name", "version", "data_version"],
            **here,
        )
        self.release = Gauge("cardshop_release", "Number of the release that runs.", **here)
        self._titles: dict[str, dict[str, str]] = {}
        self.registry_up = Gauge("cardshop_registry_up", "1 while the registry of models answers.", **here)

    def serves(self, alias: str, title: dict[str, str]) -> None:
        """Note which model has an alias from now on."""
        if before := self._titles.get(alias):
            self.model.remove(alias, *before.values())
        self._titles[alias] = title
        self.model.labels(alias, *title.values()).set(1)

    def text(self) -> bytes:
        return generate_latest(self.registry)
