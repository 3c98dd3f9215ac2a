"""What Prometheus says of an incident's alert."""

import re

import httpx

from cardshop.incidents import SYMPTOMS


def firing(url: str, symptom: str) -> dict[str, str] | None:
    """The alert of a symptom that fires: its `name`, `severity`, `summary` and `at` (ISO). None where none does.

    Raises httpx.HTTPError and ValueError where Prometheus does not answer.
    """
    wanted = SYMPTOMS[symptom]
    answer = httpx.get(f"{url}/api/v1/alerts", timeout=5, trust_env=False).raise_for_status().json()
    for one in answer["data"]["alerts"]:
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
