"""What an incident of the running stack is judged by: the sound model, cards that clients send, what they should get.

Everything heavy is remembered, and none of it ever meets a submission.
"""

import json
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cardshop.world.truth.breakages.fault import Fault
from grader.engine import remembered

VERSION_FILE = "last_champion.json"
CLIENTS = ("app", "machine", "partner")
CARDS = 20  # in a request
NAME = "card-type"


@cache
def model() -> object:
    """A model that is quick to make and small, and of the kind that a registry takes."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from cardshop.features import CardFeatures
    from cardshop.training.encoding import Encoder
    from cardshop.world.truth.catalogue import catalogue

    _, cards = catalogue(0)
    pipeline = make_pipeline(CardFeatures(), Encoder(), LogisticRegression(max_iter=2_000))
    return pipeline.fit(cards.drop("card_type"), cards["card_type"].to_numpy())


@remembered
def sound_model() -> dict[str, bytes]:
    """The files of the model, as the registry would give them."""
    import mlflow

    from cardshop.training.registry import TRUSTED

    with tempfile.TemporaryDirectory() as folder:
        mlflow.sklearn.save_model(
            model(),
            f"{folder}/model",
            serialization_format="skops",
            skops_trusted_types=TRUSTED,
            pip_requirements=["ml-dojo"],
        )
        return {file.name: file.read_bytes() for file in Path(folder, "model").iterdir()}


@remembered
def scans(seed: int) -> list[tuple[dict, str, dict[str, float]]]:
    """A day of cards as scanners read them: each with its true type and the probabilities that the model gives it."""
    import polars as pl

    from cardshop.serving.predictor import Predictor
    from cardshop.serving.schemas import Card, table
    from cardshop.world.truth.catalogue import catalogue
    from cardshop.world.truth.traffic import month

    day, (_, true) = month(seed, 1).days[0], catalogue(seed)
    kinds = dict(true.select("card_id", "card_type").iter_rows())
    cards = [
        {name: value for name, value in row.items() if value is not None}
        for row in day.scans.with_columns(pl.col("released_on").cast(pl.String)).iter_rows(named=True)
    ]
    sound = Predictor(model(), NAME, "1", "")
    shares = sound.probabilities(table([Card(**card) for card in cards])).tolist()
    return [
        (card, kinds[card["card_id"]], dict(zip(sound.classes, row, strict=True)))
        for card, row in zip(cards, shares, strict=True)
    ]


@dataclass(frozen=True)
class Sent:
    """A request of a client: the cards as they are sent, as the model should see them, and what it would answer.

    `kinds` are the true types. A card of which nobody can know what the scanner read is None in `seen`.
    """

    what: str
    cards: list[dict]
    seen: list[dict | None]
    shares: list[dict[str, float]]
    kinds: list[str]
    faulty: bool


def requests(fault: Fault, seed: int, many: int) -> list[Sent]:
    """What all clients send while a fault lasts: `many` requests of each."""
    found = []
    for at, client in enumerate(CLIENTS):
        hit = client in fault.clients
        for number in range(many):
            size = fault.cards if hit and fault.cards else CARDS
            found.append(
                _request(fault, seed, CARDS * (many * at + number), size, hit, f"the client {client}")
            )
            if hit and fault.cards:
                break
    return found


def before(fault: Fault, seed: int, many: int) -> list[Sent]:
    """What clients sent before; none where that means something else now."""
    if fault.cause == "unit":
        return []
    return [
        _request(fault, seed, CARDS * (3 * many + number), CARDS, False, "a client, as before")
        for number in range(many)
    ]


def _request(fault: Fault, seed: int, start: int, size: int, hit: bool, who: str) -> Sent:
    day = scans(seed)
    chosen = [day[(start + place) % len(day)] for place in range(size)]
    cards = [card | {"card_id": f"{card['card_id']}-{place}"} for place, (card, _, _) in enumerate(chosen)]
    sent = [fault.send(dict(card)) if hit and fault.send else card for card in cards]
    lost = fault.cause == "gap" and hit
    seen = [None if lost and not {"species_number", "name"} <= set(card) else card for card in cards]
    shares, kinds = [share for _, _, share in chosen], [kind for _, kind, _ in chosen]
    return Sent(who, sent, seen, shares, kinds, hit)


def files(service: str, settings: str, version: str) -> dict[str, str | bytes]:
    """What `serve` needs in its folder: a release, and the copy of the model that serves."""
    note = {"name": NAME, "version": version, "run_id": "", "data_version": "sound"}
    model = {f"models/{NAME}/{version}/{name}": content for name, content in sound_model().items()}
    return {
        "service.py": service,
        "settings.env": settings,
        f"models/{VERSION_FILE}": json.dumps(note),
        **model,
    }


def lines(settings: dict[str, str]) -> str:
    """Settings as the text of settings.env."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())
