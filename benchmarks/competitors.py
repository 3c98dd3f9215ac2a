"""What a course without this engine would do: one pytest process, the submission's functions called in it."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from grader.course.manifest import ROOT

CONFTEST = """
import os, tempfile, pytest
from hypothesis import HealthCheck, settings
from pathlib import Path
from types import SimpleNamespace
from grader.engine import Raised
from grader.engine.inside.loader import Loader
from grader.engine.inside.notebook import LoadError, Notebook

TASK, LIVE = {task!r}, {live!r}
loader = Loader(Notebook.parse(Path({solution!r}).read_text(encoding="utf-8")))


class Direct:
    last = SimpleNamespace(mutated=[], changed=[], printed="")

    def __getattr__(self, name):
        try:
            function = loader.load(name)
        except LoadError as error:
            raise AttributeError(name) from error

        def call(*arguments, **named):
            try:
                return function(*arguments, **named)
            except Exception as error:
                types = [one.__name__ for one in type(error).__mro__]
                said = {{"types": types, "type": types[0], "message": str(error)}}
                raise Raised(said) from error

        return call

    def folder(self, files, place=None):
        place = place or Path(tempfile.mkdtemp())
        os.chdir(place.parent)  # as in a worker: a relative path is a folder's name
        for name, content in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            if hasattr(content, "write_parquet"):
                content.write_parquet(place / name)
            else:
                (place / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return place

    def files(self, place):
        found = [path for path in place.rglob("*") if path.is_file()]
        return {{path.relative_to(place).as_posix(): path.read_bytes() for path in found}}


@pytest.fixture
def submission():
    return Direct()


@pytest.fixture
def seed():
    return 7


def pytest_collection_modifyitems(items):
    kept = []
    for item in items:
        declared = item.get_closest_marker("dojo").args[0]
        if (TASK in (None, declared.task)) and not declared.cold and not declared.timed and (declared.live or not LIVE):
            kept.append(item)
            if hasattr(item.obj, "hypothesis"):
                item.obj._hypothesis_internal_use_settings = settings(
                    max_examples=declared.examples[not LIVE], deadline=None, database=None,
                    suppress_health_check=list(HealthCheck))
    items[:] = kept
"""


def environment() -> dict[str, str]:
    """The environment of a fair competitor: byte-compiled packages may be used and written."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def plain_pytest(checks: Path, solution: Path, task: str | None, live: bool) -> None:
    """Run a folder of checks (or those of one task) on a solution in a fresh pytest process."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        conftest = CONFTEST.format(task=task, live=live, solution=str(solution))
        (place / "conftest.py").write_text(conftest, encoding="utf-8")
        for file in checks.glob("*.py"):
            (place / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", folder, folder],
            cwd=ROOT,
            env=environment(),
            check=True,
            capture_output=True,
        )
