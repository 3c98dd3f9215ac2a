"""What was proved of every task and every page, kept in `evidence/` beside all that the proof rests on.

- `<assignment>.json`: for each task when it was proved, under which behaviour of the engine, what the proof rests on
  (`files`, `parts` and `distributions` with hashes and versions), its figures, and how often it was sampled since.
- `pages.json`: the same for each notebook that people read.
- `engine.json`: the engine's code, and its behaviour: a hash of recorded verdicts (see `conformance`).

Three words say how things are. *Proved*: a whole proof ended without a fault. *Sampled*: a few of its cases were tried
again since then. *Stale*: something that the proof rests on has changed since then.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from grader import engine
from grader.course.manifest import ROOT, Assignment, Task
from grader.engine.inside.notebook import LoadError, Notebook

from .answers import solution_files
from .dependencies import ENGINE, digest, digest_of, distributions, used
from .proof import entries
from .rotation import turn

PLACE = ROOT / "evidence"
METHOD = ("mutants.py", "proof.py")  # of grader/authoring: they say which cases are tried
QUIZZES = ROOT / "assessments" / "quizzes"
OTHERS = 2  # assignments that are tried each time although nothing of theirs has changed

Rests = dict[str, dict[str, str]]


# --- what a proof rests on


def task_rests_on(assignment: Assignment, task: Task) -> Rests:
    """Return what the proof of a task rests on now. Takes seconds: libraries are imported."""
    tests = [file for file in sorted(assignment.checks.glob("test_*.py")) if _declares(file, task)]
    files, modules = used(tests)
    visible, more = used([], *_code(_text(assignment.solution), task.entry).split("\0"), without=("grader",))
    method = {f"grader/authoring/{name}": _digest_of(ROOT / "grader/authoring" / name) for name in METHOD}
    return {
        "files": files | visible | method,
        "parts": _parts(assignment, task),
        "distributions": distributions(modules | more),
    }


def page_rests_on(notebook: Path) -> Rests:
    """Return what the look of a notebook rests on now."""
    files, modules = used([notebook, ROOT / "grader/authoring/browser.py", *QUIZZES.glob(notebook.name)])
    return {"files": files, "parts": {}, "distributions": distributions(modules)}


def _parts(assignment: Assignment, task: Task) -> dict[str, str]:
    """The parts of larger files that a task's proof rests on, by name."""
    given = _given(assignment)
    facts = asdict(given.task(task.id)) | {"hidden": given.hidden}
    facts = {name: value for name, value in facts.items() if name not in ("title", "judged", "programs")}
    parts = {
        "its entry in course.toml": json.dumps(facts, sort_keys=True, default=str),
        "its cells of the solution": _code(_text(assignment.solution), task.entry),
        "its cells of the exercise": _code(given.shipped, task.entry),
        "its survivors": json.dumps(entries(assignment, task, "survivors"), sort_keys=True),
    }
    if task.answer == "file":
        parts["the files of the solution"] = json.dumps(solution_files(assignment), sort_keys=True)
        parts["the files of the exercise"] = json.dumps(given.files, sort_keys=True)
    for kind in ("variants", "misconceptions"):
        for file in (assignment.checks / kind).glob(f"{task.id}_*.py"):
            parts[f"{kind}/{file.stem}"] = _text(file)
        for file in (assignment.checks / kind).glob(f"{task.id}_*/**/*.*"):
            parts[file.relative_to(assignment.checks).as_posix()] = _text(file)
    for edit in entries(assignment, task, "misconceptions"):
        parts[f"misconceptions/{task.id}_{edit['name']}"] = json.dumps(edit, sort_keys=True)
    return {name: digest(text.encode()) for name, text in parts.items()}


_parsed = cache(Notebook.parse)


@cache
def _given(assignment: Assignment) -> engine.Assignment:
    return assignment.engine()


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@cache
def _code(notebook: str, entry: str) -> str:
    """The cells of a notebook that are executed for an entry, without lines of comment; empty for a file's name."""
    with suppress(LoadError):
        lines = _parsed(notebook).code(entry).splitlines()
        return "\n".join(line for line in lines if not line.strip().startswith("#"))
    return ""


def _declares(file: Path, task: Task) -> bool:
    """Whether a file of checks speaks of the task at all."""
    return f'"{task.id}"' in file.read_text(encoding="utf-8")


# --- how things stand


def changes(assignment: Assignment, task: Task) -> list[str]:
    """Return what has changed since the task was proved, the engine aside; empty when its proof still holds."""
    record = read(assignment.name).get(task.id)
    if record is None:
        return ["it was never proved"]
    return list(_differences(record["rests_on"], lambda: _parts(assignment, task)))


def page_changes(notebook: Path) -> list[str]:
    """Return what has changed since the notebook was looked at."""
    record = read("pages").get(_name(notebook))
    if record is None:
        return ["nobody has looked at it"]
    return list(_differences(record["rests_on"], dict))


