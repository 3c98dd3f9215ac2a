"""KServe's InferenceService (P-8): of KServe's own types, and the same pod as the Deployment that it replaces."""

import ast
import re

import pytest
import yaml

from .manifests import objects, rendered
from .tools import DEPLOY, PLACE, run

PRIMITIVES = {"str": str, "int": int, "bool": bool}


def types(name: str) -> dict[str, str] | None:
    """The fields of one of KServe's types by their name in YAML; None for a type of Kubernetes."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    (models,) = PLACE.glob("lib/*/site-packages/kserve/models")
    if not (file := models / f"{snake}.py").exists():
        return None
    found = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Assign)
        and getattr(node.targets[0], "id", "") in ("openapi_types", "attribute_map")
    }
    return {field: found["openapi_types"][attribute] for attribute, field in found["attribute_map"].items()}


def mistakes(name: str, value: dict, path: str = "") -> list[str]:
    """What is not of this type; what is of a type of Kubernetes is left to Kubernetes's schemas."""
    fields, found = types(name), []
    for field, one in value.items():
        if field not in fields:
            found.append(f"{path}.{field} is unknown")
        elif expected := PRIMITIVES.get(fields[field]):
            if type(one) is not expected:
                found.append(f"{path}.{field} is not of type {fields[field]}")
        elif types(fields[field]):
            found += mistakes(fields[field], one, f"{path}.{field}")
    return found


@pytest.fixture
def there():
    return objects(run("kubectl", "kustomize", DEPLOY / "kubernetes" / "kserve"))


def test_kserve_knows_every_field(there):
    service = there["InferenceService", "cardshop"]
    assert types("V1beta1InferenceService")["spec"] == "V1beta1InferenceServiceSpec"
    assert mistakes("V1beta1InferenceService", service) == []
    service["spec"]["predictor"] |= {"maxReplica": 3, "minReplicas": "2"}
    assert mistakes("V1beta1InferenceService", service) == [
        ".spec.predictor.minReplicas is not of type int",
        ".spec.predictor.maxReplica is unknown",
    ]


def test_its_pod_is_that_of_production(there):
    predictor = dict(there["InferenceService", "cardshop"]["spec"]["predictor"])
    autoscaler = objects(rendered("production"))["HorizontalPodAutoscaler", "service"]["spec"]
    assert predictor.pop("minReplicas") == autoscaler["minReplicas"]
    assert predictor.pop("maxReplicas") == autoscaler["maxReplicas"]
    target = autoscaler["metrics"][0]["resource"]
    assert predictor.pop("scaleMetric") == target["name"]
    assert predictor.pop("scaleTarget") == target["target"]["averageUtilization"]
    labels, _ = predictor.pop("labels"), predictor.pop("timeout")
    template = objects(rendered("production"))["Deployment", "service"]["spec"]["template"]
    assert labels.items() <= template["metadata"]["labels"].items()
    template["spec"]["containers"][0]["name"] = "kserve-container"
    assert yaml.safe_dump(predictor) == yaml.safe_dump(template["spec"])


def test_the_rest_is_production(there):
    production = objects(rendered("production"))
    gone = {("Deployment", "service"), ("HorizontalPodAutoscaler", "service")}
    assert set(production) - set(there) == gone
    assert {key: one for key, one in production.items() if key not in gone} == {
        key: one for key, one in there.items() if key != ("InferenceService", "cardshop")
    }
