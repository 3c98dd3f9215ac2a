"""From a path to what is graded: the notebooks that lie there, what they answer, and what belongs to each.

Every person has a folder. Its files go with its notebooks, and its other notebooks are there for tasks that build on
them. Where two notebooks of one folder answer the same assignment, nobody can tell whose the files are: then each
notebook is graded by itself, with the modules that it imports.
"""

import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from grader.course.handin import files_of
from grader.course.manifest import ROOT, Assignment, course
from grader.course.mark import recognise
from grader.engine.assignment import Submitted

from .files import LEFT_BEHIND, Unusable, read, read_text, walk
from .output import dojo, line, short, stop

NAMED = 20  # files of one folder that are named one by one
PLAIN = "is not a notebook"
_LOST = {  # what somebody may have meant as their notebook
    **dict.fromkeys(
        (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar"), "is an archive; unpack it first"
    ),
    ".ipynb": "is a Jupyter notebook; `marimo convert` turns it into a marimo notebook",
}


@dataclass
class HandIn:
    """A notebook to be graded. With it came other notebooks, by their assignment, and files, by their names.

    `person` is the name of the folder that somebody has in the folder of a class.
    """

    file: Path
    assignment: Assignment
    others: dict[str, Path] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    person: str = ""

    def submitted(self) -> Submitted:
        """Read it. Raises Unusable."""
        others = {name: read_text(file) for name, file in self.others.items()}
        return Submitted(read_text(self.file), others, self.files or None)


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
        stop(f"There is no file or folder {line(path)}.")
    if path.is_dir():
        return _folder(path)
    try:
        text, lost = read(path)
    except Unusable as reason:
        stop(f"Not graded: {line(path)} {reason}.")
    return Intake([_alone(path, _most_like(path, text))], _unreadable({path: lost}))


def own(assignment: Assignment) -> str:
    """Return the text of the learner's own notebook. Ends the command when it cannot be read."""
    file = assignment.exercise
    if not file.exists():
        stop(f"{short(file)} is missing. `{dojo(f'reset {assignment.name}')}` puts it back.")
    try:
        return read_text(file.resolve())
    except Unusable as reason:
        stop(f"{short(file)} {reason}.")


def _alone(file: Path, assignment: Assignment) -> HandIn:
    return HandIn(file, assignment, files=files_of(file, read_text(file)))


def _folder(folder: Path) -> Intake:
    found = _sort(folder)
    groups: dict[Path, dict[Path, Assignment]] = defaultdict(
        dict
    )  # notebooks by the folder that was handed in
    for file, assignment in found.notebooks.items():
        groups[_home(file, assignment, folder)][file] = assignment
    together, files = _together(folder, groups), defaultdict(list)
    for file, reason in found.rest.items():
        home = next((parent for parent in file.parents if parent in groups), None)
        if reason == PLAIN and home in together:
            files[home].append(file)
        else:
            found.unusable[file] = reason
    hand_ins = [
        _with_others(file, own, files[home], home) if home in together else _alone(file, assignment)
        for home, own in groups.items()
        for file, assignment in own.items()
    ]
    hand_ins.sort(key=lambda one: one.file)
    for one in hand_ins:
        one.person = _person(one.file, folder)
        for file in one.files.values():
            found.unusable.pop(file, None)
    remarks = [*_not_graded(found.unusable), *_unreadable(found.lost), *_with_files(hand_ins)]
    return Intake(hand_ins, remarks + _people(folder, hand_ins))


@dataclass
class _Found:
    """The files of a folder: notebooks; others, with why they are none; what cannot be read, with why."""

    notebooks: dict[Path, Assignment] = field(default_factory=dict)
    rest: dict[Path, str] = field(default_factory=dict)
    unusable: dict[Path, str] = field(default_factory=dict)
    lost: dict[Path, int] = field(default_factory=dict)  # characters of notebooks that could not be read


def _sort(folder: Path) -> _Found:
    found = _Found()
    scripts: dict[Path, Assignment] = {}
    for file, reason in walk(folder):
        try:
            if reason:
                raise Unusable(reason)
            _identify(file, found, scripts)
        except Unusable as error:
            found.unusable[file] = str(error)
    # A plain script with the functions of a task is an answer, unless its owner has a notebook that can import it.
    answered = {(_person(file, folder), assignment.name) for file, assignment in found.notebooks.items()}
    for file, assignment in scripts.items():
        person = _person(file, folder)
        if person and (person, assignment.name) in answered:
            found.rest[file] = PLAIN
        else:
            found.notebooks[file] = assignment
    return found


def _identify(file: Path, found: _Found, scripts: dict[Path, Assignment]) -> None:
    """Put a file where it belongs. Raises Unusable."""
    ending = file.suffix.lower()
    found.rest[file] = _LOST.get(ending, PLAIN)
    if ending not in (".py", ".txt", ".md", ""):
        return
    try:
        text, lost = read(file)
    except Unusable:
        if ending == ".py":
            del found.rest[file]
            raise
        return  # a large text is a file like others
    ours = recognise(text)
    if ending == ".md":
        if "marimo-version:" in text:
            found.rest[file] = "is a notebook saved as Markdown; save it as .py"
    elif "marimo.App(" in text or (ours and ending == ".py"):
        if not ours:
            found.rest[file] = "is a marimo notebook, but not one of this course"
            return
        del found.rest[file]
        (found.notebooks if "marimo.App(" in text else scripts)[file] = _most_like(file, text)
        found.lost[file] = lost


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


def _with_others(file: Path, own: dict[Path, Assignment], files: list[Path], home: Path) -> HandIn:
    """A notebook with what its folder holds besides, but for the files of other notebooks."""
    others = {assignment.name: other for other, assignment in own.items() if other != file}
    theirs = [other.with_suffix("") for other in others.values()]
    mine = [one for one in files if not any(one.is_relative_to(folder) for folder in theirs)]
    return HandIn(file, own[file], others, {_name(one, file, home): one for one in mine})


def _name(file: Path, notebook: Path, home: Path) -> str:
    """The name that a file has for a notebook: in the notebook's folder, beside it, or in the person's folder."""
    places = (notebook.with_suffix(""), notebook.parent, home)
    return next(file.relative_to(place).as_posix() for place in places if file.is_relative_to(place))


def _person(file: Path, folder: Path) -> str:
    first, *deeper = file.relative_to(folder).parts
    return first if deeper else ""


def people(folder: Path) -> list[str]:
    """Return the names of the people who have a folder in the folder of a class, in order."""
    entries = [entry.name for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    return sorted(name for name in entries if name not in LEFT_BEHIND and not name.startswith("."))


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


def _with_files(hand_ins: list[HandIn]) -> list[str]:
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
    return [
        f"{line(person)} has {count} notebooks of {name}; each was graded."
        for (person, name), count in sorted(notebooks.items())
        if person and count > 1
    ] + [
        f"No notebook was graded in {line(folder / person)}."
        for person in people(folder)
        if person not in used
    ]


def _unreadable(lost: dict[Path, int]) -> list[str]:
    return [
        f"{line(file)} has {count:,} character{'s' * (count > 1)} that could not be decoded, graded as question marks."
        for file, count in lost.items()
        if count
    ]


def _most_like(file: Path, text: str) -> Assignment:
    """The assignment that the notebook belongs to; where it does not say so, the one that its path names."""

    def likeness(assignment: Assignment) -> tuple[bool, bool, bool]:
        own = file.resolve()
        at_home = own in (assignment.exercise.resolve(), assignment.solution.resolve())
        named = assignment.name in file.stem or assignment.exercise.stem == file.stem
        beside = own.parent.name == assignment.exercise.parent.name  # checkpoints are named as their units
        return at_home, named, beside

    return max(recognise(text) or course().assignments, key=likeness)