def describe(assignment: Assignment, task: Task) -> str:
    """Return how things are with a task: proved when and under which behaviour, sampled how often, stale why."""
    if differences := changes(assignment, task):
        return f"stale: {some(differences)}"
    record = read(assignment.name)[task.id]
    said = f"proved on {record['proved']} under behaviour {record['behaviour']}"
    if times := len(record["sampled"]):
        cases = sum(sample["cases"] for sample in record["sampled"])
        said += f", sampled {'once' if times == 1 else f'{times} times'} since ({cases} cases)"
    if behaves_otherwise(assignment, task):
        return f"stale: the engine behaves otherwise ({said})"
    return said


def describe_page(notebook: Path) -> str:
    """Return how things are with the looks of a notebook."""
    differences = page_changes(notebook)
    name = _name(notebook)
    return f"stale: {some(differences)}" if differences else f"proved on {read('pages')[name]['proved']}"


def describe_engine() -> str:
    """Return whether the engine's behaviour is known."""
    record = read("engine")
    if record.get("code") == engine_code():
        return f"behaviour {record['behaviour']}"
    return f"its text has changed since its behaviour {record.get('behaviour', '')} was recorded"


def some(changes: Sequence[str]) -> str:
    """Return a phrase that names the first changes."""
    more = f" and {len(changes) - 3} more" if len(changes) > 3 else ""
    return ", ".join(changes[:3]) + more


def due(assignments: Sequence[Assignment]) -> list[Assignment]:
    """Return what has to be looked at now: assignments that were not proved as they are, and two of the others."""
    stale = [one for one in assignments if any(changes(one, task) for task in one.tasks)]
    return stale + turn([one for one in assignments if one not in stale], OTHERS)


def behaves_otherwise(assignment: Assignment, task: Task) -> bool:
    """Whether the task was proved with an engine that behaves otherwise than the recorded one."""
    record = read(assignment.name).get(task.id)
    return record is not None and record["behaviour"] != read("engine").get("behaviour")


def is_sampled(assignment: Assignment, task: Task) -> bool:
    """Whether the task was proved or sampled with the engine as it is now."""
    record = read(assignment.name)[task.id]
    return engine_code() in (record["engine"], *(sample["engine"] for sample in record["sampled"]))


def _differences(recorded: Rests, parts: Callable[[], dict[str, str]]) -> Iterator[str]:
    now = {name: _digest_of(ROOT / name) for name in recorded["files"]}
    yield from (name for name, value in recorded["files"].items() if now[name] != value)
    current = parts()
    yield from (
        name
        for name in sorted(current.keys() | recorded["parts"])
        if current.get(name) != recorded["parts"].get(name)
    )
    for name, value in recorded["distributions"].items():
        if (installed := _version_of(name)) != value:
            yield f"{name} {value}, now {installed}"


@cache
def _digest_of(file: Path) -> str:
    return digest_of(file) if file.exists() else "gone"


@cache
def _version_of(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"


def engine_code() -> str:
    """Return the hash of the engine's text."""
    folder = ROOT / ENGINE
    return digest(b"".join(_name(file).encode() + file.read_bytes() for file in sorted(folder.rglob("*.py"))))


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


# --- what is written


def write_task(assignment: Assignment, task: Task, figures: dict[str, object], rests_on: Rests) -> None:
    """Note that the task was proved now, with the engine as it is, resting on what was there when the proof began."""
    _note(
        assignment.name,
        task.id,
        {
            "proved": date.today().isoformat(),
            "behaviour": read("engine").get("behaviour"),
            "engine": engine_code(),
            "figures": figures,
            "sampled": [],
            "rests_on": rests_on,
        },
    )


def write_sample(assignment: Assignment, task: Task, commit: int, cases: int) -> None:
    """Note that a few cases of the task were tried again and ended as they did in its proof."""
    record = read(assignment.name)[task.id]
    sample = {"commit": commit, "engine": engine_code(), "cases": cases}
    _note(assignment.name, task.id, record | {"sampled": [*record["sampled"], sample]})


def write_page(notebook: Path) -> None:
    """Note that nobody has to complain of the notebook's looks."""
    _note("pages", _name(notebook), {"proved": date.today().isoformat(), "rests_on": page_rests_on(notebook)})


def write_engine(behaviour: str) -> None:
    """Note how the engine behaves as it is now."""
    _note("engine", "code", engine_code())
    _note("engine", "behaviour", behaviour)


def read(name: str) -> dict:
    """Return a file of evidence; empty when there is none or it cannot be read."""
    try:
        return dict(json.loads((PLACE / f"{name}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _note(name: str, key: str, value: object) -> None:
    PLACE.mkdir(exist_ok=True)
    noted = dict(sorted((read(name) | {key: value}).items()))
    (PLACE / f"{name}.json").write_text(json.dumps(noted, indent=1) + "\n", encoding="utf-8")
