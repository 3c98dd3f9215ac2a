"""What a learner has done: an append-only history, and progress.md as its view.

`.dojo/history.jsonl` has one line of JSON for each attempt, quiz answer, hint and reveal. `progress.md` shows what
follows from it between two markers; everything else in that file is the learner's own words and is never touched.
"""

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from grader.manifest import ROOT, Course, course

BEGIN = "<!-- progress: made from the history, changes here are overwritten -->"
END = "<!-- end of progress -->"
DONE = ("passed", "review")


def home() -> Path:
    """The folder that keeps the learner's history: the course's own, or what DOJO_HOME names."""
    return Path(os.environ.get("DOJO_HOME", ROOT))


def record(kind: str, **fields: object) -> None:
    """Append an entry. After an attempt progress.md is made anew. Raises OSError with a sentence."""
    line = json.dumps({"kind": kind, "at": datetime.now(UTC).isoformat(timespec="seconds"), **fields})
    with _history("a") as file:
        file.write(line + "\n")
    if kind == "attempt":
        refresh()


def history() -> list[dict]:
    """Return every entry, oldest first. Lines that cannot be read are set aside, loudly, and never lost."""
    path = home() / ".dojo" / "history.jsonl"
    if not path.exists():
        return []
    entries, damaged, whole = [], [], []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
            if not isinstance(entry, dict):
                raise ValueError
            entries.append(entry)
            whole.append(line)
        except ValueError:
            damaged.append(line)
    if damaged:
        _set_aside(path, whole, damaged)
    return entries


def best() -> dict[str, dict]:
    """Return the best attempt at each task, by its id."""
    found: dict[str, dict] = {}
    for entry in history():
        if entry.get("kind") == "attempt" and isinstance(entry.get("task"), str):
            before = found.get(entry["task"])
            if before is None or _rank(entry) >= _rank(before):
                found[entry["task"]] = entry
    return found


def attempts(task_id: str) -> list[dict]:
    """Return the attempts at a task, oldest first."""
    return [entry for entry in history() if entry.get("kind") == "attempt" and entry.get("task") == task_id]


def next_task() -> str | None:
    """Return the id of the first task of the course that has not passed; None when all have."""
    done = best()
    for assignment in course().assignments:
        for task in assignment.tasks:
            if done.get(task.id, {}).get("verdict") not in DONE:
                return task.id
    return None


def journal(prompt: str, words: str) -> None:
    """Append the learner's words, dated, under the heading `Journal` of progress.md."""
    entry = f"### {datetime.now().date()}: {prompt.strip()}\n\n{words.strip()}\n"
    text = _text()
    place = re.search(r"^## Journal[^\n]*\n", text, re.MULTILINE)
    if place is None:
        text = f"{text.rstrip()}\n\n## Journal\n"
        place = re.search(r"^## Journal[^\n]*\n", text, re.MULTILINE)
    following = re.search(r"^## ", text[place.end() :], re.MULTILINE)
    end = place.end() + following.start() if following else len(text)
    _write(f"{text[:end].rstrip()}\n\n{entry}\n{text[end:]}".rstrip() + "\n")


def refresh() -> None:
    """Make the view in progress.md anew; what stands outside its markers stays byte for byte."""
    text = _text()
    given = view(course(), best())
    if text.count(BEGIN) == text.count(END) == 1 and text.index(BEGIN) < text.index(END):
        before, _, rest = text.partition(BEGIN)
        _write(before + given + rest.partition(END)[2])
        return
    if BEGIN in text or END in text:
        print(
            "progress.md: its markers were damaged; a new view stands at the top, everything else was kept.",
            file=sys.stderr,
        )
        text = text.replace(BEGIN, "").replace(END, "")
    _write(f"{given}\n\n{text}")


def view(given: Course, done: dict[str, dict]) -> str:
    """Return the part of progress.md between the markers, markers included."""
    lines = [BEGIN, ""]
    for unit in given.units:
        for assignment in unit.assignments:
            earned = sum(_points(done.get(task.id, {})) for task in assignment.tasks)
            lines += [
                f"**{assignment.name} {assignment.title}**: {earned:g} of {assignment.points:g} points",
                "",
                "| task | | points |",
                "|---|---|---|",
            ]
            for task in assignment.tasks:
                entry = done.get(task.id, {})
                verdict = str(entry.get("verdict", "not attempted")).replace("_", " ")
                lines.append(f"| {task.id} {task.title} | {verdict} | {_points(entry):g} of {task.points:g} |")
            lines.append("")
    return "\n".join([*lines, END])


def _points(entry: dict) -> float:
    score = entry.get("score")
    return float(score) if isinstance(score, int | float) else 0.0


def _rank(entry: dict) -> tuple[bool, float]:
    return entry.get("verdict") in DONE, _points(entry)


@contextmanager
def _history(mode: str) -> Iterator:
    path = home() / ".dojo" / "history.jsonl"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torn = path.exists() and path.stat().st_size and path.read_bytes()[-1:] != b"\n"
        file = path.open(mode, encoding="utf-8")
    except OSError as error:
        raise OSError(
            f"{path} cannot be written ({error.strerror}). Make the folder writable, then try again; nothing was lost."
        ) from None
    with file, _locked(file):
        if torn:  # the last line was cut off: keep it from swallowing the next one
            file.write("\n")
        yield file


@contextmanager
def _locked(file) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        try:
            yield
        finally:
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        return
    fcntl.flock(file, fcntl.LOCK_EX)
    yield  # closing the file unlocks it


def _set_aside(path: Path, whole: list[str], damaged: list[str]) -> None:
    aside = path.with_name("history.damaged.jsonl")
    try:
        with aside.open("a", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in damaged)
        _replace(path, "".join(line + "\n" for line in whole))
    except OSError:
        return
    print(
        f"{path.name}: {len(damaged)} damaged line(s) moved to {aside.name}; the other {len(whole)} were kept.",
        file=sys.stderr,
    )


def _text() -> str:
    path = home() / "progress.md"
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def _write(text: str) -> None:
    path = home() / "progress.md"
    if text != _text():
        _replace(path, text)


def _replace(path: Path, text: str) -> None:
    """Write all or nothing."""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            file.write(text)
        Path(file.name).chmod(0o644)
        Path(file.name).replace(path)
    except OSError as error:
        raise OSError(
            f"{path} cannot be written ({error.strerror}). Make the folder writable, then try again; nothing was lost."
        ) from None
