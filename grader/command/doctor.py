"""`dojo doctor`: what may be wrong with this machine or this installation."""

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer
from packaging.requirements import Requirement

from grader.course import manifest, progress
from grader.course.manifest import ROOT

from .output import console, dojo, short

app = typer.Typer()
LEAST = 1e9  # bytes of disk that have to be free


@app.command()
def doctor() -> None:
    """Look for problems with this machine and this installation."""
    console.print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    problems = [*_packages(), *_isolation(), *_disk(), *_writing()]
    for assignment in manifest.assignments():
        if missing := assignment.missing():
            console.print(f"{assignment.name} cannot be checked completely yet. {missing}", markup=False)
    for problem in problems:
        console.print(f"- {problem}", markup=False)
    if problems:
        console.print(f"{len(problems)} problem{'' if len(problems) == 1 else 's'} found.")
        raise typer.Exit(1)
    console.print("No problems found.")


def _packages() -> Iterator[str]:
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if "==" not in line.split(" ")[0]:
            continue
        locked = Requirement(line.rstrip(" \\"))
        if locked.marker is not None and not locked.marker.evaluate():  # of another system or another Python
            continue
        name, wanted = locked.name, str(locked.specifier).removeprefix("==")
        try:
            if (found := version(name)) != wanted:
                yield f"{name} {found} is installed; the course was tested with {wanted}. Run `make setup`."
        except PackageNotFoundError:
            yield f"{name} is not installed. Run `make setup`."


def _isolation() -> Iterator[str]:
    from grader.engine.pool import IsolationUnavailable, WorkerPool
    from grader.engine.worker import GraderBroken

    try:
        workers = WorkerPool(None, (), (), ())
    except (IsolationUnavailable, GraderBroken) as error:
        yield f"Submissions cannot be run. {error}"
        return
    except OSError as error:
        why = error.strerror or f"{tempfile.gettempdir()} cannot be written"
        yield f"Submissions cannot be run ({why})."
        return
    try:
        console.print(f"Submissions run at the isolation level `{workers.level}`.")
        if workers.weaker_because:
            yield workers.weaker_because
    finally:
        workers.close()


def _disk() -> Iterator[str]:
    """One sentence for each disk that is nearly full: of the course, of the history, of temporary files."""
    seen = set()
    for place in (ROOT, progress.home(), Path(tempfile.gettempdir())):
        with suppress(OSError):  # what cannot be written is another problem
            disk = place.stat().st_dev
            free = shutil.disk_usage(place).free
            if disk not in seen:
                console.print(f"{free / 1e9:.0f} GB are free for {place}.", markup=False)
            if disk not in seen and free < LEAST:
                yield f"Only {free / 1e6:.0f} MB are free for {place}. Free at least {LEAST / 1e9:.0f} GB."
            seen.add(disk)


def _writing() -> Iterator[str]:
    try:
        progress.history()
        _write_in(progress.home() / ".dojo")
    except OSError as error:
        yield f"Progress cannot be kept in {progress.home()} ({error.strerror or error})."
    for folder in dict.fromkeys(assignment.exercise.parent for assignment in manifest.assignments()):
        try:
            _write_in(folder)
        except OSError as error:
            yield f"Notebooks cannot be saved in {short(folder)} ({error.strerror or error})."
    for assignment in manifest.assignments():
        file = assignment.exercise
        if not file.exists():
            yield f"{short(file)} is missing. `{dojo(f'reset {assignment.name}')}` puts it back."
        elif not os.access(file, os.R_OK | os.W_OK):
            yield f"{short(file)} cannot be written. Check its permissions."


def _write_in(folder: Path) -> None:
    """Write a file and remove it again. Raises OSError, for a full disk too."""
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / ".dojo-probe"
    try:
        probe.write_bytes(bytes(2**16))
    finally:
        probe.unlink(missing_ok=True)
