"""`dojo incident`: something is broken in the learner's own stack; they find it, mend it and hand the repair in.

The stack belongs to `cardshop`, which knows nothing of the course. Whatever concerns the running stack is its command
`python -m cardshop.incidents`; what is copied from it are texts.
"""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from grader.course import manifest, original
from grader.course.manifest import ROOT, Assignment

from .files import Unusable, read_text
from .grading import level
from .learner import check_in_full
from .output import console, dojo, errors, short, stop

app = typer.Typer(no_args_is_help=True, help="Break your running stack, mend it, hand the repair in.")
Folder = Annotated[Path | None, typer.Option(help="Where the stack keeps its data; data/stack if left out.")]


@app.command()
def start(
    symptom: Annotated[str | None, typer.Option(help="What the alert is about; any if left out.")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Which incident: the number of your instructor, or any.")
    ] = None,
    folder: Folder = None,
) -> None:
    """Break the running stack in one hidden way. Real traffic runs until you stop the incident."""
    options = {"--symptom": symptom, "--seed": seed}
    given = [str(part) for name, value in options.items() if value is not None for part in (name, value)]
    _pass_on("start", *given, *_folder(folder))


@app.command()
def status(folder: Folder = None) -> None:
    """Say which incident runs, since when, and what its alert does."""
    _pass_on("status", *_folder(folder))


@app.command("stop")
def stop_(folder: Folder = None) -> None:
    """End the incident: its traffic ends, and release and model are what they were before."""
    _pass_on("stop", *_folder(folder))


@app.command()
def submit(
    folder: Folder = None,
    isolation: Annotated[
        str | None, typer.Option(help="sandbox or process; the best one available if left out.")
    ] = None,
) -> None:
    """Copy the repair from the running stack into the assignment, and check it with every check.

    The exit code is 0 when everything has passed, and 1 otherwise.
    """
    isolation = level(isolation)
    assignment = _assignment()
    state = _state(folder)
    for name, text in _repair(state).items():
        original.write(assignment.folder / name, text)  # what was there is among the copies
    console.print(f"The repair is copied to {short(assignment.folder / 'repair')}.", markup=False)
    passed = check_in_full(assignment, None, isolation)
    console.print(f"\n{_time(state)}", markup=False)
    console.print(f"`{dojo('incident stop')}` ends the incident.", markup=False)
    if not passed:
        raise typer.Exit(1)


def _assignment() -> Assignment:
    found = next((one for one in manifest.assignments() if one.kind == "incident"), None)
    return found or stop("This course has no incident to hand in.")


def _state(folder: Path | None) -> dict:
    """What the stack says of the incident, as `python -m cardshop.incidents status --json` prints it.

    {} where none runs. Else `seed`, `symptom`, `began`, `alerted` and `quiet` (ISO times with an offset; null before),
    `release` (`number` and `folder` of what answers now), `champion` (the version that serves now), `before` (`release`
    and `champion` before the incident), `registered` (the versions that the incident has registered, in their order).
    """
    done = _stack("status", "--json", *_folder(folder), capture_output=True, text=True)
    if done.returncode:
        errors.print(done.stderr.strip(), markup=False)
        raise typer.Exit(done.returncode)
    state = json.loads(done.stdout)
    if not state:
        stop(f"No incident runs, so there is nothing to hand in. `{dojo('incident start')}` begins one.")
    if not state["began"]:
        stop(f"Nothing is broken yet. `{dojo('incident status')}` says how far the incident is.")
    return state


def _repair(state: dict) -> dict[str, str]:
    """The files of the assignment that say what answers now: the release, the version, and about which incident."""
    release = Path(state["release"]["folder"])
    facts = {
        **{name: state[name] for name in ("symptom", "seed")},
        **{name: state[name] or "" for name in ("began", "alerted", "quiet")},
        "release_before": state["before"]["release"],
        "champion_before": state["before"]["champion"],
        "registered": state["registered"],
    }
    return {
        "repair/service.py": _text(release / "service.py"),
        "repair/settings.env": _text(release / "settings.env"),
        "repair/champion": f"{state['champion']}\n",
        "repair/incident.toml": "".join(f"{name} = {json.dumps(value)}\n" for name, value in facts.items()),
    }


def _text(file: Path) -> str:
    try:
        return read_text(file)
    except Unusable as reason:
        stop(f"{short(file)} {reason}.")


def _time(state: dict) -> str:
    """How long the alert took to come and to end, in a sentence."""
    if not state["alerted"]:
        return "The alert has not fired yet, so there is no time to mitigate."
    noticed = f"The alert fired {_minutes(state['began'], state['alerted'])} after the incident began"
    if not state["quiet"]:
        return f"{noticed}. It still fires, or has not been quiet for long enough to count."
    mended = f"{noticed}, and was quiet {_minutes(state['alerted'], state['quiet'])} later"
    return f"{mended}: your time to mitigate, as your machine has recorded it. It is not scored."


def _minutes(start: str, end: str) -> str:
    seconds = round((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())
    return f"{seconds // 60} min {seconds % 60} s"


def _folder(folder: Path | None) -> list[str]:
    return ["--folder", str(folder.resolve())] if folder else []


def _pass_on(*arguments: str) -> NoReturn:
    """Run a command of the stack, which says everything itself; its exit code is ours."""
    raise typer.Exit(_stack(*arguments).returncode)


def _stack(*arguments: str, **how: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "cardshop.incidents", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False, **how)
