"""The Helm chart (P-8): sound by helm's own judgement, and the same system as the overlays."""

import re

import pytest
import yaml

from .manifests import LAPTOP, chart, objects, rendered
from .tools import DEPLOY, attempt, run

CHART = DEPLOY / "helm" / "cardshop"
HELM = ("app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "helm.sh/chart", "checksum/settings")
"""What only helm writes on an object."""


def bare(value):
    """The same without what only helm or only kustomize writes: labels, namespaces, the hash in a name."""
    if isinstance(value, dict):
        kept = {name: bare(one) for name, one in value.items() if name not in (*HELM, "namespace")}
        return {name: one for name, one in kept.items() if one != {} or name == "podSelector"}
    if isinstance(value, list):
        return [bare(one) for one in value]
    return re.sub(r"^settings-\w{10}$", "settings", value) if isinstance(value, str) else value


def same(chart: str, overlay: str, but: tuple[str, ...] = ()) -> None:
    ours = {(kind, bare(name)): bare(one) for (kind, name), one in objects(overlay).items()}
    theirs = {key: bare(one) for key, one in objects(chart).items()}
    del ours["Namespace", next(name for kind, name in ours if kind == "Namespace")]  # helm makes it by itself
    assert set(theirs) == set(ours)
    for key, one in ours.items():
        if key[0] not in but:
            assert yaml.safe_dump(theirs[key]) == yaml.safe_dump(one), key


def test_helm_finds_nothing_wrong():
    run("helm", "lint", CHART, "--strict")


def test_the_chart_is_production():
    same(chart(), rendered("production"))


def test_with_other_values_it_is_development():
    same(chart(*LAPTOP, "settings.CARDSHOP_RATE=0"), rendered("development"), but=("Ingress",))


@pytest.mark.parametrize(
    "value",
    [
        *(
            "image.tag=latest",
            "image.digest=sha256:1",
            "replica.most=3",
            "replicas.least=0",
            "settings.RATE=1",
        ),
        *("journal.accessMode=ReadWrite", "resources.service.limits.memory=null"),
    ],
)
def test_a_wrong_value_is_refused(value):
    found = attempt("helm", "template", "cardshop", CHART, "--set", value)
    assert found.returncode and "values don't meet the specifications of the schema" in found.stderr


def test_a_digest_takes_the_place_of_the_tag():
    digest = "sha256:" + 64 * "0"
    assert f'"cardshop@{digest}"' in chart(f"image.digest={digest}")
