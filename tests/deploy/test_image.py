"""The image and the compose file (P-8): linted, pinned like the course, and complete."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions

import yaml
from sqlalchemy import make_url

from .tools import DEPLOY, ROOT, run

STORAGE = {"boto3", "botocore", "jmespath", "psycopg", "psycopg-binary", "s3transfer"}
"""What MLflow keeps its data in PostgreSQL and S3 with; a laptop does not need it."""

RUNS = """
import importlib, sys
absent = set(sys.argv[1].split(","))

class Image:  # what the image has not cannot be imported
    def find_spec(self, name, path=None, target=None):
        if name in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Image())
for module in sys.argv[2].split(","):
    importlib.import_module(module)
"""
MODULES = (
    *("cardshop.command", "cardshop.training.job", "cardshop.serving.app", "cardshop.monitoring.app"),
    *("mlflow.server.fastapi_app", "mlflow.store.tracking.sqlalchemy_store", "uvloop", "httptools"),
)


def locked(file) -> dict[str, tuple[str, frozenset[str]]]:
    """Version and hashes of each package of a lock."""
    blocks = re.split(r"\n(?=\w)", file.read_text())
    found = [re.match(r"([\w.-]+)==(\S+)", block) for block in blocks]
    return {
        one[1]: (one[2], frozenset(re.findall(r"sha256:\w+", block)))
        for one, block in zip(found, blocks, strict=True)
        if one
    }


def test_the_image_has_what_the_course_has_and_the_storage():
    image, course = locked(DEPLOY / "image.lock"), locked(ROOT / "requirements.lock")
    assert set(image) - set(course) == STORAGE
    assert {name: one for name, one in image.items() if name in course and one != course[name]} == {}


def test_the_image_has_the_driver_that_a_postgresql_address_means():
    assert make_url("postgresql://host/name").get_dialect().driver in locked(DEPLOY / "image.lock")


def test_the_code_runs_with_the_packages_of_the_image_alone():
    image = {plain(name) for name in locked(DEPLOY / "image.lock")} | {"ml-dojo"}
    absent = {
        module for module, names in packages_distributions().items() if image.isdisjoint(map(plain, names))
    }
    assert "marimo" in absent
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUNS, ",".join(absent), ",".join(MODULES)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert found.returncode == 0, found.stderr


def plain(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


def test_the_containerfile_is_sound():
    run("hadolint", DEPLOY / "Containerfile")
    text = (DEPLOY / "Containerfile").read_text()
    assert re.search(r"^ARG PYTHON=python:3\.\d+\.\d+\S*@sha256:[0-9a-f]{64}$", text, re.M), (
        "the base is not pinned"
    )
    assert "--require-hashes" in text
    assert re.findall(r"^USER (\S+)", text, re.M)[-1] == "10001:10001"


def test_compose_says_what_compose_understands():
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


def test_containers_on_one_machine_are_as_locked_up_as_on_a_cluster():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    for name, one in compose["services"].items():
        assert one["read_only"] and one["cap_drop"] == ["ALL"] and one["mem_limit"], name
        assert re.search(r":v?\d+\.\d+\.\d+$", one["image"]), name
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", ())), name
