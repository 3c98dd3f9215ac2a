"""What kustomize and helm make of deploy/, as objects."""

from collections.abc import Iterator
from functools import cache

import yaml

from .tools import DEPLOY, run

OVERLAYS = ("development", "staging", "production")
LAPTOP = (
    *("registry.secret=", "apiKeys.optional=true", "journal.accessMode=ReadWriteOnce"),
    *("replicas.least=1", "replicas.most=1", "prometheusOperator=false"),
)
"""The values that make the chart what the overlay development is."""


@cache
def rendered(overlay: str) -> str:
    """What an environment's overlay becomes, as YAML."""
    return run("kubectl", "kustomize", DEPLOY / "kubernetes" / "overlays" / overlay)


@cache
def chart(*values: str) -> str:
    """What the chart becomes with these values, each as `name=value`, as YAML."""
    kinds = ("--set-string" if value.startswith("settings.") else "--set" for value in values)
    sets = [part for pair in zip(kinds, values, strict=True) for part in pair]
    return run("helm", "template", "cardshop", DEPLOY / "helm" / "cardshop", *sets)


def objects(text: str) -> dict[tuple[str, str], dict]:
    """The objects in a YAML text by kind and name."""
    found = [one for one in yaml.safe_load_all(text) if one]
    named = {(one["kind"], one["metadata"]["name"]): one for one in found}
    assert len(named) == len(found), "two objects have one name"
    return named


def pods(objects: dict[tuple[str, str], dict]) -> Iterator[tuple[str, dict]]:
    """Name and specification of each kind of pod."""
    for (kind, name), one in objects.items():
        if kind == "Deployment":
            yield name, one["spec"]["template"]["spec"]
        if kind == "CronJob":
            yield name, one["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def environment(objects: dict[tuple[str, str], dict], container: dict) -> dict[str, str]:
    """The variables that a container gets, but for those from secrets."""
    found = {}
    for source in container.get("envFrom", ()):
        found |= objects["ConfigMap", source["configMapRef"]["name"]]["data"]
    for one in container.get("env", ()):
        found.pop(one["name"], None)
        if "value" in one:
            found[one["name"]] = one["value"]
    return found
