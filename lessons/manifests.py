"""A base, some patches, what Kustomize makes of them, and what a schema says: small enough to need no kubectl.

`tests/lessons` compares it with kubectl and with Kubernetes' schema.
"""

import marimo as mo
import yaml

from cardshop.review import File
from lessons import diffs

BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: prices
spec:
  replicas: 1
  selector:
    matchLabels:
      app: prices
  template:
    metadata:
      labels:
        app: prices
    spec:
      containers:
      - name: prices
        image: prices:latest
        env:
        - name: CURRENCY
          value: EUR
        - name: LOG_LEVEL
          value: debug
        ports:
        - containerPort: 8000
          name: http
        resources:
          limits:
            memory: 300Mi
          requests:
            cpu: 100m
            memory: 200Mi
"""
HEAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: prices
spec:
"""
CONTAINER = """\
  template:
    spec:
      containers:
      - name: prices
"""
PATCHES = {
    "two replicas": "  replicas: 2\n",
    "no number of replicas: an autoscaler sets it": "  replicas: null\n",
    "another variable": CONTAINER + "        env:\n        - name: LOG_LEVEL\n          value: warning\n",
    "a readiness probe": CONTAINER
    + "        readinessProbe:\n          httpGet:\n            path: /ready\n            port: http\n",
    "the same probe, misspelt": CONTAINER
    + "        readynessProbe:\n          httpGet:\n            path: /ready\n            port: http\n",
    "a container with another name": CONTAINER.replace("name: prices", "name: price")
    + "        env:\n        - name: LOG_LEVEL\n          value: warning\n",
    "a number as a text": '  replicas: "2"\n',
}
SAYS = {
    "the same probe, misspelt": "Additional properties are not allowed ('readynessProbe' was unexpected)",
    "a container with another name": "",
    "a number as a text": "'2' is not of type 'integer', 'null'",
}
"""What `kubernetes-validate --strict` finds; nothing in the other patches."""


def patch(name: str) -> str:
    """The patch as a file."""
    return HEAD + PATCHES[name]


def rendered(text: str) -> str:
    """The base with a strategic merge patch: dicts merge, lists merge by `name`, `null` removes."""
    merged = _merged(yaml.safe_load(BASE), yaml.safe_load(text))
    return yaml.safe_dump(merged, default_flow_style=False)


def difference(name: str) -> mo.Html:
    """The rendered Deployment against the base."""
    before, after = (rendered(text).splitlines() for text in (HEAD + "  {}", patch(name)))
    return diffs.shown(File("what the cluster gets", before, after))


def _merged(old: object, new: object) -> object:
    if isinstance(old, dict) and isinstance(new, dict):
        both = {key: _merged(old.get(key), value) for key, value in new.items()}
        return {key: value for key, value in (old | both).items() if value is not None}
    if (
        isinstance(old, list)
        and isinstance(new, list)
        and all(isinstance(one, dict) and "name" in one for one in new)
    ):
        there = {one["name"]: one for one in old}
        patched = [_merged(there.pop(one["name"], None), one) for one in new]
        return [*patched, *there.values()]  # in the order of kubectl
    return new
