"""From a path to what is graded: the text of a notebook, and the assignment that it answers."""

import codecs
import io
import os
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course.manifest import Assignment, course

from .output import stop, warn

REPLACED = "\N{REPLACEMENT CHARACTER}"
NO_TEXT = (
    "idna",
    "punycode",
)  # encodings of host names: nobody writes a file in them, and to decode one takes long
LEFT_BEHIND = ("__pycache__", "__marimo__")  # by Python and by the editor


@dataclass(frozen=True)
class HandIn:
    """A notebook to be graded, under the name that the report gives it."""

    name: str
    text: str
    assignment: Assignment


def found(path: Path) -> list[HandIn]:
    """Return the notebooks at a path: the file itself, or those in the folder. Ends the command if there are none.

    What looks like a submission in a folder and cannot be graded is named on standard error.
    """
    if not path.exists():
        stop(f"There is no file {path}.")
    if path.is_file():
        try:
            return [_notebook(path)]
        except OSError as error:
            stop(f"{path} cannot be read ({error.strerror}).")
    notebooks = []
    for file in sorted(_files(path)):
        try:
            notebook = _notebook(file)
        except OSError as error:
            warn(f"Not graded: {file} cannot be read ({error.strerror}).")
            continue
        ours = "marimo.App(" in notebook.text or _defines(notebook.text, notebook.assignment)
        if ours and file.suffix.lower() == ".py":
            notebooks.append(notebook)
        else:
            warn(f"Not graded: {file} is no marimo notebook of this course.")
    return notebooks or stop(f"There is no notebook in {path}.")


def read(file: Path) -> str:
    """Return the text of a file in the encoding that it declares, as Python reads it, or else in UTF-8.

    Bytes that are no text become question marks, and a warning says so. Raises OSError.
    """
    content = file.read_bytes()
    encoding = _encoding(content)
    text = content.decode(encoding, errors="replace")
    lost = text.count(REPLACED) - content.count(REPLACED.encode())
    if lost > 0:
        name = encoding.removesuffix("-sig")
        warn(f"{file}: {lost:,} characters cannot be read as {name}, and are graded as question marks.")
    return text


def _encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as some editors on Windows save it
        return "utf-16"
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        b"x".decode(encoding, errors="replace")
    except (SyntaxError, LookupError, UnicodeError):  # unknown, no encoding of texts, or not what is declared
        return "utf-8-sig"
    return "utf-8-sig" if encoding in NO_TEXT else encoding


def _files(folder: Path) -> Iterator[Path]:
    """What people hand in, at any depth; not what editors and Python leave beside it."""

    def unreadable(error: OSError) -> None:
        warn(f"Not graded: {error.filename} cannot be read ({error.strerror}).")

    for place, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in LEFT_BEHIND]
        for name in files:
            file = Path(place, name)
            if file.suffix.lower() in (".py", ".ipynb") and not name.startswith(".") and file.is_file():
                yield file


def _notebook(file: Path) -> HandIn:
    text = read(file)
    return HandIn(str(file), text, _assignment(file, text))


def _assignment(file: Path, text: str) -> Assignment:
    """The one whose functions the notebook names; where that does not decide, the one that the path names."""

    def likeness(assignment: Assignment) -> tuple[int, bool, bool, bool]:
        at_home = file.resolve() in (assignment.exercise.resolve(), assignment.solution.resolve())
        beside = (
            file.resolve().parent.name == assignment.exercise.parent.name
        )  # checkpoints are named as their units
        named = assignment.name in file.stem or assignment.exercise.stem == file.stem
        return _defines(text, assignment), at_home, named, beside

    return max(course().assignments, key=likeness)


def _defines(text: str, assignment: Assignment) -> int:
    return sum(f"def {task.entry}(" in text for task in assignment.tasks)
