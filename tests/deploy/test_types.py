"""Custom resources against their types (P-8); a field that the type has not is refused, as Kubernetes refuses it."""

import json
from pathlib import Path

import yaml

from .manifests import objects, rendered
from .tools import DEPLOY
from .typescript import refused

PACKAGES = {
    "Application": "@kubernetes-models/argo-cd/argoproj.io/v1alpha1",
    "ServiceMonitor": "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
    "PrometheusRule": "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
}
APPLICATION = yaml.safe_load((DEPLOY / "argocd" / "application.yaml").read_text())


def refusals(documents: list[dict], folder: Path) -> str:
    """What TypeScript has against these objects."""
    text = ""
    for number, one in enumerate(documents):
        package = PACKAGES[one["kind"]]
        assert package.endswith(one["apiVersion"])
        text += f'import type {{ I{one["kind"]} as T{number} }} from "{package}";\n'
        text += f"export const o{number}: T{number} = {json.dumps(one)};\n"
    return refused(text, folder)


def test_custom_resources_are_of_their_types(tmp_path):
    ours = objects(rendered("production"))
    assert not refusals(
        [APPLICATION, ours["ServiceMonitor", "cardshop"], ours["PrometheusRule", "cardshop"]], tmp_path
    )


MISTAKES = {
    '"selfHeal":': ('"selfHeel":', """'"selfHeel"' does not exist"""),
    '"limit": 5': ('"limit": "5"', "'string' is not assignable to type 'number'"),
    '"server":': ('"repoURL":', """'"repoURL"' does not exist"""),
}


def test_a_mistake_is_found(tmp_path):
    text = json.dumps(APPLICATION)
    assert all(right in text for right in MISTAKES)
    found = refusals(
        [json.loads(text.replace(right, wrong)) for right, (wrong, _) in MISTAKES.items()], tmp_path
    )
    assert [said for _, said in MISTAKES.values() if said not in found] == []


def test_argo_deploys_what_is_there():
    source, destination = APPLICATION["spec"]["source"], APPLICATION["spec"]["destination"]
    assert (DEPLOY.parent / source["path"] / "kustomization.yaml").is_file()
    assert ("Namespace", destination["namespace"]) in objects(rendered("production"))
