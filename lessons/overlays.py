"""What an overlay changes: the objects of two folders, as kubectl renders them."""

from pathlib import Path

import marimo as mo
import yaml

from cardshop.review import File
from grader.engine.inside.notebook import LoadError
from grader.engine.inside.readers import overlay
from lessons import diffs


def difference(before: Path, after: Path, watched: object = ()) -> mo.Html:
    """Show what a kustomization makes of each object of another one, or the sentence of kubectl where it refuses.

    `watched` are the files whose changes call this again.
    """
    try:
        old, new = (objects(overlay.read(folder / "kustomization.yaml")) for folder in (before, after))
    except (LoadError, ValueError) as error:
        return mo.callout(mo.md(f"```\n{error}\n```"), kind="warn")
    changed = [
        File(name, old.get(name, []), new.get(name, []))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]
    same = sorted(name for name in old if old[name] == new.get(name))
    if not changed:
        return mo.callout(mo.md(f"Nothing differs: `{after.name}` renders what `{before.name}` renders."))
    told = f"Not changed: {', '.join(same)}." if same else "All objects of the base are changed."
    return mo.vstack([diffs.all_shown(changed), mo.md(told)], gap=0)


def objects(text: str) -> dict[str, list[str]]:
    """Return the lines of each object, by kind and name. Raises ValueError where one has neither."""
    found = {}
    for part in text.split("\n---\n"):
        one = yaml.safe_load(part)
        try:
            found[f"{one['kind']} {one['metadata']['name']}"] = part.splitlines()
        except (KeyError, TypeError):
            raise ValueError(f"an object has no kind or no name: {part[:80]}") from None
    return found
