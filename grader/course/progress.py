"""What a learner has done: an append-only history, and progress.md as its view.

`.dojo/history.jsonl` has one line of JSON for each attempt, quiz answer, hint and reveal. `progress.md` shows what
follows from it between two markers; everything else in that file is the learner's own words and is never touched.
"""

import ast
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from grader.course.manifest import ROOT, Course, course
from grader.engine.inside.notebook import Notebook
from grader.engine.scoring import DONE

BEGIN = "<!-- progress: made from the history, changes here are overwritten -->"
END = "<!-- end of progress -->"


def home() -> Path:
    """The folder that keeps the learner's history: the course's own, or what DOJO_HOME names."""
    return Path(os.environ.get("DOJO_HOME") or ROOT)


def record(kind: str, **fields: object) -> None:
    """Append an entry. After an attempt progress.md is made anew. Raises OSError with a sentence."""
    line = json.dumps({"kind": kind, "at": datetime.now(UTC).isoformat(timespec="seconds"), **fields})
    path = _history()
    with _locked(), _sentence(path), path.open("ab") as file:
        if file.tell() and path.read_bytes()[-1:] != b"\n":  # a torn line must not swallow this one
            file.write(b"\n")
        file.write(line.encode() + b"\n")
    if kind == "attempt":
        refresh()


def history() -> list[dict]:
    """Return every entry, oldest first. Lines that cannot be read are set aside, loudly, and never lost.

    Raises OSError with a sentence.
    """
    path = _history()
    if not path.exists():
        return []
    with _sentence(path):
        entries = [_entry(line) for line in path.read_bytes().splitlines()]
    if None in entries:
        _set_aside_damaged(path)
    return [entry for entry in entries if entry is not None]


def best(entries: Iterable[dict] | None = None) -> dict[str, dict]:
    """Return the best attempt at each task, by its id; among `entries`, or in the history."""
    found: dict[str, dict] = {}
    for entry in history() if entries is None else entries:
        if entry.get("kind") == "attempt" and isinstance(entry.get("task"), str):
            before = found.get(entry["task"])
            if before is None or _rank(entry) >= _rank(before):
                found[entry["task"]] = entry
    return found


def attempts(task_id: str) -> list[dict]:
    """Return the attempts at a task, oldest first."""
    return [entry for entry in history() if entry.get("kind") == "attempt" and entry.get("task") == task_id]


def code_name(source: str | list[str], entry: str) -> str | None:
    """Return a short name for the code of an answer, equal for equal code: what tells attempts apart.

    `source` is the text of a notebook or the codes of its cells, `entry` the task's function. None: it is not
    there, or cannot be read.
    """
    notebook = Notebook.from_cells(source) if isinstance(source, list) else Notebook.parse(source)
    definition = notebook.definition(entry)
    try:
        return definition and hashlib.sha256(ast.unparse(definition).encode()).hexdigest()[:12]
    except (RecursionError, ValueError):  # ValueError: Python 3.11 cannot write every f-string back
        return None


def points(entry: dict) -> float:
    """Return the points of an attempt; none where the entry makes no sense."""
    score = entry.get("score")
    return float(score) if isinstance(score, int | float) else 0.0


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
    with _locked():
        text = _text()
        place = re.search(r"^## Journal[^\n]*(\n|$)", text, re.MULTILINE)
        if place is None:
            _write(f"{text.rstrip()}\n\n## Journal\n\n{entry}")
            return
        following = re.search(r"^## ", text[place.end() :], re.MULTILINE)
        end = place.end() + following.start() if following else len(text)
        _write(f"{text[:end].rstrip()}\n\n{entry}\n{text[end:]}".rstrip() + "\n")


