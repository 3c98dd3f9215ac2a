"""Each environment's objects."""

import pytest

from .manifests import OVERLAYS, objects, rendered


@pytest.fixture(params=OVERLAYS)
def overlay(request):
    return request.param


@pytest.fixture
def environment_objects(overlay):
    return objects(rendered(overlay))
