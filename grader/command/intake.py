"""From a path to what is graded: the notebooks that lie there, what they answer, and what belongs to each.

Every person has a folder. Its files go with its notebooks, and its other notebooks are there for tasks that build on
them. Where two notebooks of one folder answer the same assignment, nobody can tell whose the files are: then each
notebook is graded by itself, with the modules that it imports.
"""

import os
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grader.course.manifest import ROOT, Assignment, course
from grader.engine.assignment import ARTIFACTS, Submitted

from .files import LEFT_BEHIND, Unusable, copy, look, read_text, walk
from .output import dojo, line, short, stop

FILES = 1000  # that may go with a notebook
NAMED = 20  # files of one folder that are named one by one
PLAIN = "is not a notebook"
_LOST = {  # what somebody may have meant as their notebook
    **dict.fromkeys(
        (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar"), "is an archive; unpack it first"
    ),
    ".ipynb": "is a Jupyter notebook; `marimo convert` turns it into a marimo notebook",
}
_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)
_CHECKED = re.compile(r"""\bcheck\(\s*["']([\w.-]+)["']""")
_IMPORTED = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w \t,]+)", re.MULTILINE)


@dataclass
class HandIn:
    """A notebook to be graded. With it came other notebooks, by their assignment, and files, by their names."""

    file: Path
    assignment: Assignment
    others: dict[str, Path] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)

    @contextmanager
    def submitted(self) -> Iterator[Submitted]:
        """Read it, with copies of its files for as long as it is being graded. Raises Unusable."""
        notebook = read_text(self.file)
        others = {name: read_text(file) for name, file in self.others.items()}
        if not self.files:
            yield Submitted(notebook, others)
            return
        with tempfile.TemporaryDirectory(prefix="dojo-files-", ignore_cleanup_errors=True) as place:
            for name, file in self.files.items():
                copy(file, Path(place, name))
            yield Submitted(notebook, others, Path(place))


@dataclass
class Intake:
    """What is to be graded, and a sentence about everything else that was found."""

    hand_ins: list[HandIn] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def take_in(path: Path) -> Intake:
    """Return what is to be graded at a path: the file itself, whatever it holds, or the notebooks in the folder.

    Ends the command for a path that is missing, a link, or neither a file nor a folder.
    """
    if path.is_symlink():
        stop(
            f"{line(path)} is a link. Links are not followed, because a submission could point at the work of "
            f"others. Give the path that it points to: {line(path.readlink())}"
        )
    if not os.path.lexists(path):
        stop(f"There is no file {line(path)}.")
    if path.is_dir():
        return _folder(path)
    try:
        return Intake([alone(path, _most_like(path, read_text(path)))])
    except Unusable as reason:
        stop(f"Not graded: {line(path)} {reason}.")


def alone(file: Path, assignment: Assignment, others: dict[str, Path] | None = None) -> HandIn:
    """Return the hand-in of one notebook, with the modules beside it that it imports. Raises Unusable."""
    modules: dict[str, Path] = {}
    unread = [file]
    while unread:
        for name in _imports(read_text(unread.pop())):
            module = file.with_name(f"{name}.py")
            if module != file and module.name not in modules and module.is_file() and not module.is_symlink():
                modules[module.name] = module
                unread.append(module)
    return HandIn(file, assignment, others or {}, modules)


def own(assignment: Assignment) -> HandIn:
    """Return the learner's own notebook, with their others. Ends the command when it cannot be read."""
    file = assignment.exercise
    if not file.exists():
        stop(f"{short(file)} is not there. `{dojo(f'reset {assignment.name}')}` puts it back.")
    others = {one.name: one.exercise for one in course().assignments if one.exercise.is_file()}
    del others[assignment.name]
    try:
        return alone(file, assignment, others)
    except Unusable as reason:
        stop(f"{short(file)} {reason}.")


def _folder(folder: Path) -> Intake:
    notebooks, rest, unusable = _sort(folder)
    groups: dict[Path, dict[Path, Assignment]] = defaultdict(
        dict
    )  # notebooks by the folder that was handed in
    for file, assignment in notebooks.items():
        groups[_home(file, assignment, folder)][file] = assignment
    together, files = _together(folder, groups), defaultdict(list)
    for file, reason in rest.items():
        home = next((parent for parent in file.parents if parent in groups), None)
        if reason == PLAIN and home in together:
            files[home].append(file)
        else:
            unusable[file] = reason
    intake = Intake()
    for home, own in groups.items():
        if problem := _too_much(files[home]):
            intake.remarks.append(f"{line(home)} has {problem}. Its notebooks were graded without them.")
        for file, assignment in own.items():
            if home in together and not problem:
                others = {other.name: path for path, other in own.items() if path != file}
                names = {_name(path, file, home): path for path in files[home]}
                intake.hand_ins.append(HandIn(file, assignment, others, names))
            else:
                intake.hand_ins.append(alone(file, assignment))
    intake.hand_ins.sort(key=lambda one: one.file)
    intake.remarks[:0] = _not_graded(unusable)
    intake.remarks += _with_others(intake.hand_ins) + _people(folder, intake.hand_ins)
    return intake


def _sort(folder: Path) -> tuple[dict[Path, Assignment], dict[Path, str], dict[Path, str]]:
    """Return the notebooks in a folder; its other files with why they are none; and what cannot be read."""
    notebooks: dict[Path, Assignment] = {}
    scripts: dict[Path, Assignment] = {}
    rest: dict[Path, str] = {}
    unusable: dict[Path, str] = {}
    for file, reason in walk(folder):
        try:
            if reason:
                raise Unusable(reason)
            assignment, marimo, reason = _identify(file)
        except Unusable as error:
            unusable[file] = str(error)
            continue
        if assignment is None:
            rest[file] = reason
        else:
            (notebooks if marimo else scripts)[file] = assignment
    # A plain script with the functions of a task is an answer, unless its owner has a notebook that can import it.
    answered = {(_person(file, folder), assignment.name) for file, assignment in notebooks.items()}
    for file, assignment in scripts.items():
        person = _person(file, folder)
        if person and (person, assignment.name) in answered:
            rest[file] = PLAIN
        else:
            notebooks[file] = assignment
    return notebooks, rest, unusable


