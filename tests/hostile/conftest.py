"""One ground at a time: an engine that every attack of the suite meets."""

import os
from collections.abc import Iterator

import pytest

from grader.authoring.rotation import turn

from .attack import GROUNDS
from .ground import SECRET, Ground

SHARE = 4  # runs in which each attack had its turn on each ground
collect_ignore = ["toy"]  # checks of a toy course: the engine runs them, not this session


@pytest.fixture(
    scope="session",
    params=[pytest.param(name, marks=pytest.mark.xdist_group(f"hostile {name}")) for name in GROUNDS],
)
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("temporary")))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))  # a lock that nobody else holds
        patch.setattr("tempfile.tempdir", None)
        patch.setenv("DOJO_SECRET", SECRET)
        place = Ground(request.param, tmp_path_factory.mktemp("submissions"))
        yield place
        place.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Every attack at the level `sandbox`; on the other grounds a part in turn. DOJO_ATTACKS=all runs all of them."""
    if os.environ.get("DOJO_ATTACKS") == "all":
        return
    elsewhere = [item for item in items if _ground(item) not in (None, "sandbox")]
    due = set(turn(elsewhere, len(elsewhere) // SHARE))
    config.hook.pytest_deselected(items=[item for item in elsewhere if item not in due])
    items[:] = [item for item in items if item not in elsewhere or item in due]


def _ground(item: pytest.Item) -> str | None:
    return item.callspec.params.get("ground") if hasattr(item, "callspec") else None
