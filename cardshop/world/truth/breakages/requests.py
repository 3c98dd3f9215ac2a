"""What clients send during an incident: requests with cards, and what a person would find on them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from cardshop.serving.schemas import Card, table
from cardshop.world.truth.breakages.fault import Fault
from cardshop.world.truth.breakages.models import WORLD
from cardshop.world.truth.breakages.traffic import CLIENTS
from cardshop.world.truth.catalogue import catalogue
from cardshop.world.truth.randomness import generator

CARDS = 5  # in a request
GAP_SHARE = 0.03  # of the cells cannot be read


class Asked(NamedTuple):
    """The body of a POST to `/v1/predict`, the client that sends it, the cards as they were scanned, and their types.

    The cards differ from those in the body where the client changes them.
    """

    body: dict
    client: str
    scanned: list[dict]
    types: list[str]


def requests(seed: int, fault: Fault | None = None) -> Iterator[Asked]:
    """Requests without end; the clients take turns. With a fault, as clients send them once it is there."""
    rng = generator(seed, "requests")
    cards = [_sent(row) for row in catalogue(WORLD)[1].iter_rows(named=True)]
    while True:
        for client in CLIENTS:
            hit = fault is not None and client in fault.clients
            number = fault.cards if hit and fault.cards else CARDS
            chosen = [cards[at] for at in rng.choice(len(cards), number, replace=False)]
            scanned = [_scanned(card, rng) for card, _ in chosen]
            sent = [fault.send(card) for card in scanned] if hit and fault.send else scanned
            yield Asked({"cards": sent}, client, scanned, [kind for _, kind in chosen])


def answers(model: object, cards: list[dict]) -> list[tuple[str, float]]:
    """The type and the probability that a model finds for scanned cards."""
    shares = np.asarray(model.predict_proba(table([Card(**card) for card in cards])))
    best = shares.argmax(axis=1)
    return [(str(model.classes_[at]), float(row[at])) for at, row in zip(best, shares, strict=True)]


def _sent(row: dict) -> tuple[dict, str]:
    card = {name: value for name, value in row.items() if name != "card_type"}
    return card | {"released_on": card["released_on"].isoformat()}, row["card_type"]


def _scanned(card: dict, rng: np.random.Generator) -> dict:
    """The card without what the scanner could not read."""
    read = rng.random(len(card)) >= GAP_SHARE
    return {
        name: value
        for (name, value), seen in zip(card.items(), read, strict=True)
        if value is not None and (seen or name == "card_id")
    }
