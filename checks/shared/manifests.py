"""Kubernetes objects as a submission's files render: read with care, validated by Kubernetes' own schemas, compared."""

import math
import re
from collections.abc import Iterator
from decimal import Decimal

import kubernetes_validate
import yaml

from grader.engine import Mismatch, expect

VERSIONS = ("1.33", "1.37")  # between them fields and kinds have only been added
LONGEST, NODES, DEEP = 200_000, 20_000, 40  # characters, values and levels of what was rendered
_UNITS = {"m": Decimal("0.001"), "": Decimal(1)} | {
    unit: Decimal(base) ** power
    for base, names in ((1000, ("k", "M", "G", "T")), (1024, ("Ki", "Mi", "Gi", "Ti")))
    for power, unit in enumerate(names, 1)
}

Objects = dict[tuple[str, str], dict]


def rendered(submission, name: str, files: dict[str, str] | None = None) -> Objects:
    """Return the objects that kubectl renders for a kustomization of the submission, by kind and name.

    `files` stand in for the submission's files of these names.
    """
    text = submission.read("overlay", name, files=files)
    if not isinstance(text, str) or len(text) > LONGEST:
        raise Mismatch(f"objects of at most {LONGEST:,} characters")
    return objects(text)


def objects(text: str) -> Objects:
    """Return the objects of a YAML text by kind and name. Raises Mismatch with a sentence."""
    found: Objects = {}
    try:
        _look(text)
        for one in yaml.load_all(text, yaml.CSafeLoader):
            kind, name = one["kind"], one["metadata"]["name"]
            if not all(isinstance(word, str) for word in (kind, name, one["apiVersion"])):
                raise Mismatch("texts as `apiVersion`, `kind` and `metadata.name`", got=f"{kind!r}, {name!r}")
            if (kind, name) in found:
                raise Mismatch("each object once", because=f"two objects are {kind} {name}")
            found[kind, name] = one
    except yaml.YAMLError as error:
        raise Mismatch("YAML", because=f"{error}") from None
    except (KeyError, TypeError):
        raise Mismatch("objects with `apiVersion`, `kind` and `metadata.name`") from None
    return found


