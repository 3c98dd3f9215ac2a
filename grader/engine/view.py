"""What a worker finds on its disk and in its environment: an interpreter, what it may import, nothing of ours."""

import compileall
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from py_compile import PycInvalidationMode

from .inside import sandbox
from .worker import INTERPRETER_START, GraderBroken

ONE_THREAD = sandbox.threads(1)  # small tables: twice as fast, and times compare
_HERE = Path(__file__).parent / "inside"


def places_of(python: str) -> tuple[list[str], list[str]]:
    """Return the folders that an interpreter itself takes up, and those of its installed packages."""
    program = (  # with `site`, or a virtual environment does not know itself
        "import json, sys, sysconfig; paths = sysconfig.get_paths(); "
        "print(json.dumps([[sys.base_prefix, sys.prefix], [paths['purelib'], paths['platlib']]]))"
    )
    if python == sys.executable:
        paths = sysconfig.get_paths()
        prefixes, sites = [sys.base_prefix, sys.prefix], [paths["purelib"], paths["platlib"]]
    else:
        told = subprocess.run([python, "-I", "-c", program], capture_output=True, timeout=INTERPRETER_START)
        if told.returncode:
            raise GraderBroken(f"{python} does not start")
        prefixes, sites = json.loads(told.stdout)
    return prefixes, list(dict.fromkeys(sites))


def make_view(view: Path, packages: tuple[Path, ...], hidden: tuple[str, ...]) -> None:
    """Lay out what workers may import: the packages without what is hidden, the stub, the worker itself."""
    for package in packages:
        without = {str(Path(package).parent / part) for part in hidden}

        def leave_out(folder: str, names: list[str], without: set[str] = without) -> list[str]:
            return [name for name in names if name == "__pycache__" or str(Path(folder) / name) in without]

        shutil.copytree(package, view / Path(package).name, ignore=leave_out)
    shutil.copytree(_HERE, view / "dojo_worker", ignore=shutil.ignore_patterns("__pycache__", "stub.py"))
    (view / "grader").mkdir()
    shutil.copy(_HERE / "stub.py", view / "grader" / "__init__.py")
    unchecked = PycInvalidationMode.UNCHECKED_HASH  # whatever the times of files that were put back
    compileall.compile_dir(view, quiet=2, invalidation_mode=unchecked)
    for place in (
        view,
        *view.rglob("*"),
    ):  # the user's umask and the files' own modes are not the workers' affair
        place.chmod(0o755 if place.is_dir() else 0o644)


def environment(home: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker: nothing of ours but what an interpreter cannot start without."""
    kept = {
        name: os.environ[name] for name in ("SYSTEMROOT", "PATH", "LD_LIBRARY_PATH") if name in os.environ
    }
    return {
        **kept,
        **ONE_THREAD,
        "HOME": str(home),
        "USER": "learner",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        **extra,
    }
