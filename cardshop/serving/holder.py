"""Holds the model that answers, and follows the alias in the registry without dropping a request."""

import asyncio
from contextlib import suppress
from pathlib import Path

import structlog

from cardshop.serving.metrics import Metrics
from cardshop.serving.predictor import Predictor
from cardshop.serving.settings import Settings
from cardshop.training.registry import NoModel, Registry, Version


class Holder:
    """The model that the alias points to; while the registry is away, the last one, also after a restart."""

    def __init__(self, settings: Settings, metrics: Metrics, alias: str):
        self.predictor: Predictor | None = None
        self.why_not = "The model has not been loaded yet."
        self.alias = alias
        self._settings, self._metrics = settings, metrics
        self._registry = Registry(settings.registry, settings.kept)
        self._log = structlog.get_logger("model")

    async def follow(self) -> None:
        """Look at the alias again and again, until this is cancelled."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(self._settings.poll)

    def look(self) -> None:
        """Load what the alias points to, if that is another version than the one that answers."""
        try:
            wanted = self._registry.find(self._settings.model, self.alias)
            self._metrics.registry_up.set(1)
        except NoModel as error:  # the registry answers, and has none
            self._metrics.registry_up.set(1)
            self._missing(str(error))
            return
        except Exception as error:
            self._metrics.registry_up.set(0)
            self._missing(f"The registry does not answer: {error}")
            if self.predictor is None and (last := self._last()):
                self._load(last)
            return
        if self.predictor is None or self.predictor.version != wanted.version:
            self._load(wanted)

    def _load(self, version: Version) -> None:
        try:
            loaded = self._registry.fetch(version)
            loaded.warm_up()
        except Exception as error:
            self._missing(str(error))
            return
        self.predictor = loaded  # one assignment: a batch that runs keeps the model that it began with
        self._metrics.serves(self.alias, loaded.title)
        with suppress(OSError):  # on a full disk only a restart without the registry would miss it
            self._note().write_text(version.to_json(), encoding="utf-8")
        self._log.info(
            "model",
            alias=self.alias,
            name=loaded.name,
            version=loaded.version,
            data_version=loaded.data_version,
        )

    def _missing(self, why: str) -> None:
        if why != self.why_not:
            self._log.warning(
                "model", alias=self.alias, why=why, serves=self.predictor.version if self.predictor else None
            )
        self.why_not = why

    def _last(self) -> Version | None:
        try:
            return Version.from_json(self._note().read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _note(self) -> Path:
        return self._settings.kept / f"last_{self.alias}.json"
