import pytest

from cardshop.world.truth import build


@pytest.fixture(scope="session")
def world():
    """The tables of world 0, generated in memory."""
    return build.tables(0)


@pytest.fixture(scope="session")
def cards(world):
    return world["cards"]