def _look(text: str) -> None:
    """Refuse what would become too much: aliases multiply what they name."""
    level = 0
    for number, event in enumerate(yaml.parse(text, yaml.CSafeLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            level += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            level -= 1
        if isinstance(event, yaml.AliasEvent) or number > NODES or level > DEEP:
            raise Mismatch("objects of a reasonable size, without aliases")


def validated(found: Objects) -> None:
    """Expect that Kubernetes knows every kind and field, in each of VERSIONS."""
    for (kind, name), one in found.items():
        for version in VERSIONS:
            if not re.fullmatch(r"[A-Za-z]+", kind) or not re.fullmatch(r"[a-z0-9./]+", one["apiVersion"]):
                raise Mismatch("a kind of Kubernetes", got=f"{one['apiVersion']} {kind}")
            try:
                kubernetes_validate.validate(one, version, strict=True)
            except kubernetes_validate.SchemaNotFoundError:
                got = f"{one['apiVersion']} {kind}"
                raise Mismatch(f"a kind that Kubernetes {version} knows", got=got) from None
            except kubernetes_validate.ValidationError as error:
                where = ".".join(map(str, error.absolute_path)) or "the object"
                why = f"Kubernetes {version} refuses {kind} {name}: {where}: {error.message[:300]}"
                raise Mismatch("objects that Kubernetes accepts", because=why) from None


def quantity(value: object) -> Decimal | None:
    """Return a quantity (`700m`, `480Mi`, 2) as a number; None if it is none."""
    match = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)([A-Za-z]{0,2})", str(value))
    if isinstance(value, bool) or match is None or match[2] not in _UNITS:
        return None
    return Decimal(match[1]) * _UNITS[match[2]]


def by_name(value: object) -> object:
    """Return the same with each list of named things as a dict by their names: their order means nothing."""
    if isinstance(value, dict):
        return {name: by_name(one) for name, one in value.items()}
    if not isinstance(value, list):
        return value
    names = [one.get("name") for one in value if isinstance(one, dict)]
    if value and len(names) == len(value) == len(set(map(str, names))) and None not in names:
        return {str(name): by_name(one) for name, one in zip(names, value, strict=True)}
    return [by_name(one) for one in value]


def differences(before: object, after: object, path: str = "") -> Iterator[str]:
    """Yield each place where two objects differ, in a sentence. Their lists are `by_name`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            here = f"{path}.{name}" if path else str(name)
            if name not in after:
                yield f"`{here}` is gone"
            elif name not in before:
                yield f"`{here}` is new: {after[name]!r:.100}"
            else:
                yield from differences(before[name], after[name], here)
    elif before != after or type(before) is not type(after):
        yield f"`{path}` is {after!r:.100}, and in the base {before!r:.100}"


def selects(selector: object, labels: dict) -> bool:
    """Whether a selector of `policy/v1` selects pods with these labels."""
    if not isinstance(selector, dict):
        return False
    wanted = selector.get("matchLabels") or {}
    return all(labels.get(name) == value for name, value in wanted.items()) and all(
        _holds(one, labels) for one in selector.get("matchExpressions") or ()
    )


def _holds(one: dict, labels: dict) -> bool:
    there, values = one["key"] in labels, one.get("values") or ()
    return {
        "In": there and labels.get(one["key"]) in values,
        "NotIn": labels.get(one["key"]) not in values,
        "Exists": there,
        "DoesNotExist": not there,
    }.get(one["operator"], False)


def may_go(budget: dict, replicas: int) -> int:
    """Return how many of so many pods a disruption budget lets go at a time."""
    if "maxUnavailable" in budget:
        return min(replicas, _scaled(budget["maxUnavailable"], replicas))
    return max(0, replicas - _scaled(budget.get("minAvailable", 0), replicas))


def _scaled(value: int | str, replicas: int) -> int:
    """A number of pods, or a per cent of them, rounded up as Kubernetes does."""
    match = re.fullmatch(r"([0-9]{1,6})%", str(value))
    if match:
        return math.ceil(int(match[1]) * replicas / 100)
    return int(value) if re.fullmatch(r"[0-9]{1,9}", str(value)) else replicas


def sized(container: dict, resources: dict[str, dict[str, str]], reread: str) -> None:
    """Expect what a container requests, and its limits."""
    got = container.get("resources", {})
    for part, amounts in resources.items():
        there = got.get(part) or {}
        expect(
            set(there) == set(amounts),
            f"{part} for {' and '.join(amounts)}",
            got=f"{there}",
            because=f"the container has other {part}",
            reread=reread,
        )
        for name, amount in amounts.items():
            value = quantity(there[name])
            why = f"the {part} of the container say {name}: {there[name]}"
            if name == "memory" and value is not None and value < 2**20:
                why += f", which is {value:f} bytes"
            if name == "cpu" and value is not None and value >= 100:
                why += f", which is {value:f} cores: m stands for a thousandth"
            expect(value == quantity(amount), f"{amount} of {name}", because=why, reread=reread)


def probed(container: dict, reread: str) -> None:
    """Expect that calls wait for `/ready`, and restarts for `/health`."""
    for name, path in (("readinessProbe", "/ready"), ("livenessProbe", "/health")):
        probe = container.get(name) or {}
        asked = probe.get("httpGet") or {}
        why = f"the container has no {name}" if not probe else f"the {name} asks {asked or 'something else'}"
        if name == "livenessProbe" and asked.get("path") == "/ready":
            why += ": a restart brings no model, so a pod without one would be restarted for ever"
        other = probe.get("exec") or probe.get("grpc") or probe.get("tcpSocket") or asked.get("host")
        port = asked.get("port") in ("http", 8000)
        expect(
            asked.get("path") == path and port and asked.get("scheme", "HTTP") == "HTTP" and not other,
            f"a {name} with GET {path} at the port http",
            because=why,
            got=f"{probe}"[:200],
            reread=reread,
        )


def locked(pod: dict, container: dict, reread: str) -> None:
    """Expect a security context that leaves little to somebody who got in."""
    pod, own = (holder.get("securityContext") or {} for holder in (pod, container))
    both = {**pod, **own}
    dropped = [str(name).upper() for name in (own.get("capabilities") or {}).get("drop") or ()]
    for ok, what in (
        (both.get("runAsNonRoot") is True, "runAsNonRoot: true"),
        (both.get("runAsUser") != 0, "a runAsUser other than 0"),
        (own.get("allowPrivilegeEscalation") is False, "allowPrivilegeEscalation: false"),
        (not own.get("privileged"), "privileged: false"),
        (own.get("readOnlyRootFilesystem") is True, "readOnlyRootFilesystem: true"),
        ("ALL" in dropped, "capabilities: {drop: [ALL]}"),
        (not (own.get("capabilities") or {}).get("add"), "capabilities without `add`"),
    ):
        why = f"the security context of the container needs {what}"
        expect(ok, what, because=why, got=f"{both}"[:300], reread=reread)


def one_at_a_time(spec: dict, least: int, most: int, reread: str) -> None:
    """Expect of a disruption budget that a drain takes one pod at a time, and gets it."""
    both = "maxUnavailable" in spec and "minAvailable" in spec
    why = "Kubernetes refuses a budget that has maxUnavailable and minAvailable"
    expect(not both, "one of the two", because=why, reread=reread)
    for replicas in range(least, most + 1):
        go = may_go(spec, replicas)
        why = f"of {replicas} replicas {go} may go at a time"
        if go == 0:
            why = f"of {replicas} replicas none may go: whoever drains a node waits for ever"
        expect(go == 1, "one pod at a time", got=f"{go} of {replicas}", because=why, reread=reread)
