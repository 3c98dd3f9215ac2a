"""A registry on disk with one trained model, a service with it in this process, and the metrics that there are."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from cardshop.monitoring import metrics
from cardshop.monitoring.watch import Watch
from cardshop.serving.app import create_app
from cardshop.serving.hooks import PLAIN, Hooks
from cardshop.serving.metrics import Metrics
from cardshop.serving.settings import Settings
from cardshop.training import job
from cardshop.training.registry import Registry


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    home = tmp_path_factory.mktemp("registry")
    return Registry(f"sqlite:///{home / 'mlflow.db'}", home / "models", (home / "artifacts").as_uri())


@pytest.fixture(scope="module")
def trained(registry):
    """What the first training of the registry has found."""
    return job.train(registry)


@pytest.fixture(scope="module")
def set_up(registry, trained):
    """The settings of a service with that model."""
    return Settings(registry=registry.uri, kept=registry.kept, journal=registry.kept.parent / "journal")


@asynccontextmanager
async def client(
    settings: Settings, ready: bool = True, hooks: Hooks = PLAIN
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service in this process; it waits until there is a model."""
    app = create_app(settings, hooks)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as one:
            while ready and (await one.get("/ready")).status_code != 200:
                await asyncio.sleep(0.01)
            yield one


@pytest.fixture(scope="module")
def predictor(registry, trained):
    found = registry.fetch(trained.version)
    found.warm_up()
    return found


@pytest.fixture
def exposed(tmp_path):
    """The names of all metrics that service and monitor can expose."""
    service = {
        sample for family in Metrics().registry.collect() for sample in _names(family.name, family.type)
    }
    source = Path(metrics.__file__).read_text()
    monitor = {f"cardshop_{name}" for name in re.findall(r'gauge\("(\w+)"', source)}
    told = metrics.text(Watch(tmp_path, tmp_path / "none").look()).decode()
    return service | monitor | set(re.findall(r"# TYPE (\w+)", told))


def _names(name: str, kind: str) -> list[str]:
    endings = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(kind, [""])
    return [name + ending for ending in endings]
