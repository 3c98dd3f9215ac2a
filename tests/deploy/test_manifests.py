"""The manifests of each environment (P-8): they render, Kubernetes knows every field, and the policies hold."""

import re

import pytest

from .manifests import LAPTOP, OVERLAYS, chart, objects, pods, rendered
from .tools import attempt, run

KUBERNETES = ("1.33", "1.35", "1.37")
OTHERS = ("ServiceMonitor", "PrometheusRule")
"""Kinds that Kubernetes itself does not know; test_types.py checks them."""
ACCEPTED = {
    "CKV_K8S_15": "a tag is a version and never moves, and a laptop's cluster has nowhere to pull from",
    "CKV_K8S_35": "service and MLflow read their secrets from the environment",
    "CKV_K8S_43": "the digest is known after the build: the pipeline puts it there",
}


def validate(text: str, version: str, tmp_path) -> list[str]:
    """What Kubernetes of this version would refuse, unknown fields included."""
    file = tmp_path / "all.yaml"
    file.write_text(text)
    found = attempt("kubernetes-validate", "-k", version, "--strict", file)
    said = (found.stdout + found.stderr).splitlines()
    return [
        line for line in said if "INFO" not in line and not any(f"kind {kind} " in line for kind in OTHERS)
    ]


@pytest.mark.parametrize("version", KUBERNETES)
def test_kubernetes_knows_every_field(overlay, version, tmp_path):
    assert validate(rendered(overlay), version, tmp_path) == []


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("values", [(), LAPTOP], ids=["production", "laptop"])
def test_kubernetes_knows_every_field_of_the_chart(values, version, tmp_path):
    assert validate(chart(*values), version, tmp_path) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("readinessProbe:", "readynessProbe:"),
        ("containerPort: 8000", "containerPort: web"),
        ("kind: CronJob", "kind: Cron"),
    ],
)
def test_a_mistake_is_found(right, wrong, tmp_path):
    text = rendered("staging")
    assert right in text and validate(text.replace(right, wrong), KUBERNETES[-1], tmp_path)


def test_checkov_finds_nothing_but_what_is_accepted(tmp_path):
    for overlay in OVERLAYS:
        (tmp_path / f"{overlay}.yaml").write_text(rendered(overlay))
    skipped = ",".join(ACCEPTED)
    run(
        "checkov",
        "-d",
        tmp_path,
        "--framework",
        "kubernetes",
        "--compact",
        "--quiet",
        "--skip-download",
        "--skip-check",
        skipped,
    )


def test_every_pod_is_locked_up(environment_objects):
    found = dict(pods(environment_objects))
    assert set(found) == {"mlflow", "service", "monitor", "train"}
    for name, pod in found.items():
        assert pod["securityContext"]["runAsNonRoot"] and pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for one in pod["containers"]:
            assert re.fullmatch(r"cardshop:\d+\.\d+\.\d+", one["image"]), name
            assert (
                set(one["resources"]["limits"]) == set(one["resources"]["requests"]) == {"cpu", "memory"}
            ), name
            assert one["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            if name != "train":
                assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(one), name


def test_nothing_talks_unless_it_is_allowed(environment_objects):
    policies = {
        name: one["spec"] for (kind, name), one in environment_objects.items() if kind == "NetworkPolicy"
    }
    assert policies["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (names,) = policies["names"]["egress"]
    assert names["to"][0]["podSelector"] == {"matchLabels": {"k8s-app": "kube-dns"}}
    labels = {
        name: one["spec"]["template"]["metadata"]["labels"]
        for (kind, name), one in environment_objects.items()
        if kind == "Deployment"
    }
    for name in ("mlflow", "service", "monitor"):
        wanted = policies[name]["podSelector"]["matchLabels"]
        assert wanted.items() <= labels[name].items(), f"the policy {name} is about no pod"
        assert all("from" in way for way in policies[name]["ingress"]), name


def test_no_secret_is_in_the_manifests(environment_objects):
    assert not [name for kind, name in environment_objects if kind == "Secret"]
    for name, pod in pods(environment_objects):
        for one in pod["containers"]:
            for variable in one.get("env", ()):
                if re.search("KEY|SECRET|PASSWORD", variable["name"]):
                    assert "secretKeyRef" in variable["valueFrom"], (name, variable["name"])


def test_only_development_answers_without_a_key():
    for overlay in OVERLAYS:
        (container,) = dict(pods(objects(rendered(overlay))))["service"]["containers"]
        (key,) = (one for one in container["env"] if one["name"] == "CARDSHOP_API_KEYS")
        assert key["valueFrom"]["secretKeyRef"].get("optional", False) == (overlay == "development")


def test_what_refers_to_another_object_finds_it(environment_objects):
    there = set(environment_objects)
    for name, pod in pods(environment_objects):
        assert ("ServiceAccount", pod["serviceAccountName"]) in there
        for volume in pod["volumes"]:
            if claim := volume.get("persistentVolumeClaim"):
                assert ("PersistentVolumeClaim", claim["claimName"]) in there, name
        for one in pod["containers"]:
            mounted = {mount["name"] for mount in one["volumeMounts"]}
            assert mounted == {volume["name"] for volume in pod["volumes"]}, name
            assert all(("ConfigMap", source["configMapRef"]["name"]) in there for source in one["envFrom"]), (
                name
            )
    for (kind, name), one in environment_objects.items():
        if kind == "Service":
            ports = {port["targetPort"] for port in one["spec"]["ports"]}
            pod = environment_objects["Deployment", name]["spec"]["template"]
            assert one["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
            assert ports == {port["name"] for port in pod["spec"]["containers"][0]["ports"]}
        if kind == "HorizontalPodAutoscaler":
            assert ("Deployment", one["spec"]["scaleTargetRef"]["name"]) in there
            assert "replicas" not in environment_objects["Deployment", name]["spec"]
