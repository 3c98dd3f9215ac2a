"""What a learner has done: an append-only history, and progress.md as its view.

`.dojo/history.jsonl` has one line of JSON for each attempt, quiz answer, hint and reveal. `progress.md` shows what
follows from it between two markers; everything else in that file is the learner's own words and is never touched.
Every function that reads or writes raises OSError with a sentence when a file cannot be used.
"""

import ast
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from grader.course.lock import locked
from grader.course.manifest import ROOT, Assignment, Course, Task, course
from grader.engine.inside.notebook import Notebook
from grader.engine.scoring import DONE

BEGIN = "<!-- progress: made from the history, changes here are overwritten -->"
END = "<!-- end of progress -->"
_MARKERS = re.compile(f"{re.escape(BEGIN)}|{re.escape(END)}")
_SEALED = re.compile(r"\n<!-- (\w+) -->\n(.*)\n", re.DOTALL)


@contextmanager
def _in_sentences() -> Iterator[None]:
    """Turn what the system says about a file into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno is None:  # is one already
            raise
        where = error.filename or home()
        raise OSError(f"{where} cannot be used ({error.strerror}). Repair it, then try again.") from None


def home() -> Path:
    """The folder that keeps the learner's history: the course's own, or what DOJO_HOME names."""
    return Path(os.environ.get("DOJO_HOME") or ROOT)


@_in_sentences()
def record(kind: str, **fields: object) -> None:
    """Append an entry. After an attempt progress.md is rebuilt."""
    line = json.dumps({"kind": kind, "at": datetime.now(UTC).isoformat(timespec="seconds"), **fields})
    with _locked(), _history().open("a+b") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # a torn line must not swallow this one
                file.write(b"\n")
        file.write(line.encode() + b"\n")
    if kind == "attempt":
        refresh()


@_in_sentences()
def history() -> list[dict]:
    """Return every entry, oldest first. Lines that cannot be read are set aside, loudly, and never lost."""
    global _cached  # every card of a notebook asks
    path = _history()
    if not path.exists():
        return []
    known = path.stat()
    version = path, known.st_size, known.st_mtime_ns
    if version != _cached[0]:
        entries = [_entry(line) for line in path.read_bytes().splitlines()]
        if None in entries:
            _set_aside_damaged(path)
        _cached = version, [entry for entry in entries if entry is not None]
    return list(_cached[1])


_cached: tuple[tuple[Path, int, int] | None, list[dict]] = None, []


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


def answer_name(assignment: Assignment, task: Task, source: str | list[str]) -> str | None:
    """Return a short name for an answer, equal for equal ones: what tells attempts apart. None: there is none.

    `source` is the text of the notebook or the codes of its cells.
    """
    if task.answer not in ("file", "artifact"):
        return code_name(source, task.entry)
    try:
        own = [assignment.folder / task.entry]
        if task.answer == "file":  # a task's other files may be gone
            own += [
                file for name in assignment.files_of(task)[1:] if (file := assignment.folder / name).exists()
            ]
        return hashlib.sha256(b"\0".join(file.read_bytes() for file in own)).hexdigest()[:12]
    except OSError:
        return None


def code_name(source: str | list[str], entry: str) -> str | None:
    """Return a short name for the code of a function; None if it is not there, or cannot be read."""
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


@_in_sentences()
def journal(prompt: str, words: str, section: str = "Journal") -> None:
    """Append the learner's words, dated, under a heading of progress.md."""
    entry = f"### {datetime.now().date()}: {prompt.strip()}\n\n{words.strip()}\n"
    with _locked():
        text = _text()
        place = re.search(rf"^## {section}[^\n]*(\n|$)", text, re.MULTILINE)
        if place is None:
            _write(f"{text.rstrip()}\n\n## {section}\n\n{entry}")
            return
        following = re.search(r"^## ", text[place.end() :], re.MULTILINE)
        end = place.end() + following.start() if following else len(text)
        _write(f"{text[:end].rstrip()}\n\n{entry}\n{text[end:]}".rstrip() + "\n")


@_in_sentences()
def refresh() -> None:
    """Rebuild the view in progress.md; everything outside its markers stays byte for byte.

    A view that was edited by hand is kept as a copy first.
    """
    rebuilt = view(course(), best())
    with _locked():
        text = _text()
        markers = _MARKERS.findall(text)
        if markers == [BEGIN, END]:
            before, inside, after = _MARKERS.split(text)
            if _is_edited(inside):
                _keep(text)
            _write(before + rebuilt + after)
            return
        if markers:
            _say(
                "progress.md: its markers were damaged. A new table is at the top; everything else was kept."
            )
        _write(f"{rebuilt}\n\n{_MARKERS.sub('', text)}")


def view(given: Course, done: dict[str, dict]) -> str:
    """Return the part of progress.md between the markers, markers included."""
    lines = [""]
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
    table = "\n".join(lines)
    return f"{BEGIN}\n<!-- {_seal(table)} -->\n{table}\n{END}"


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
    with _locked():
        lines = path.read_bytes().splitlines()  # again: others may have written until the lock was ours
        damaged = [line for line in lines if _entry(line) is None]
        with aside.open("ab") as file:
            file.writelines(line + b"\n" for line in damaged)
        _replace(path, b"".join(line + b"\n" for line in lines if line not in damaged))
    if damaged:
        lines = "1 damaged line was" if len(damaged) == 1 else f"{len(damaged)} damaged lines were"
        _say(f"{path.name}: {lines} moved to {aside.name}.")


def _is_edited(inside: str) -> bool:
    """Whether what is between the markers is not as it was written."""
    found = _SEALED.fullmatch(inside.replace("\r\n", "\n"))  # some editors change line ends
    return found is None or found[1] != _seal(found[2])


def _seal(table: str) -> str:
    return hashlib.sha256(table.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def _keep(text: str) -> None:
    copy = home() / ".dojo" / "copies" / f"{datetime.now():%Y%m%d-%H%M%S-%f}-progress.md"
    copy.parent.mkdir(exist_ok=True)
    _replace(copy, text)
    _say(f"progress.md: its table was changed by hand, so it was rebuilt. Your version is kept as {copy}.")


def _locked() -> AbstractContextManager[None]:
    return locked(home() / ".dojo" / "lock")  # a file of its own, since the others get replaced


def _text() -> str:
    """What progress.md holds; bytes that are not UTF-8 survive being written again."""
    path = home() / "progress.md"
    return path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else ""


def _write(text: str) -> None:
    if text != _text():
        _replace(home() / "progress.md", text)


def _replace(path: Path, content: str | bytes) -> None:
    """Write all or nothing."""
    new = path.with_name(f"{path.name}.new")  # one name is enough: only who has the lock writes
    new.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
    new.replace(path)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
