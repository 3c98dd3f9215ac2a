"""How the engine behaves: the verdicts, points and messages that it gives to recorded submissions of a toy course.

A hash of them is the engine's *behaviour*. What was proved with one text of the engine stays proved with another that
behaves the same.
"""

import json
import re
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader.authoring import evidence
from grader.authoring.answers import notebook_with
from grader.authoring.dependencies import digest
from grader.engine import Assignment, Engine, IsolationUnavailable, Task
from grader.engine.pool import LEVELS

HERE = Path(__file__).parent
VERDICTS = evidence.PLACE / "verdicts.json"
SHIPPED = (HERE / "shipped.py").read_text(encoding="utf-8")
TOY = Assignment(
    "toy",
    (
        Task("total", "Add up", "total", 10),
        Task("double", "Double a table", "double", 20),
        Task("average", "Average", "average", 5, needs=("total",), review=3),
        Task("longest", "Find the longest text", "longest", 5),
        Task("fit", "Fit a line", "fit", 5),
        Task("describe", "Describe a word", "describe", 5),
    ),
    checks=HERE / "checks",
    shipped=SHIPPED,
    preload=("numpy", "pandas", "polars", "sklearn.linear_model"),
)
SECRET = "conformance"  # the inputs of the checks follow from it

WAYS = (f"{LEVELS[0]}, live", *LEVELS)  # in which each submission is graded

Verdicts = dict[str, list]
Say = Callable[[str], None]


def settle(say: Say) -> list[str]:
    """See to it that the behaviour of the engine as it is now is on record; return why that is impossible."""
    if evidence.read("engine").get("code") == evidence.engine_code():
        return []
    say("engine: its text has changed; how does it behave?")
    try:
        before, now = recorded(), verdicts(submissions())
    except IsolationUnavailable as error:
        return [f"the engine's behaviour cannot be recorded here: {error}"]
    if before:  # shrinking ends by the clock: on a busy machine a message can be another one
        differing = [
            one for one in submissions() if any(now[name] != before.get(name) for name in _names(one))
        ]
        for name, verdict in verdicts(differing).items():
            now[name] = verdict if verdict == before.get(name) else now[name]
        for name in sorted(now.keys() | before.keys()):
            if now.get(name) != before.get(name):
                say(f"engine: {name}\n  was {_short(before.get(name))}\n  is  {_short(now.get(name))}")
    say(f"engine: {len(now)} verdicts are on record")
    evidence.write_engine(behaviour(now))
    VERDICTS.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return []


def recorded() -> Verdicts:
    """Return the recorded verdicts; empty when there are none."""
    return json.loads(VERDICTS.read_text(encoding="utf-8")) if VERDICTS.exists() else {}


def behaviour(verdicts: Verdicts) -> str:
    """Return the hash of verdicts."""
    return digest(json.dumps(verdicts, sort_keys=True).encode())


def verdicts(wanted: list[dict[str, str]]) -> Verdicts:
    """Grade submissions at every level, and live at the first; return what was said of them, by `_names`."""
    with ThreadPoolExecutor(len(LEVELS)) as threads:
        return dict(
            pair for pairs in threads.map(lambda level: [*_at(level, wanted)], LEVELS) for pair in pairs
        )


def _at(level: str, wanted: list[dict[str, str]]) -> Iterator[tuple[str, list]]:
    with Engine(TOY, level) as engine:
        for one in wanted:
            for way in [way for way in WAYS if way.startswith(level)]:
                live = way.endswith("live")
                result = engine.grade(notebook(one), tasks=[one["entry"]], live=live, secret=SECRET)
                yield _name(one, way), _canonical(result["tasks"][0])


def _names(one: dict[str, str]) -> list[str]:
    return [_name(one, way) for way in WAYS]


def _name(one: dict[str, str], way: str) -> str:
    return f"{one['entry']}: {one['name']}: {way}"


def submissions() -> list[dict[str, str]]:
    """Return the submissions: `entry`, `name`, and the `body` or the `cell` that is different from a right answer."""
    return tomllib.loads((HERE / "submissions.toml").read_text(encoding="utf-8"))["submissions"]


def notebook(one: dict[str, str]) -> str:
    """Return the notebook of a submission: right answers to all tasks but its own."""
    bodies = {}
    for other in submissions():  # the first one of each entry is right
        bodies.setdefault(other["entry"], other.get("body"))
    text = SHIPPED
    for entry, body in bodies.items():
        if entry != one["entry"]:
            text = _filled(text, entry, body)
    return (
        _filled(text, one["entry"], one["body"])
        if "body" in one
        else notebook_with(text, one["cell"], one["entry"])
    )


def _filled(text: str, entry: str, body: str) -> str:
    return text.replace(f'    raise NotImplementedError("{entry}")\n', textwrap.indent(body, "    "))


def _canonical(task: dict) -> list:
    """What is to be the same each time: no times, no addresses, no names of temporary folders."""
    checks = [[one["name"], one["verdict"], one["score"], _steady(one["message"])] for one in task["checks"]]
    return [task["verdict"], task["score"], checks]


def _short(verdict: list | None) -> str:
    return textwrap.shorten(str(verdict), 300, placeholder=" …")


def _steady(message: str) -> str:
    message = re.sub(r"0x[0-9a-f]{6,}", "0x…", message)
    message = re.sub(r"/[\w/.-]*folder-\d+", "…/folder", message)
    return re.sub(r"\b\d+(\.\d+)? (seconds|s)\b", "… seconds", message)
