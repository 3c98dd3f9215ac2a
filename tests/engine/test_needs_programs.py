"""Files that a program of their trade reads, in a worker: alert rules by promtool, kustomizations by kubectl."""

from collections.abc import Iterator

import pytest

from grader.engine import Assignment, BrokenChecks, Engine, Submitted, Task
from grader.engine.inside import programs
from tests.conftest import LEVELS

CHECKS = """
from grader.engine import checks, expect

ONE = {"series": {'calls{code="500"}': "0 " * 3 + "10 20 30 40 40 40 40 40 40 40 40", "up": "1x13"}, "seconds": 780}

@checks("rules")
def test_rules(submission, record_property):
    quiet = {"series": {'calls{code="500"}': "0x10"}, "seconds": 600}
    found = submission.read("alert_rules", "alerts.yaml", recordings=[ONE, quiet])
    record_property("found", found)
    expect(len(found) == 2, "two recordings")

@checks("objects")
def test_objects(submission, record_property):
    record_property("text", submission.read("overlay", "overlay/kustomization.yaml"))
    other = {"base/one.yaml": submission.file("base/one.yaml").replace("a: b", "a: c")}
    record_property("other", submission.read("overlay", "overlay/kustomization.yaml", files=other))
"""
BOTH = """
from grader.engine import checks

@checks("with")
def test_with(submission):
    submission.f()

@checks("without")
def test_without(submission):
    submission.g()
"""
RULES = """groups:
  - name: calls
    rules:
      - alert: Errors
        expr: increase(calls{code="500"}[2m]) > 0
        labels: {severity: page, odd: 'a"} 1, {b="c'}
      - {alert: Pending, expr: up == 1, for: 1h}
"""
FILES = {
    "alerts.yaml": "groups: []\n",
    "base/kustomization.yaml": "resources: [one.yaml]\n",
    "base/one.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: b}\n",
    "overlay/kustomization.yaml": "resources: [../base]\n",
}


@pytest.fixture(scope="module", params=LEVELS)
def engine(request, tmp_path_factory) -> Iterator[Engine]:
    for program in ("promtool", "kubectl"):
        if programs.find(program) is None:
            pytest.skip(f"{program} is not installed")
    folder = tmp_path_factory.mktemp("checks")
    (folder / "test_programs.py").write_text(CHECKS)
    tasks = (
        Task("rules", "Rules", "alerts.yaml", 10, answer="file"),
        Task("objects", "Objects", "overlay/kustomization.yaml", 10, answer="file"),
    )
    with Engine(Assignment("programs", tasks, folder, "", files=FILES), request.param) as engine:
        yield engine


def figures(engine, folder, task: str, **files: str) -> tuple[str, dict]:
    """The message and the figures of the task's only check, for a submission with these files."""
    for name, text in {**FILES, **files}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (found,) = engine.grade(Submitted("", files=folder), tasks=(task,))["tasks"]
    return found["checks"][0]["message"], found["checks"][0].get("figures", {})


def test_promtool_says_when_which_alert_fires(engine, tmp_path):
    message, found = figures(engine, tmp_path, "rules", **{"alerts.yaml": RULES})
    assert not message
    loud, quiet = found["found"]
    assert quiet == []
    (errors,) = loud
    assert errors["labels"] == {
        "alertname": "Errors",
        "code": "500",
        "severity": "page",
        "odd": 'a"} 1, {b="c',
    }
    assert errors["seconds"] == [180, 240, 300, 360, 420]


def test_rules_that_prometheus_refuses_are_refused_in_its_words(engine, tmp_path):
    message, _ = figures(engine, tmp_path, "rules", **{"alerts.yaml": RULES.replace("increase(", "growth(")})
    assert "Prometheus refuses these rules" in message and "growth" in message
    many = RULES.replace('increase(calls{code="500"}[2m]) > 0', "calls / on() {__name__=~'calls|up'}")
    message, _ = figures(engine, tmp_path, "rules", **{"alerts.yaml": many})
    assert "cannot evaluate the rule Errors" in message and "many-to-many" in message
    message, _ = figures(engine, tmp_path, "rules", **{"alerts.yaml": "- 1\n"})
    assert "Prometheus refuses these rules" in message


def test_kubectl_renders_the_objects(engine, tmp_path):
    overlay = "resources: [../base]\nnamePrefix: my-\n"
    message, found = figures(engine, tmp_path, "objects", **{"overlay/kustomization.yaml": overlay})
    assert not message and "name: my-one" in found["text"]
    assert "a: b" in found["text"] and "a: c" in found["other"]
    overlay = "resources: [../elsewhere]\n"
    message, _ = figures(engine, tmp_path, "objects", **{"overlay/kustomization.yaml": overlay})
    assert "ubectl cannot render overlay" in message and "elsewhere" in message


def test_a_missing_program_is_named_with_the_way_to_install_it_and_stops_no_other_task(tmp_path):
    with_it = Task("with", "With", "f", 10, programs=(("no-such-program", "brew install nothing"),))
    without = Task("without", "Without", "g", 10)
    (tmp_path / "test_both.py").write_text(BOTH)
    notebook = Submitted("def f():\n    return 1\n\ndef g():\n    return 1\n")
    with Engine(Assignment("both", (with_it, without), tmp_path, "")) as engine:
        with pytest.raises(
            BrokenChecks, match="with needs .* no-such-program.*Install it: brew install nothing"
        ):
            engine.grade(notebook)
        assert engine.grade(notebook, tasks=("without",))["score"] == 10
