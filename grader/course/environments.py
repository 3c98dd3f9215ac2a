"""What an assignment needs beyond the course's packages: an extra of pyproject.toml, or a separate environment."""

import os
import tomllib

from packaging.requirements import Requirement

from grader.engine import Environment

from . import manifest
from .manifest import ManifestError


def extra(name: str) -> Environment:
    """The environment that grades, with the distributions of an extra. Raises ManifestError."""
    if not name:
        return Environment()
    project = tomllib.loads((manifest.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if name not in project["optional-dependencies"]:
        raise ManifestError(f"course.toml names the extra `{name}`, which pyproject.toml does not have")
    listed = [Requirement(line) for line in project["optional-dependencies"][name]]
    wanted = tuple(one.name for one in listed if one.marker is None or one.marker.evaluate())
    return Environment(name, distributions=wanted, install=f"python install.py --extra {name}")


def own(name: str) -> Environment:
    """A separate environment, with its own versions of packages: `.venvs/NAME`, made from `environments/NAME.lock`."""
    folder = manifest.ROOT / ".venvs" / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return Environment(name, python=python, install=f"python install.py --lab {name}")
