"""6.3b: an overlay is judged by the objects that kubectl renders, whatever the patches look like."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple

from checks.shared import manifests
from checks.shared.manifests import Objects
from grader.engine import checks, expect

OVERLAY = "What does production do differently?"
FILES = Path(__file__).resolve().parents[2] / "solutions" / "06_production_stack" / "base"
BASE = {f"base/{file.name}": file.read_text(encoding="utf-8") for file in sorted(FILES.glob("*.yaml"))}
REPAIRS = {  # of the base, as somebody may make them next year: text, what replaces it
    "base/service.yaml": ("terminationGracePeriodSeconds: 20", "terminationGracePeriodSeconds: 45"),
    "base/monitor.yaml": ("memory: 500Mi", "memory: 700Mi"),
}
NAMESPACE = "cardshop-production"
IMAGE = (
    "registry.example.com/cardshop@sha256:8f2e1c0b5d7a49638e1f0c2b4a6d8e9f7c5b3a1908d6e4f2c0b1a39587d6e4f1"
)
RESOURCES = {"requests": {"cpu": "700m", "memory": "480Mi"}, "limits": {"cpu": "1", "memory": "640Mi"}}
LEAST, MOST, TARGET = 3, 8, 66
SERVICE, MONITOR = ("Deployment", "service"), ("Deployment", "monitor")
SCALER, BUDGET = ("HorizontalPodAutoscaler", "service"), ("PodDisruptionBudget", "service")


class Production(NamedTuple):
    """What the overlay renders, and the objects that nearly all rules are about."""

    objects: Objects
    pod: dict
    container: dict


def read(submission, base: dict[str, str] | None = None) -> Production:
    """What the submission's overlay renders, over a `base` other than that in its files if there is one."""
    found = manifests.rendered(submission, "overlay/kustomization.yaml", base)
    expect(
        SERVICE in found and MONITOR in found,
        "the Deployments service and monitor",
        got=", ".join(" ".join(one) for one in found),
        because="`resources` of the overlay has to name `../base`, and names stay as they are",
        reread=OVERLAY,
    )
    pod = found[SERVICE]["spec"]["template"]["spec"]
    named = [one for one in pod["containers"] if one["name"] == "service"]
    expect(bool(named), "a container `service` in the Deployment service", reread=OVERLAY)
    return Production(found, pod, named[0])


def placed(one: Production) -> None:
    """Expect the namespace, and the image by its digest."""
    for (kind, name), made in one.objects.items():
        got = made["metadata"].get("namespace")
        expect(
            got == NAMESPACE,
            f"the namespace {NAMESPACE}",
            got=f"{got} for {kind} {name}",
            because="without a namespace of its own, production replaces what another environment has"
            if got is None
            else "",
            reread=OVERLAY,
        )
    for key in (SERVICE, MONITOR):
        containers = one.objects[key]["spec"]["template"]["spec"]["containers"]
        image = next((each.get("image", "") for each in containers if each["name"] == key[1]), "")
        why = f"the Deployment {key[1]} runs {image or 'no image'}"
        if "@sha256:" not in image:
            why += ": a tag can be another image tomorrow, and a digest can't"
        expect(image == IMAGE, IMAGE, because=why, got=image, reread=OVERLAY)


def sized(one: Production) -> None:
    """Expect what the container requests, its limits, and its variable."""
    manifests.sized(one.container, RESOURCES, OVERLAY)
    values = {one["name"]: one.get("value") for one in one.container.get("env", ())}
    rate = values.get("CARDSHOP_RATE")
    expect(rate == "100", "CARDSHOP_RATE is 100", got=f"{rate}", because=_rate(rate), reread=OVERLAY)


def _rate(rate: str | None) -> str:
    return f"the container's CARDSHOP_RATE is {rate}" if rate else "the container has no CARDSHOP_RATE"


def probed(one: Production) -> None:
    """Expect that calls wait for `/ready`, and restarts for `/health`."""
    manifests.probed(one.container, OVERLAY)


def locked(one: Production) -> None:
    """Expect a security context that leaves little to somebody who got in."""
    manifests.locked(one.pod, one.container, OVERLAY)


def scaled(one: Production) -> None:
    """Expect an autoscaler, and that nobody else sets the number of replicas."""
    expect(SCALER in one.objects, "a HorizontalPodAutoscaler `service`", because=_absent(one), reread=OVERLAY)
    spec = one.objects[SCALER]["spec"]
    target = {name: spec["scaleTargetRef"].get(name) for name in ("apiVersion", "kind", "name")}
    wanted = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "service"}
    expect(target == wanted, f"{wanted}", got=f"{target}", because=f"it scales {target}", reread=OVERLAY)
    got = spec.get("minReplicas", 1), spec["maxReplicas"]
    expect(
        got == (LEAST, MOST),
        f"from {LEAST} to {MOST} replicas",
        got=f"from {got[0]} to {got[1]}",
        because=f"the autoscaler keeps the service between {got[0]} and {got[1]} replicas",
        reread=OVERLAY,
    )
    aims = _aims(spec)
    expect(
        aims == [TARGET],
        f"{TARGET} % of the requested CPU and nothing else",
        got=f"{aims}",
        because="the autoscaler looks at something else",
        reread=OVERLAY,
    )
    replicas = one.objects[SERVICE]["spec"].get("replicas")
    expect(
        replicas is None,
        "no `replicas` in the Deployment service",
        got=f"replicas: {replicas}",
        because=f"`replicas: {replicas}` is in the Deployment: each `kubectl apply` undoes what the autoscaler did",
        reread=OVERLAY,
    )


