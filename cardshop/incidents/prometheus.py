"""What Prometheus says, and what of it is an incident's alert."""

import re

import httpx

from cardshop.incidents import SYMPTOMS


def asked(url: str, path: str, **parameters: object) -> dict:
    """The data that Prometheus answers at a path of its API. Raises httpx.HTTPError, LookupError and ValueError."""
    answer = httpx.get(f"{url}/api/v1/{path}", params=parameters, timeout=5, trust_env=False)
    return answer.raise_for_status().json()["data"]


def firing(url: str, symptom: str) -> dict[str, str] | None:
    """The alert of a symptom that fires: its `name`, `severity`, `summary` and `at` (ISO). None where none does.

    Raises httpx.HTTPError and ValueError where Prometheus does not answer.
    """
    wanted = SYMPTOMS[symptom]
    for one in asked(url, "alerts")["alerts"]:
        labels = one["labels"]
        if one["state"] != "firing" or labels["alertname"] not in wanted.alerts:
            continue
        if wanted.feature and not re.fullmatch(wanted.feature, labels.get("feature", "")):
            continue
        return {
            "name": labels["alertname"],
            "severity": labels["severity"],
            "summary": one["annotations"]["summary"],
            "at": one["activeAt"],
        }
    return None
