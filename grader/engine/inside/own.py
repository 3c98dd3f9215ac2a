"""What a later notebook takes from an earlier one: the learner's own definition, or the course's public version."""

import ast
from collections.abc import Callable, Mapping, Sequence
from pkgutil import resolve_name

from .loader import Loader
from .notebook import LoadError, Notebook, same


def is_attempted(notebook: Notebook, entry: str, shipped: str) -> bool:
    """Whether a notebook defines `entry` otherwise than it was handed out; `shipped` is that definition's text."""
    definition = notebook.definition(entry)
    if definition is None:
        return False
    return not shipped or not same(definition, ast.parse(shipped).body[0])


def own(task: Mapping[str, str], loader: Loader | None) -> object:
    """Return the learner's definition for an earlier task, or the public version.

    `task` has the fields of `assignment.Earlier`; `loader` has the learner's notebook, if there is one. Raises
    LookupError with a sentence when there is neither, or when the definition cannot be loaded.
    """
    if loader is not None and is_attempted(loader.notebook, task["entry"], task["shipped"]):
        try:
            return loader.load(task["entry"])
        except LoadError as error:
            raise LookupError(f"{task['id']}: {error} in {task['notebook']}") from None
    if task["public"]:
        return resolve_name(task["public"])
    raise LookupError(f"{task['id']} is not solved yet: write `{task['entry']}` in {task['notebook']} first.")


def mine(earlier: Sequence[Mapping[str, str]], others: Mapping[str, str]) -> Callable[[str], object]:
    """Return the function `mine` of a worker. `others` are the texts of the submission's other notebooks by name."""
    tasks = {task["id"]: task for task in earlier}
    loaders: dict[str, Loader] = {}

    def mine(task_id: str) -> object:
        if task_id not in tasks:
            raise LookupError(f"{task_id} is not a task that this assignment builds on")
        name = tasks[task_id]["notebook"]
        if name in others and name not in loaders:
            loaders[name] = Loader(Notebook.parse(others[name], f"{name}.py"))
        return own(tasks[task_id], loaders.get(name))

    return mine
