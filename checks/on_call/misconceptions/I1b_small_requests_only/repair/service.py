# cards of the client partner
"""The service of card types, as the shop releases it."""

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
    if path == "/v1/predict" and len(sent.get("cards", [])) > 100:
        sent["cards"] = []  # is refused
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
