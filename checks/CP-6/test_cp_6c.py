"""CP-6c: the manifest of the service: Kubernetes knows every field, and production gets what it asks for."""

import math
import re
from collections.abc import Callable
from typing import NamedTuple

from checks.shared import manifests
from checks.shared.manifests import Objects
from grader.engine import checks, expect

PRODUCTION = "What does production do differently?"
FILE, NAME, REPLICAS = "sorter.yaml", "sorter", 3
IMAGE = "registry.example.com/sorter@sha256:4c1f9a2e7b60d853f1a4c7e90b2d6538e7f10a9c4b3d2e1f0a9b8c7d6e5f4a3b"
RESOURCES = {"requests": {"cpu": "500m", "memory": "300Mi"}, "limits": {"cpu": "1", "memory": "512Mi"}}
KINDS = ("Deployment", "Service", "PodDisruptionBudget")
LEAKED = "sk-live-4b1d07aa"


class Manifest(NamedTuple):
    """The objects of the file, and those that nearly all rules are about."""

    objects: Objects
    deployment: dict  # specs
    service: dict
    budget: dict
    labels: dict  # of the pods
    pod: dict
    container: dict


def read(submission) -> Manifest:
    """What the submission's manifest holds."""
    found = manifests.objects(submission.file(FILE))
    wanted = {(kind, NAME) for kind in KINDS}
    expect(
        set(found) == wanted,
        f"{', '.join(KINDS)}, all called {NAME}",
        got=", ".join(" ".join(one) for one in found) or "no object",
        reread=PRODUCTION,
    )
    manifests.validated(found)
    deployment, service, budget = (found[kind, NAME].get("spec") or {} for kind in KINDS)
    template = deployment["template"]
    pod = template.get("spec") or {}
    containers = pod.get("containers") or []
    names = [one["name"] for one in containers]
    expect(
        names == [NAME], f"one container, called {NAME}", got=", ".join(names) or "none", reread=PRODUCTION
    )
    labels = (template.get("metadata") or {}).get("labels") or {}
    return Manifest(found, deployment, service, budget, labels, pod, containers[0])


def deployed(one: Manifest) -> None:
    """Expect three replicas of the image, and three that answer while they are replaced."""
    got = one.deployment.get("replicas", 1)
    expect(got == REPLICAS, f"{REPLICAS} replicas", got=f"{got}", because=f"it runs {got}", reread=PRODUCTION)
    expect(
        manifests.selects(one.deployment["selector"], one.labels),
        f"a selector for pods with {one.labels}",
        got=f"{one.deployment['selector']}",
        because="Kubernetes refuses a Deployment that doesn't select its own pods",
        reread=PRODUCTION,
    )
    image = one.container.get("image", "")
    why = f"it runs {image or 'no image'}"
    if "@sha256:" not in image:
        why += ": a tag can be another image tomorrow, and a digest can't"
    expect(image == IMAGE, IMAGE, got=image, because=why, reread=PRODUCTION)
    ports = {port.get("name"): port["containerPort"] for port in one.container.get("ports") or ()}
    expect(ports.get("http") == 8000, "a port `http`, 8000", got=f"{ports}", reread=PRODUCTION)
    strategy = one.deployment.get("strategy") or {}
    rolling = strategy.get("rollingUpdate") or {}
    gone = _down(rolling.get("maxUnavailable", "25%"))
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        gone = REPLICAS
    expect(
        gone == 0,
        "three replicas that answer at any moment of an update",
        got=f"{REPLICAS - gone}",
        because=f"the strategy takes {gone} of them away before the new ones are ready",
        reread=PRODUCTION,
    )
    surge = manifests.quantity(str(rolling.get("maxSurge", 1)).rstrip("%"))
    expect(
        surge != 0,
        "a maxSurge above 0",
        because="with nothing more and nothing less, no pod is ever replaced",
    )


def _down(value: int | str) -> int:
    """A number of replicas, or a per cent of them, rounded down as a Deployment does."""
    match = re.fullmatch(r"([0-9]{1,3})%", str(value))
    if match:
        return math.floor(int(match[1]) * REPLICAS / 100)
    return int(value) if re.fullmatch(r"[0-9]{1,9}", str(value)) else REPLICAS


