"""The service's objectives, and what the last hour and the last day used of their error budgets."""

from dataclasses import dataclass
from typing import NamedTuple

import httpx

WINDOWS = {"1h": "last hour", "1d": "last day"}
"""How Prometheus writes a window, and how a person does."""


@dataclass(frozen=True)
class Objective:
    """A share of calls, `allowed`, may be bad. `calls` and `bad` are queries; a window takes the place of `WINDOW`."""

    title: str
    allowed: float
    calls: str
    bad: str


OBJECTIVES = (
    Objective(
        "99.9 % of the calls are answered without a server error",
        0.001,
        'sum(increase(cardshop_requests_total{path=~"/v1/.*"}[WINDOW]))',
        'sum(increase(cardshop_requests_total{path=~"/v1/.*", status=~"5.."}[WINDOW]))',
    ),
    Objective(
        "99 % of the predictions come within 0.5 s",
        0.01,
        'sum(increase(cardshop_request_seconds_count{path="/v1/predict"}[WINDOW]))',
        'sum(increase(cardshop_request_seconds_count{path="/v1/predict"}[WINDOW]))'
        ' - sum(increase(cardshop_request_seconds_bucket{path="/v1/predict", le="0.5"}[WINDOW]))',
    ),
)
"""They hold for 30 days. `deploy/prometheus/rules.yml` wakes somebody when one of them is in danger."""


class Use(NamedTuple):
    """Of the `calls` of a window, `bad` missed the objective; Prometheus estimates both, hence the fractions."""

    calls: float
    bad: float

    def of(self, objective: Objective) -> float:
        """The part of the window's budget that is used: at 1 as many calls were bad as may be. No call uses nothing."""
        return self.bad / (objective.allowed * self.calls) if self.calls else 0.0


Uses = dict[Objective, dict[str, Use]]
"""For each objective and each window what was used."""


def used(prometheus: str) -> Uses:
    """Ask Prometheus. Raises httpx.HTTPError where it does not answer, ValueError or LookupError if it is another."""
    with httpx.Client(base_url=prometheus, timeout=2, trust_env=False) as client:
        return {
            one: {
                window: Use(_ask(client, one.calls, window), _ask(client, one.bad, window))
                for window in WINDOWS
            }
            for one in OBJECTIVES
        }


def _ask(client: httpx.Client, query: str, window: str) -> float:
    """The value of a query; 0 where there is no series yet."""
    answer = client.get("/api/v1/query", params={"query": query.replace("WINDOW", window)}).raise_for_status()
    found = answer.json()["data"]["result"]
    return max(float(found[0]["value"][1]), 0.0) if found else 0.0
