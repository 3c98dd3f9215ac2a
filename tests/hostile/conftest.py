"""One ground at a time: an engine that every attack of the suite meets."""

from collections.abc import Iterator

import pytest

from .ground import SECRET, Ground

collect_ignore = ["toy"]  # checks of a toy course: the engine runs them, not this session


@pytest.fixture(scope="session")
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("temporary")))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))  # a lock that nobody else holds
        patch.setattr("tempfile.tempdir", None)
        patch.setenv("DOJO_SECRET", SECRET)
        place = Ground(request.param, tmp_path_factory.mktemp("submissions"))
        yield place
        place.close()