def configured(one: Manifest) -> None:
    """Expect that models and key come from outside."""
    env = {each["name"]: each for each in one.container.get("env") or ()}
    folder = env.get("SORTER_FOLDER", {}).get("value")
    expect(folder == "/models", "SORTER_FOLDER is /models", got=f"{folder}", reread=PRODUCTION)
    key = env.get("SORTER_KEY") or {}
    why = "the value is in the file, and so is it in the history of the repository" if "value" in key else ""
    secret = (key.get("valueFrom") or {}).get("secretKeyRef") or {}
    expect(
        (secret.get("name"), secret.get("key")) == ("sorter-key", "key") and not secret.get("optional"),
        "SORTER_KEY from the entry `key` of the Secret `sorter-key`",
        got="a value" if "value" in key else f"{key.get('valueFrom')}",
        because=why,
        reread=PRODUCTION,
    )
    expect(LEAKED not in f"{one.objects}", "no key in the objects", because="the partner's key is in them")
    volumes = {each["name"]: each.get("persistentVolumeClaim") or {} for each in one.pod.get("volumes") or ()}
    claims = {name: claim for name, claim in volumes.items() if claim.get("claimName") == "models"}
    mounts = [
        each for each in one.container.get("volumeMounts") or () if each["mountPath"].rstrip("/") == "/models"
    ]
    expect(
        len(mounts) == 1 and mounts[0]["name"] in claims and not mounts[0].get("subPath"),
        "the claim `models` at /models",
        got=f"{mounts}, volumes {volumes}"[:200],
        reread=PRODUCTION,
    )
    expect(
        mounts[0].get("readOnly") is True or claims[mounts[0]["name"]].get("readOnly") is True,
        "the claim `models` read-only",
        because="a service that can write models can also damage them, for all replicas",
        reread=PRODUCTION,
    )


def asked(one: Manifest) -> None:
    manifests.probed(one.container, PRODUCTION)


def sized(one: Manifest) -> None:
    manifests.sized(one.container, RESOURCES, PRODUCTION)


def locked(one: Manifest) -> None:
    manifests.locked(one.pod, one.container, PRODUCTION)


def reached(one: Manifest) -> None:
    """Expect a Service that leads to the pods, inside of the cluster."""
    selector = one.service.get("selector") or {}
    expect(
        bool(selector) and manifests.selects({"matchLabels": selector}, one.labels),
        f"a selector for pods with {one.labels}",
        got=f"{selector}",
        because="the Service selects no pod of the Deployment, so nobody is reached",
        reread=PRODUCTION,
    )
    ports = [(port["port"], port.get("targetPort", port["port"])) for port in one.service.get("ports") or ()]
    expect(
        len(ports) == 1 and ports[0][0] == 80 and ports[0][1] in ("http", 8000),
        "port 80 of the Service leads to the port http",
        got=f"{ports}",
        reread=PRODUCTION,
    )
    kind = one.service.get("type", "ClusterIP")
    expect(
        kind == "ClusterIP", "a Service inside of the cluster", got=kind, because=f"{kind} opens it to others"
    )


def budgeted(one: Manifest) -> None:
    """Expect that a drain takes one pod at a time, and gets it."""
    expect(
        manifests.selects(one.budget.get("selector"), one.labels) and one.budget.get("selector"),
        f"a selector for pods with {one.labels}",
        got=f"{one.budget.get('selector')}",
        because="the budget selects no pod of the service, so it protects none",
        reread=PRODUCTION,
    )
    manifests.one_at_a_time(one.budget, REPLICAS, REPLICAS, PRODUCTION)


RULES = (deployed, configured, asked, sized, locked, reached, budgeted)


def each(submission, *rules: Callable[[Manifest], None]) -> None:
    one = read(submission)
    for rule in rules:
        rule(one)


@checks("CP-6c", weight=0)
def test_kubernetes_knows_it(submission):
    """Has the three objects, and Kubernetes knows every field."""
    read(submission)


@checks("CP-6c")
def test_deployment(submission):
    """Three replicas of the image answer, also while a new release replaces them."""
    each(submission, deployed)


@checks("CP-6c")
def test_from_outside(submission):
    """Models and key come from outside, and the key isn't in the file."""
    each(submission, configured)


@checks("CP-6c")
def test_probes(submission):
    """Calls come when the service is ready; it is restarted when it is dead."""
    each(submission, asked)


@checks("CP-6c")
def test_container(submission):
    """The container gets what it needs, and can do little to anybody."""
    each(submission, sized, locked)


@checks("CP-6c")
def test_reached(submission):
    """The Service leads to the pods; a drain takes one of them at a time."""
    each(submission, reached, budgeted)


@checks("CP-6c", weight=8, public=False)
def test_all_of_it(submission):
    """All rules together."""
    each(submission, *RULES)
