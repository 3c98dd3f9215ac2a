"""Modules that a task must not import: their files, and a sentence for whoever tries.

In the sandbox the files are covered, so that removing the hook below gains nothing. At level `process` the hook is all
there is, and somebody determined gets around it.
"""

import sys
from collections.abc import Iterable, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path


class Hidden(ModuleNotFoundError):
    """A module that this task does not give."""


class _Refusal(MetaPathFinder):
    def __init__(self, names: Sequence[str]):
        self._names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if any(_is_inside(name, hidden) for hidden in self._names):
            # Without its field `name`, or `from package import module` would put another error in its place.
            raise Hidden(f"`{name}` is not available in this task: write what you need from it yourself")


def hide(names: Sequence[str]) -> None:
    """Take modules out of this process and refuse to import them."""
    if not names:
        return
    for name in [name for name in sys.modules if any(_is_inside(name, hidden) for hidden in names)]:
        parent, _, last = name.rpartition(".")
        if parent in sys.modules:
            vars(sys.modules[parent]).pop(last, None)
        del sys.modules[name]
    sys.meta_path.insert(0, _Refusal(names))


def places(names: Iterable[str]) -> list[Path]:
    """Return the files and folders from which these modules would be imported, byte code included."""
    found = []
    for name in names:
        parent, _, last = name.replace(".", "/").rpartition("/")
        for entry in sys.path:
            folder = Path(entry, parent)
            found += [folder / last, *folder.glob(f"{last}.*"), *folder.glob(f"__pycache__/{last}.*")]
    return [place for place in found if place.exists()]


def _is_inside(name: str, package: str) -> bool:
    return f"{name}.".startswith(f"{package}.")