def _identify(file: Path) -> tuple[Assignment | None, bool, str]:
    """Return what a file answers and whether marimo has saved it; or None, and why it is not a notebook."""
    ending = "".join(suffix.lower() for suffix in file.suffixes[-2:])
    for lost, reason in _LOST.items():
        if ending.endswith(lost):
            return None, False, reason
    if file.suffix.lower() not in (".py", ".txt", ".md", ""):
        return None, False, PLAIN
    try:
        text = read_text(file)
    except Unusable:
        if file.suffix.lower() == ".py":
            raise
        return None, False, PLAIN  # a large text
    assignment = _most_like(file, text)
    ours = bool(_answers(text, assignment))
    if file.suffix.lower() == ".md":
        reason = "is a notebook saved as Markdown; save it as .py" if "marimo-version:" in text else PLAIN
        return None, False, reason
    if "marimo.App(" in text:
        reason = "" if ours else "is a marimo notebook, but not one of this course"
        return assignment if ours else None, True, reason
    return assignment if ours and file.suffix.lower() == ".py" else None, False, PLAIN


def _home(file: Path, assignment: Assignment, folder: Path) -> Path:
    """The folder that was handed in with a notebook: its own, or the one that has the course's rooms."""
    home, rooms = file.parent, list(assignment.exercise.parent.relative_to(ROOT).parts)
    while rooms and home != folder and home.name == rooms.pop():
        home = home.parent
    return home


def _together(folder: Path, groups: dict[Path, dict[Path, Assignment]]) -> set[Path]:
    """The folders that are the work of one person: a task is answered once, and nobody has a folder within."""
    return {
        home
        for home, own in groups.items()
        if len({assignment.name for assignment in own.values()}) == len(own)
        and not (home == folder and len(groups) > 1)
    }


def _too_much(files: list[Path]) -> str:
    size = sum(look(file).st_size for file in files)
    if size <= ARTIFACTS and len(files) <= FILES:
        return ""
    return f"{len(files)} other files of {size / 1e6:.0f} MB; at most {FILES} of {ARTIFACTS // 2**20} MB are taken"


def _name(file: Path, notebook: Path, home: Path) -> str:
    """The name by which a notebook finds a file that was handed in with it."""
    beside = file.is_relative_to(notebook.parent)
    return file.relative_to(notebook.parent if beside else home).as_posix()


def _person(file: Path, folder: Path) -> str:
    first, *deeper = file.relative_to(folder).parts
    return first if deeper else ""


def _not_graded(files: dict[Path, str]) -> list[str]:
    remarks, named = [], Counter()
    for file, reason in sorted(files.items()):
        named[file.parent] += 1
        if named[file.parent] <= NAMED:
            remarks.append(f"Not graded: {line(file)} {reason}.")
    remarks += [
        f"Not graded: {count - NAMED} more files in {line(place)}."
        for place, count in named.items()
        if count > NAMED
    ]
    return remarks


def _with_others(hand_ins: list[HandIn]) -> list[str]:
    remarks = []
    for one in hand_ins:
        if one.file.suffix.lower() != ".py":
            remarks.append(f"Graded, although its name does not end in .py: {line(one.file)}.")
        if names := sorted(map(line, one.files)):
            more = f" and {len(names) - NAMED} more files" if len(names) > NAMED else ""
            remarks.append(f"Handed in with {line(one.file)}: {', '.join(names[:NAMED])}{more}.")
    return remarks


def _people(folder: Path, hand_ins: list[HandIn]) -> list[str]:
    """Sentences about the people, each with a folder of their own, of whom nothing or something twice is graded."""
    notebooks = Counter((_person(one.file, folder), one.assignment.name) for one in hand_ins)
    used = {_person(file, folder) for one in hand_ins for file in (one.file, *one.files.values())}
    people = [entry.name for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    return [
        f"{line(person)} has {count} notebooks of {name}; each was graded."
        for (person, name), count in sorted(notebooks.items())
        if person and count > 1
    ] + [
        f"No notebook was graded in {line(folder / person)}."
        for person in sorted(people)
        if person not in used and person not in LEFT_BEHIND and not person.startswith(".")
    ]


def _imports(text: str) -> list[str]:
    return [part.split()[0] for line in _IMPORTED.findall(text) for part in line.split(",") if part.strip()]


def _most_like(file: Path, text: str) -> Assignment:
    """The assignment that the notebook answers; where that does not decide, the one that its path names."""

    def likeness(assignment: Assignment) -> tuple[int, bool, bool, bool]:
        own = file.resolve()
        at_home = own in (assignment.exercise.resolve(), assignment.solution.resolve())
        named = assignment.name in file.stem or assignment.exercise.stem == file.stem
        beside = own.parent.name == assignment.exercise.parent.name  # checkpoints are named as their units
        return _answers(text, assignment), at_home, named, beside

    return max(course().assignments, key=likeness)


def _answers(text: str, assignment: Assignment) -> int:
    """How many tasks of an assignment a notebook defines or checks."""
    defined, checked = set(_DEFINED.findall(text)), set(_CHECKED.findall(text))
    return sum((task.entry in defined) + (task.id in checked) for task in assignment.tasks)
