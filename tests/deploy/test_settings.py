"""What the manifests set is what the code reads; where they probe, the code answers."""

from pathlib import PurePosixPath

import mlflow.environment_variables
import pytest
import yaml
from mlflow.cli import cli

from cardshop.monitoring import app as monitoring
from cardshop.monitoring import settings as monitor
from cardshop.serving import app as serving
from cardshop.serving import settings as service
from cardshop.stack.components import QUIET

from .manifests import environment, objects, pods, rendered
from .tools import DEPLOY

READ = {
    f"CARDSHOP_{name.upper()}" for name in (*service.Settings.model_fields, *monitor.Settings.model_fields)
}
MLFLOW = {option.envvar for option in cli.commands["server"].params} | set(vars(mlflow.environment_variables))
ROUTES = {
    "service": {route.path for route in serving.create_app(service.Settings()).routes},
    "monitor": {route.path for route in monitoring.create_app(monitor.Settings()).routes},
    "mlflow": {"/health"},
}
WRITES = {
    "service": ("CARDSHOP_KEPT", "CARDSHOP_ROLLOUT", "CARDSHOP_JOURNAL"),
    "monitor": ("CARDSHOP_REFERENCE",),
    "mlflow": ("MLFLOW_BACKEND_STORE_URI", "MLFLOW_ARTIFACTS_DESTINATION"),
    "train": (),
}


def unknown(names: set[str]) -> set[str]:
    """The variables that neither the code nor MLflow reads."""
    ours = {name for name in names if name.startswith("CARDSHOP_")}
    theirs = {name for name in names if name.startswith("MLFLOW_")}
    return (ours - READ) | (theirs - MLFLOW)


def test_every_setting_is_one_of_the_code(environment_objects):
    for name, pod in pods(environment_objects):
        (container,) = pod["containers"]
        names = set(environment(environment_objects, container)) | {
            one["name"] for one in container.get("env", ())
        }
        assert "CARDSHOP_REGISTRY" in names and unknown(names) == set(), name


def test_compose_sets_what_the_code_reads():
    for name, one in yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"].items():
        assert unknown(set(one.get("environment", ()))) == set(), name


def test_components_are_as_quiet_as_on_a_laptop(environment_objects):
    for name, pod in pods(environment_objects):
        assert QUIET.items() <= environment(environment_objects, pod["containers"][0]).items(), name


def test_the_code_accepts_the_values(environment_objects, monkeypatch):
    for name, settings in ("service", service.Settings), ("monitor", monitor.Settings):
        (container,) = dict(pods(environment_objects))[name]["containers"]
        for variable, value in environment(environment_objects, container).items():
            monkeypatch.setenv(variable, value)
        assert settings().journal.is_relative_to("/data/journal")


def test_every_path_that_is_written_lies_in_a_volume(environment_objects):
    for name, pod in pods(environment_objects):
        (container,) = pod["containers"]
        variables = environment(environment_objects, container)
        writable = [
            PurePosixPath(one["mountPath"]) for one in container["volumeMounts"] if not one.get("readOnly")
        ]
        for variable in WRITES[name]:
            if variable in variables:  # else a secret says so
                path = PurePosixPath(variables[variable].removeprefix("sqlite:///"))
                assert any(path.is_relative_to(one) for one in writable), (name, variable)
        assert PurePosixPath("/tmp") in writable, name


def test_every_probe_asks_for_a_path_that_is_answered(environment_objects):
    for name, pod in pods(environment_objects):
        (container,) = pod["containers"]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            if probe in container:
                asked = container[probe]["httpGet"]
                assert asked["path"] in ROUTES[name], (name, probe)
                assert asked["port"] in {port["name"] for port in container["ports"]}
                assert str(container["ports"][0]["containerPort"]) in container["command"]


def test_the_registry_answers_under_the_name_that_the_others_call(environment_objects):
    variables = environment_objects["Deployment", "mlflow"]["spec"]["template"]["spec"]["containers"][0]
    allowed = environment(environment_objects, variables)["MLFLOW_SERVER_ALLOWED_HOSTS"].split(",")
    (container,) = dict(pods(environment_objects))["service"]["containers"]
    address = environment(environment_objects, container)["CARDSHOP_REGISTRY"]
    assert address.removeprefix("http://") in allowed
    host, port = address.removeprefix("http://").split(":")
    assert environment_objects["Service", host]["spec"]["ports"][0]["port"] == int(port)


@pytest.mark.parametrize("path", ["/metrics", "/ready", "/version"])
def test_what_is_not_for_customers_stays_inside(path):
    (rule,) = objects(rendered("production"))["Ingress", "service"]["spec"]["rules"]
    for one in rule["http"]["paths"]:
        assert not (path == one["path"] or (one["pathType"] == "Prefix" and path.startswith(one["path"])))
