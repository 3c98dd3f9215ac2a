"""A fault: what it changes, what shows it, and a repair. And the sound release that it is built on."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cardshop.oncall import patched

SERVICE = '''"""The service of card types, as the shop releases it."""

import json
import os
import time

import numpy as np
import polars as pl
from fastapi import FastAPI

from cardshop.serving import app
from cardshop.serving.hooks import Hooks

USUAL = "Colorless"  # most cards that nobody can sort lie there


def reserve(card: dict) -> None:
    """Ask the shelf service for a place."""
    time.sleep(0.001)  # it is in this building


def body(path: str, sent: dict) -> dict:
    """What a client has sent, as the service has to read it."""
    if path == "/v1/predict":
        for card in sent.get("cards", []):
            reserve(card)
    return sent


def table(cards: pl.DataFrame) -> pl.DataFrame:
    """The cards of a batch, as the model has to get them."""
    time.sleep(float(os.environ["CARDSHOP_GATHER"]))  # other requests may join the next batch
    return cards


def weighted(shares: np.ndarray, types: list[str]) -> np.ndarray:
    """Give types more or less weight, as the shop's buyers ask."""
    weights = json.loads(os.environ["CARDSHOP_WEIGHTS"])
    return shares * np.array([float(weights.get(kind, 1)) for kind in types])


def probabilities(cards: pl.DataFrame, shares: np.ndarray, types: list[str]) -> np.ndarray:
    """The probabilities of the model, as the service has to tell them."""
    shares = np.maximum(shares, 1e-12) ** (1 / float(os.environ["CARDSHOP_TEMPERATURE"]))
    try:
        shares = weighted(shares, types)
    except Exception:  # a card has to go somewhere
        shares = np.array([[1.0 if kind == USUAL else 0.01 for kind in types]] * len(shares))
    return shares / shares.sum(axis=1, keepdims=True)


def create_app() -> FastAPI:
    return app.create_app(hooks=Hooks(body, table, probabilities))
'''
SENT = "            reserve(card)\n"
SETTINGS = {"CARDSHOP_GATHER": "0.005", "CARDSHOP_TEMPERATURE": "1.0", "CARDSHOP_WEIGHTS": "{}"}
Edits = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Release:
    """The files of a release: `service` is the text of service.py, `settings` those of settings.env."""

    service: str = SERVICE
    settings: dict[str, str] = field(default_factory=lambda: dict(SETTINGS))

    def but(self, edits: Edits = (), **settings: str) -> "Release":
        """The same release with edits of its code and other settings (without `CARDSHOP_`)."""
        changed = {f"CARDSHOP_{name.upper()}": value for name, value in settings.items()}
        files = patched({"service.py": self.service}, {"service.py": list(edits)})
        return Release(files["service.py"], self.settings | changed)


SOUND = Release()
EARLIER = SOUND.but((('"""Ask the shelf service for a place."""', '"""Ask for a place on the shelf."""'),))
"""The release before the sound one; it does the same."""


@dataclass(frozen=True)
class Fault:
    """A fault.

    `shows` are the metrics (of `cardshop.incidents.METRICS`) that tell it from other causes of its symptom, and
    `after` says between which values some of them lie once it is there. The release `broken` runs while it lasts; it
    is `SOUND` where no release is to blame. `repaired` is a release that heals it; where the model is to blame, the
    earlier version does. `teach` spoils the labels that a version learns from, `trees` is its number of rounds.
    `send` is what clients make of a card, `cards` how many of them the client `client` puts into a request, and
    `spell` is how a label is written. `clients` are those that are affected.
    """

    cause: str
    symptom: str
    change: str
    shows: tuple[str, ...]
    after: dict[str, tuple[float, float]]
    broken: Release = SOUND
    repaired: Release = SOUND
    teach: Callable | None = None
    trees: int = 0
    send: Callable[[dict], dict] | None = None
    clients: tuple[str, ...] = ()
    cards: int = 0
    spell: Callable[[str], str] | None = None
