"""The solution of a task, and when a learner may see it. One rule for the page and the command line."""

from collections.abc import Iterable

from grader.course.manifest import Assignment, Task
from grader.engine.inside.notebook import Notebook
from grader.engine.scoring import DONE

ATTEMPTS = 3  # different answers after which the solution is shown to those who ask


def attempts_left(attempts: Iterable[dict]) -> int:
    """Return how many more different attempts open the solution; 0 when it is open, as after a pass."""
    attempts = list(attempts)
    if any(entry.get("verdict") in DONE for entry in attempts):
        return 0
    return max(0, ATTEMPTS - len({entry.get("code") for entry in attempts} - {None}))


def text(assignment: Assignment, task: Task) -> str:
    """Return the code of the solution, or the text of the files that answer the task. Raises LookupError, OSError."""
    if task.answer == "file":
        folder, names = assignment.solution.with_suffix(""), assignment.files_of(task)
        texts = [_unmarked((folder / name).read_text(encoding="utf-8")) for name in names]
        if len(names) == 1:
            return texts[0]
        return "\n\n".join(f"# --- {name}\n{text}" for name, text in zip(names, texts, strict=True))
    cells = Notebook.parse(assignment.solution.read_text(encoding="utf-8")).cells
    found = next(
        (cell.text for cell in cells if task.entry in cell.names[0] or cell.mentions(task.entry)), None
    )
    if found is None:
        raise LookupError(f"The solution of {task.id} is the notebook {assignment.solution.name} as a whole.")
    return _unmarked(found)


def _unmarked(code: str) -> str:
    """Without the marks of the exercise's build, the `TODO`s that they answer, and marimo's decorator."""
    lines = [line for line in code.strip().splitlines() if not line.strip().startswith(("### ", "# TODO"))]
    return "\n".join(line for line in lines if not line.startswith("@app."))
