"""The pipelines (P-9): the services would accept them, and they run what is there."""

import re

import pytest
import yaml

from .manifests import OVERLAYS, objects, pods
from .tools import DEPLOY, ROOT, attempt, run

GITHUB, GITLAB = DEPLOY / "ci" / "github.yml", DEPLOY / "ci" / "gitlab.yml"
RENDER = DEPLOY / "render.sh"
IMAGE = "registry.example.com/cardshop@sha256:" + 64 * "0"


def test_github_accepts_the_workflow():
    run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", GITHUB)
    run("actionlint", GITHUB)
    run("zizmor", "--offline", GITHUB)


def test_gitlab_accepts_the_pipeline():
    run("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", GITLAB)


def test_the_scripts_are_sound():
    run("shellcheck", *DEPLOY.glob("*.sh"))


def steps(file) -> str:
    """Every command of a pipeline."""

    def walk(value, inside: bool):
        if isinstance(value, dict):
            for name, one in value.items():
                yield from walk(one, inside or name in ("run", "script", "before_script"))
        elif isinstance(value, list):
            for one in value:
                yield from walk(one, inside)
        elif inside:
            yield value

    return "\n".join(walk(yaml.safe_load(file.read_text()), False))


@pytest.mark.parametrize("file", [GITHUB, GITLAB], ids=["github", "gitlab"])
def test_a_pipeline_tests_builds_trains_and_deploys_what_is_there(file):
    said = steps(file)
    for path in re.findall(r"(?:tests|deploy)/[\w./]*\w", said):
        assert (ROOT / path).exists(), path
    for command in re.findall(r"\.venv/bin/cardshop (\w+)", said):
        assert command in ("train", "world")
    order = [
        "world verify",
        "tests/stack",
        "cardshop train",
        "docker build",
        "render.sh staging",
        "render.sh production",
    ]
    places = [said.index(one) for one in order]
    assert places == sorted(places)
    for overlay in ("staging", "production"):
        for kind, name in re.findall(rf"cardshop-{overlay} rollout status (\w+)/(\w+)", said):
            assert (kind.title(), name) in objects(render(overlay, IMAGE))
    assert "--from=cronjob/train" in said


def render(*arguments: str) -> str:
    return run(RENDER, *arguments)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_is_deployed_is_the_image_that_was_tested(overlay):
    for name, pod in pods(objects(render(overlay, IMAGE))):
        assert [one["image"] for one in pod["containers"]] == [IMAGE], name


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Name an environment and an image"),
        (("moon", IMAGE), "There is no environment moon"),
        (("staging", "cardshop:1"), "cardshop:1 is not pinned"),
    ],
)
def test_render_refuses_with_a_sentence(arguments, said):
    found = attempt(RENDER, *arguments)
    assert found.returncode == 2 and said in found.stderr and not found.stdout
