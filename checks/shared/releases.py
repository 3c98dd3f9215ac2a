"""What an incident of the running stack is judged by: the sound model, what clients send, and what they should get.

Everything heavy is remembered, and none of it ever meets a submission.
"""

import json
import tempfile
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from cardshop.world.truth.breakages import Fault, fault
from grader.engine import remembered

NOTE = "last_champion.json"  # which copy answers while the registry is away
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


@dataclass(frozen=True)
class Sent:
    """A request: the cards as they are sent, the cards as the model has to see them, and its probabilities for them.

    `kinds` are the true types. None in `seen`: what the model sees of this card depends on the repair.
    """

    client: str
    cards: list[dict]
    seen: list[dict | None]
    shares: list[dict[str, float]]
    kinds: list[str]


def sent(true: Fault, fault_seed: int, seed: int, many: int) -> list[Sent]:
    """What clients send while a fault lasts: `many` requests, the clients take turns."""
    return _sent(true.cause, fault_seed, seed, many, true.cause)


def sent_before(true: Fault, seed: int, many: int) -> list[Sent]:
    """What clients sent before it."""
    return _sent("", 0, seed, many, true.cause)


@remembered
def _sent(sends: str, fault_seed: int, seed: int, many: int, cause: str) -> list[Sent]:
    """Requests with the changes that the fault `sends` makes ("": none), as a repair of `cause` has to answer them."""
    from cardshop.serving.predictor import Predictor
    from cardshop.serving.schemas import Card, table
    from cardshop.world.truth.breakages import requests

    sound, found = Predictor(model(), NAME, "1", ""), []
    whole = {"species_number", "name"} if cause == "gap" else set()  # a repair fills one from the other
    for one in islice(requests(seed, fault(fault_seed, sends) if sends else None), many):
        shares = sound.probabilities(table([Card(**card) for card in one.scanned])).tolist()
        found.append(
            Sent(
                one.client,
                one.body["cards"],
                [card if whole <= set(card) else None for card in one.scanned],
                [dict(zip(sound.classes, row, strict=True)) for row in shares],
                one.types,
            )
        )
    return found


def files(service: str, settings: str, version: str) -> dict[str, str | bytes]:
    """What `serve` needs in its folder: a release, and the copy of the model that serves."""
    note = {"name": NAME, "version": version, "run_id": "", "data_version": "sound"}
    model = {f"models/{NAME}/{version}/{name}": content for name, content in sound_model().items()}
    return {"service.py": service, "settings.env": settings, f"models/{NOTE}": json.dumps(note), **model}


def lines(settings: dict[str, str]) -> str:
    """Settings as the text of settings.env."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())
