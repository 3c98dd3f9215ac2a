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
KUSTOMIZATION = """\
namespace: prices-production
resources: [../base, budget.yaml]  # what is added
images:  # by its digest, see below
  - name: prices
    newName: registry.example.com/prices
    digest: "sha256:…"
patches:
  - path: service.yaml  # what is changed
"""
ALERTS = """\
groups:
  - name: prices
    rules:
      - record: prices:errors:share1h  # computed once, used by its name
        expr: |
          sum(rate(prices_requests_total{status=~"5.."}[1h]))
          / sum(rate(prices_requests_total[1h]))
      - record: prices:errors:share5m
        expr: |
          sum(rate(prices_requests_total{status=~"5.."}[5m]))
          / sum(rate(prices_requests_total[5m]))
      - alert: PricesFail
        expr: |
          prices:errors:share1h > 14.4 * 0.001
          and prices:errors:share5m > 14.4 * 0.001
          and sum(increase(prices_requests_total{status=~"5.."}[1h])) >= 10
        for: 1m
        labels: {severity: page}
        annotations: {summary: "{{ $value | humanizePercentage }} of the calls failed."}
"""
WHOLE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: prices}
spec:
  replicas: 2
  selector:
    matchLabels: {app: prices}  # the pods that it counts
  strategy:
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}  # a new pod first, then one less
  template:
    metadata:
      labels: {app: prices}
    spec:
      containers:
        - name: prices
          image: registry.example.com/prices@sha256:0123456789abcdef
          env:
            - name: PRICES_KEY  # from the cluster, by name
              valueFrom:
                secretKeyRef: {name: prices-key, key: key}
          ports:
            - {name: http, containerPort: 8000}
          readinessProbe:
            httpGet: {path: /ready, port: http}
          livenessProbe:
            httpGet: {path: /health, port: http}
          volumeMounts:
            - {name: tables, mountPath: /tables, readOnly: true}
          securityContext:
            runAsNonRoot: true
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
      volumes:
        - name: tables
          persistentVolumeClaim: {claimName: tables}
---
apiVersion: v1
kind: Service  # one address for all ready pods
metadata: {name: prices}
spec:
  selector: {app: prices}
  ports:
    - {name: http, port: 80, targetPort: http}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: prices}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {app: prices}
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


def shown(name: str, text: str) -> mo.Html:
    """A file to read. (A code block of Markdown takes the dashes of YAML for lists.)"""
    return diffs.shown(File(name, text.splitlines(), text.splitlines()))


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
