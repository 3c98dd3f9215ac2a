"""One ground at a time: an engine that every attack of the suite meets."""

from collections.abc import Iterator

import pytest

from .attack import GROUNDS
from .ground import SECRET, Ground
from .test_families import is_due

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
    """Leave out the attacks that do not belong to the usual run."""
    late = [item for item in items if _attack(item) and not is_due(*_attack(item))]
    config.hook.pytest_deselected(items=late)
    items[:] = [item for item in items if item not in late]


def _attack(item: pytest.Item) -> tuple[str, str] | None:
    given = item.callspec.params if hasattr(item, "callspec") else {}
    return (given["ground"], given["name"]) if {"ground", "name"} <= given.keys() else None
