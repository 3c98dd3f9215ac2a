"""The skeleton of a unit: every file that a unit has, with `WRITE: …` where its author has to write.

What is laid out runs: the exercise is built, the solution passes, the rules hold. `dojo author check NN_name --quick`
therefore says only what is still to be written.
"""

import re
from contextlib import suppress
from pathlib import Path

from grader.course import manifest

ROOT = manifest.ROOT
SKELETON = Path(__file__).with_name("skeleton")
END = "<!-- end of units -->"


def lay_out(name: str) -> list[Path]:
    """Write the files of a new unit and return them. All or nothing; ValueError says what is wrong with the name."""
    course = manifest.course()
    if not re.fullmatch(r"\d\d_[a-z][a-z0-9_]*", name):
        raise ValueError(
            f"{name} is not a name for a unit. Take two digits and a name, such as 03_model_training."
        )
    number = name[:2]
    if taken := next((unit.name for unit in course.units if unit.number == number), None):
        free = max(int(unit.number) for unit in course.units if unit.number.isdigit()) + 1
        raise ValueError(f"{number} is taken by {taken}. The next free number is {free:02}.")
    texts = {ROOT / place: _text(part, name) for place, part in _places(name).items()}
    if there := next((file for file in texts if file.exists()), None):
        raise ValueError(f"{there.relative_to(ROOT)} exists already. Remove it, or take another name.")
    changed = {file: file.read_text(encoding="utf-8") for file in (ROOT / "course.toml", ROOT / "README.md")}
    toml = changed[ROOT / "course.toml"] + _text("unit.toml", name)
    unit = manifest.read(toml).units[-1]
    written: list[Path] = []
    try:
        for file, text in texts.items():
            _write(file, text, written)
        for assignment in unit.assignments:
            _write(assignment.exercise, assignment.shipped(), written)
        (ROOT / "course.toml").write_text(toml, encoding="utf-8")
        readme = changed[ROOT / "README.md"].replace(END, f"{row(unit)}\n{END}")
        (ROOT / "README.md").write_text(readme, encoding="utf-8")
    except BaseException:
        for file in written:
            file.unlink(missing_ok=True)
            with suppress(OSError):  # other files are in it
                file.parent.rmdir()
        for file, text in changed.items():
            file.write_text(text, encoding="utf-8")
        raise
    return written


def _places(name: str) -> dict[str, str]:
    """The files of a unit, and which part of the skeleton each is made from."""
    number = str(int(name[:2]))
    return {
        f"notebooks/{name}.py": "lesson.py",
        f"solutions/{name}.py": "solution.py",
        f"solutions/checkpoints/{name}.py": "checkpoint.py",
        f"checks/{name}/test_{number}_1.py": "checks.py",
        f"checks/{name}/variants/{number}.1_rows.py": "variant.py",
        f"checks/{name}/misconceptions.toml": "misconceptions.toml",
        f"checks/CP-{number}/test_cp_{number}.py": "checks_checkpoint.py",
        f"checks/CP-{number}/misconceptions.toml": "misconceptions_checkpoint.toml",
        f"assessments/quizzes/{name}.toml": "quiz.toml",
        f"cheatsheets/{name}.md": "cheatsheet.md",
    }


def _text(part: str, name: str) -> str:
    text = (
        (SKELETON / part).read_text(encoding="utf-8").replace("NN_name", name).replace("NN-", f"{name[:2]}-")
    )
    return re.sub(r"(?<![A-Za-z])N(?![A-Za-z])|(?<=CP-)N(?=a)", str(int(name[:2])), text)


def row(unit: manifest.Unit) -> str:
    """The line of a unit in the README's table."""
    lesson, exercises = (
        f"{number} min" if number else "" for number in (unit.minutes.lesson, unit.minutes.exercises)
    )
    parts = ", ".join(f"{part.title}, {part.minutes} min" for part in (unit.checkpoint, *unit.parts) if part)
    tasks = ", ".join(task.id for assignment in unit.assignments for task in assignment.tasks)
    return f"| {unit.number} {unit.title} | {unit.question} | {lesson} | {exercises} | {parts} | {tasks} |"


def _write(file: Path, text: str, written: list[Path]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    written.append(file)
    file.write_text(text, encoding="utf-8")