def _aims(spec: dict) -> list[object]:
    """Per cents of the requested CPU that an autoscaler aims at; other metrics as they are."""
    if "targetCPUUtilizationPercentage" in spec:  # autoscaling/v1
        return [spec["targetCPUUtilizationPercentage"]]
    found = []
    for metric in spec.get("metrics") or ():
        of = metric.get("resource") or metric.get("containerResource") or {}
        cpu = of.get("name") == "cpu" and of.get("container", "service") == "service"
        found.append(of["target"].get("averageUtilization") if cpu else metric)
    return found


def budgeted(one: Production) -> None:
    """Expect that a drain takes one pod of the service at a time, and gets it."""
    expect(BUDGET in one.objects, "a PodDisruptionBudget `service`", because=_absent(one), reread=OVERLAY)
    spec = one.objects[BUDGET]["spec"]
    service, monitor = (
        one.objects[key]["spec"]["template"]["metadata"].get("labels", {}) for key in (SERVICE, MONITOR)
    )
    selector = spec.get("selector")
    expect(
        manifests.selects(selector, service),
        f"a selector for pods with {service}",
        got=f"{selector}",
        because="the budget selects no pod of the service, so it protects none",
        reread=OVERLAY,
    )
    expect(
        not manifests.selects(selector, monitor),
        "a selector for the service's pods alone",
        got=f"{selector}",
        because="the budget counts the monitor's pod as one of the service",
        reread=OVERLAY,
    )
    manifests.one_at_a_time(spec, LEAST, MOST, OVERLAY)


def _absent(one: Production) -> str:
    return f"there are {', '.join(' '.join(key) for key in one.objects)}"


def unchanged(one: Production, base: dict[str, str] = BASE, why: str = "") -> None:
    """Expect everything else as in the base; `why` comes before what is not."""
    before = manifests.objects("\n---\n".join(text for name, text in base.items() if "kustom" not in name))
    after = {key: made for key, made in one.objects.items() if key not in (SCALER, BUDGET)}
    for key in before:
        expect(key in after, " ".join(key), because=f"{' '.join(key)} of the base is gone", reread=OVERLAY)
    for key, made in after.items():
        expect(
            key in before, "the objects of the base", because=f"{' '.join(key)} is too many", reread=OVERLAY
        )
        places = list(manifests.differences(_rest(key, before[key]), _rest(key, made)))
        expect(
            not places,
            "everything else as in the base",
            because=lambda key=key, places=places: f"{why}{' '.join(key)}: {'; '.join(places[:3])}",
            reread=OVERLAY,
        )


def _rest(key: tuple[str, str], made: dict) -> dict:
    """An object without what the task names; lists of named things as dicts."""
    made = manifests.by_name(deepcopy(made))
    made["metadata"].pop("namespace", None)
    if key in (SERVICE, MONITOR):
        pod = made["spec"]["template"]["spec"]
        for container in pod["containers"].values():
            container.pop("image", None)
    if key == SERVICE:
        made["spec"].pop("replicas", None)
        pod.pop("securityContext", None)
        for name in ("resources", "readinessProbe", "securityContext"):
            pod["containers"]["service"].pop(name, None)
        pod["containers"]["service"].get("env", {}).pop("CARDSHOP_RATE", None)
    return made


def repaired(submission) -> None:
    """Expect that a repair of the base reaches production: a copy of the base in the overlay keeps it away."""
    base = {name: BASE[name].replace(*repair) for name, repair in REPAIRS.items()}
    unchanged(read(submission, base), BASE | base, "a repair of the base doesn't reach production. ")


def each(submission, *rules: Callable[[Production], None]) -> None:
    one = read(submission)
    for rule in rules:
        rule(one)


def kept(submission) -> None:
    """Expect the base as it was handed out: staging runs it."""
    for name, text in BASE.items():
        same = submission.file(name).split() == text.split()
        expect(same, f"`{name}` as it was handed out", because=f"`{name}` was changed, and staging runs it")


@checks("6.3b", weight=0)
def test_kubernetes_knows_it(submission):
    """kubectl renders the overlay, and Kubernetes knows every field."""
    manifests.validated(read(submission).objects)  # a gate, so that the other checks can rely on it


@checks("6.3b")
def test_place(submission):
    """All objects are in their namespace, and run the image by its digest."""
    each(submission, placed)


@checks("6.3b")
def test_container(submission):
    """The container requests what it uses, has its limits and its rate."""
    each(submission, sized)


@checks("6.3b")
def test_probes(submission):
    """Calls come when the service is ready; it is restarted when it is dead."""
    each(submission, probed)


@checks("6.3b")
def test_security(submission):
    """The container can do little to anybody."""
    each(submission, locked)


@checks("6.3b")
def test_autoscaler(submission):
    """The autoscaler sets the replicas, and nobody else does."""
    each(submission, scaled)


@checks("6.3b")
def test_budget(submission):
    """A drain takes one pod of the service at a time."""
    each(submission, budgeted)


@checks("6.3b")
def test_the_rest(submission):
    """Everything else is as in the base, and follows it; the base is as it was."""
    kept(submission)
    each(submission, unchanged)
    repaired(submission)


@checks("6.3b", weight=8, public=False)
def test_all_of_it(submission):
    """All rules together."""
    kept(submission)
    each(submission, placed, sized, probed, locked, scaled, budgeted, unchanged)
    repaired(submission)