def refresh() -> None:
    """Make the view in progress.md anew; what stands outside its markers stays byte for byte.

    A view that was edited by hand is kept as a copy first. Raises OSError with a sentence.
    """
    given = view(course(), best())
    with _locked():
        text = _text()
        before, found, rest = text.partition(BEGIN)
        if found and text.count(BEGIN) == text.count(END) == 1 and END in rest:
            inside, _, after = rest.partition(END)
            _keep_edited(text, inside)
            _write(before + given + after)
        else:
            if BEGIN in text or END in text:
                _say(
                    "progress.md: its markers were damaged; a new view stands at the top, everything else was kept."
                )
                text = text.replace(BEGIN, "").replace(END, "")
            _write(f"{given}\n\n{text}")
        _replace(home() / ".dojo" / "view.md", given)


def view(given: Course, done: dict[str, dict]) -> str:
    """Return the part of progress.md between the markers, markers included."""
    lines = [BEGIN, ""]
    for unit in given.units:
        for assignment in unit.assignments:
            earned = sum(points(done.get(task.id, {})) for task in assignment.tasks)
            lines += [
                f"**{assignment.name} {assignment.title}**: {earned:g} of {assignment.points:g} points",
                "",
                "| task | | points |",
                "|---|---|---|",
            ]
            for task in assignment.tasks:
                entry = done.get(task.id, {})
                verdict = str(entry.get("verdict", "not attempted")).replace("_", " ")
                lines.append(f"| {task.id} {task.title} | {verdict} | {points(entry):g} of {task.points:g} |")
            lines.append("")
    return "\n".join([*lines, END])


def _rank(entry: dict) -> tuple[bool, float]:
    return entry.get("verdict") in DONE, points(entry)


def _history() -> Path:
    return home() / ".dojo" / "history.jsonl"


def _entry(line: bytes) -> dict | None:
    """The entry that a line holds; None for a damaged line."""
    try:
        entry = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _set_aside_damaged(path: Path) -> None:
    aside = path.with_name("history.damaged.jsonl")
    with _locked(), _sentence(path):
        lines = path.read_bytes().splitlines()  # again: others may have written until the lock was ours
        damaged = [line for line in lines if _entry(line) is None]
        with aside.open("ab") as file:
            file.writelines(line + b"\n" for line in damaged)
        _replace(path, b"".join(line + b"\n" for line in lines if line not in damaged))
    if damaged:
        _say(
            f"{path.name}: {len(damaged)} damaged line(s) moved to {aside.name}; the other "
            f"{len(lines) - len(damaged)} were kept."
        )


def _keep_edited(text: str, inside: str) -> None:
    last = home() / ".dojo" / "view.md"
    with _sentence(last):
        expected = last.read_text(encoding="utf-8") if last.exists() else view(course(), {})
    if BEGIN + inside.replace("\r\n", "\n") + END == expected:
        return
    copy = last.with_name("copies") / f"{datetime.now():%Y%m%d-%H%M%S-%f}-progress.md"
    with _sentence(copy):
        copy.parent.mkdir(exist_ok=True)
    _replace(copy, text)
    _say(f"progress.md: its table was changed by hand and is made anew; your version is kept as {copy}.")


@contextmanager
def _locked() -> Iterator[None]:
    """Keep other processes from writing. The lock is a file of its own, since the others get replaced."""
    path = home() / ".dojo" / "lock"
    with _sentence(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    with file:
        try:
            import fcntl
        except ImportError:  # Windows
            import msvcrt

            file.seek(0)
            with _sentence(path):
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            try:
                yield
            finally:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield  # closing the file unlocks it


@contextmanager
def _sentence(path: Path) -> Iterator[None]:
    """Turn what the system says about a path into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno is None:  # is one already
            raise
        raise OSError(
            f"{path} cannot be used ({error.strerror}). Repair it or its folder, then try again; nothing was lost."
        ) from None


def _text() -> str:
    """What progress.md holds; bytes that are no UTF-8 survive being written again."""
    path = home() / "progress.md"
    with _sentence(path):
        return path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else ""


def _write(text: str) -> None:
    if text != _text():
        _replace(home() / "progress.md", text)


def _replace(path: Path, content: str | bytes) -> None:
    """Write all or nothing."""
    new = path.with_name(f"{path.name}.new")  # one name is enough: only who has the lock writes
    with _sentence(path):
        new.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
        new.replace(path)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
