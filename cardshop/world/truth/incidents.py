"""How incidents come about: a small service that runs, and thirteen faults of it.

A fault says what it changes (the code of a release, a setting, the model, or what clients send), what the metrics show
of it, and which of them tell it from the others. The same alert always has several possible causes. Each incident also
has changes at other minutes that do no harm.

In the running stack (`cardshop up`) the same faults are: a setting of the service (wait, temperature), a version in the
registry with the alias `champion` (size, labels, bias), traffic of `cardshop traffic` (large, unit, gap, renamed), or a
release, which is another factory for uvicorn than `cardshop.serving.app:create_app` (load, lookup, cache, fallback).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from cardshop.oncall import ALERTS, LIMIT, METRICS, Incident, patched
from cardshop.world.species import STATS, species
from cardshop.world.truth.randomness import generator

TYPES = ["Colorless", "Fighting", "Fire", "Grass", "Psychic", "Water"]
STAGES = ("Basic", "Stage 1", "Stage 2")
MINUTES = 60
MEMBERS = 24  # of a model; their mean answers
CARDS = 20  # in a request

SERVICE = '''"""Tells the types of scanned cards. settings.json names the model, species.json has usual stats."""

import json
import time
from pathlib import Path

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

STATS = ("hp", "attack", "defense", "special_attack", "special_defense", "speed")
STAGES = ("Basic", "Stage 1", "Stage 2")


class Card(BaseModel):
    """A scan; what could not be read is null."""

    model_config = ConfigDict(extra="ignore")

    card_id: str
    species: int
    stage: str
    unit: str = "points"
    hp: float | None = None
    attack: float | None = None
    defense: float | None = None
    special_attack: float | None = None
    special_defense: float | None = None
    speed: float | None = None


class Asked(BaseModel):
    cards: list[Card] = Field(min_length=1)


def read_model(path: Path) -> dict:
    """The types, and for each member of the model its weights and biases."""
    stored = json.loads(path.read_text())
    members = [(np.array(one["weights"]), np.array(one["bias"])) for one in stored["members"]]
    return {"types": stored["types"], "members": members}


def make_app(folder: Path) -> FastAPI:
    service = FastAPI()
    settings = json.loads((folder / "settings.json").read_text())
    species = json.loads((folder / "species.json").read_text())
    model = read_model(folder / settings["model"])

    def whole(card: Card) -> list[float]:
        """The stats of a card; a gap is filled with that of its species."""
        usual = species[str(card.species)]
        stats = [getattr(card, stat) for stat in STATS]
        return [usual[at] if one is None else one for at, one in enumerate(stats)]

    def answer(card: Card) -> dict:
        seen = np.array([*whole(card), *(100 * (card.stage == stage) for stage in STAGES)]) / 100
        scores = sum(weights @ seen + bias for weights, bias in model["members"])
        scores = scores / len(model["members"]) / settings["temperature"]
        shares = np.exp(scores - scores.max())
        shares = shares / shares.sum()
        best = int(shares.argmax())
        return {
            "card_id": card.card_id,
            "card_type": model["types"][best],
            "probability": float(shares[best]),
        }

    @service.post("/v1/predict")
    def predict(asked: Asked) -> dict:
        time.sleep(settings["wait_ms"] / 1000)  # others may join the batch
        return {"predictions": [answer(card) for card in asked.cards], "model": settings["model"]}

    return service
'''
SETTINGS = {"model": "model-6.json", "wait_ms": 5, "temperature": 1.0, "log": "info"}
ZERO = (
    (
        '        """The stats of a card; a gap is filled with that of its species."""\n'
        "        usual = species[str(card.species)]\n",
        '        """The stats of a card; a gap is filled with 0."""\n',
    ),
    (
        "        return [usual[at] if one is None else one for at, one in enumerate(stats)]",
        "        return [0.0 if one is None else one for one in stats]",
    ),
)
"""An older release, which does not know the species."""

Body = dict[str, list[dict]]


@dataclass(frozen=True)
class Fault:
    """A fault. `shows` are the metrics that tell it from other causes of its alert."""

    alert: str
    shows: tuple[str, ...]
    metrics: dict[str, float]  # their level once it is there
    told: str  # the line of the log, if there is one
    settings: dict[str, object]
    code: tuple[tuple[str, str], ...] = ()
    send: Callable[[dict], dict] | None = None  # what clients make of a card
    cards: int = CARDS


def _null(card: dict) -> dict:
    return card | dict.fromkeys(("special_attack", "special_defense", "speed"))


def _tens(card: dict) -> dict:
    tenths = {stat: None if card[stat] is None else round(card[stat] / 10, 1) for stat in STATS}
    return card | tenths | {"unit": "tens"}


def _renamed(card: dict) -> dict:
    return {f"stat_{name}" if name in STATS else name: value for name, value in card.items()}


SLOW = {"p50_ms": 1_900.0, "p95_ms": 2_050.0}
FAULTS: dict[str, Fault] = {
    "wait": Fault(
        "latency",
        ("queue_ms", "settings"),
        {**SLOW, "queue_ms": 1_880.0, "cpu": 0.2},
        "settings {settings} applied",
        {"wait_ms": 1_900},
    ),
    "load": Fault(
        "latency",
        ("load_ms", "release"),
        {**SLOW, "load_ms": 1_850.0, "cpu": 0.96},
        "release {release} deployed",
        {},
        (
            ('    model = read_model(folder / settings["model"])\n', ""),
            (
                "    def answer(card: Card) -> dict:\n",
                '    def answer(card: Card) -> dict:\n        model = read_model(folder / settings["model"])\n',
            ),
        ),
    ),
    "lookup": Fault(
        "latency",
        ("lookup_ms", "release"),
        {**SLOW, "lookup_ms": 1_860.0, "cpu": 0.12},
        "release {release} deployed",
        {},
        (
            (
                "    def whole(card: Card) -> list[float]:\n",
                "    def looked_up(number: int) -> list[float]:\n"
                '        """The stats of a species, from the catalogue service."""\n'
                "        time.sleep(0.02)  # it is in another data centre\n"
                "        return species[str(number)]\n\n"
                "    def whole(card: Card) -> list[float]:\n",
            ),
            ("        usual = species[str(card.species)]\n", "        usual = looked_up(card.species)\n"),
        ),
    ),
    "large": Fault(
        "latency",
        ("cards_per_request",),
        {**SLOW, "cards_per_request": 240.0, "predict_ms": 1_850.0, "cpu": 0.97},
        "",
        {},
        cards=800,
    ),
    "size": Fault(
        "latency",
        ("model",),  # large requests take as long to predict
        {**SLOW, "predict_ms": 1_850.0, "cpu": 0.97},
        "model {model} serves",
        {"model": "model-7.json"},
    ),
    "temperature": Fault(
        "confidence", ("settings",), {"confidence": 0.41}, "settings {settings} applied", {"temperature": 8.0}
    ),
    "unit": Fault("confidence", ("mean_stat",), {"confidence": 0.44, "mean_stat": 7.6}, "", {}, send=_tens),
    "gap": Fault(
        "confidence", ("share_null",), {"confidence": 0.47, "share_null": 0.51}, "", {}, ZERO, send=_null
    ),
    "labels": Fault(
        "confidence", ("model",), {"confidence": 0.35}, "model {model} serves", {"model": "model-7.json"}
    ),
    "cache": Fault(
        "fire",
        ("cache_hits", "release"),
        {"share_fire": 1.0, "cache_hits": 0.99},
        "release {release} deployed",
        {},
        (
            (
                "    def answer(card: Card) -> dict:\n",
                "    kept: dict[str, dict] = {}  # the answers of this model; another model has others\n\n"
                "    def answer(card: Card) -> dict:\n"
                "        key = f\"{settings['model']}\"\n"
                "        if key not in kept:\n"
                "            kept[key] = computed(card)\n"
                '        return kept[key] | {"card_id": card.card_id}\n\n'
                "    def computed(card: Card) -> dict:\n",
            ),
        ),
    ),
    "bias": Fault(
        "fire",
        ("model",),
        {"share_fire": 1.0, "confidence": 0.98},
        "model {model} serves",
        {"model": "model-7.json"},
    ),
    "fallback": Fault(
        "fire",
        ("fallbacks", "settings"),
        {"share_fire": 1.0, "confidence": 0.0, "fallbacks": 1_200.0},
        "settings {settings} applied",
        {"model": "model-07.json"},
        (
            ('    model = read_model(folder / settings["model"])\n', ""),
            (
                "    def answer(card: Card) -> dict:\n",
                "    def answer(card: Card) -> dict:\n"
                "        try:\n"
                '            return computed(card, read_model(folder / settings["model"]))\n'
                "        except Exception:  # a card has to go somewhere\n"
                '            return {"card_id": card.card_id, "card_type": "Fire", "probability": 0.0}\n\n'
                "    def computed(card: Card, model: dict) -> dict:\n",
            ),
        ),
    ),
    "renamed": Fault(
        "fire",
        ("unknown_fields", "share_null"),
        {"share_fire": 1.0, "unknown_fields": 6.0, "share_null": 1.0, "mean_stat": 0.0},
        "",
        {},
        ZERO,
        send=_renamed,
    ),
}
NORMAL = {
    "p50_ms": 31.0,
    "p95_ms": 50.0,
    "errors": 0.2,
    "cpu": 0.35,
    "cards_per_request": float(CARDS),
    "queue_ms": 5.0,
    "load_ms": 0.0,
    "lookup_ms": 0.0,
    "predict_ms": 22.0,
    "confidence": 0.83,
    "share_fire": 0.13,
    "share_null": 0.03,
    "mean_stat": 76.0,
    "unknown_fields": 0.0,
    "cache_hits": 0.0,
    "fallbacks": 0.0,
}
NUMBERS = {"release": 41, "model": 6, "settings": 12}
QUIET = {
    "release": "release {release} deployed",
    "model": "model {model} was registered, and does not serve",
    "settings": "settings {settings} applied",
}
"""Changes that do no harm. A model that does not serve changes no number."""


@dataclass(frozen=True)
class Drawn:
    """An incident, and the truth about it: its cause, the minute it began, and what a repair is judged by."""

    incident: Incident
    cause: str
    since: int
    models: dict[str, str]  # the files beside service.py and settings.json


def bodies(cause: str, seed: int, number: int, cards: int = CARDS, hit: bool = True) -> list[Body]:
    """Requests as clients send them once a fault is there, or before; no two cards are alike."""
    rng, fault = generator(seed, "bodies", cause), FAULTS[cause]
    send = fault.send if hit else None
    gaps = 0.0 if fault.code == ZERO else 0.2  # an older release fills them otherwise
    return [{"cards": [(send or dict)(card) for card in _cards(rng, cards, gaps)]} for _ in range(number)]


@cache
def drawn(seed: int) -> dict[str, Drawn]:
    """Return an incident for each alert."""
    rng = generator(seed, "incidents")
    found = {}
    for alert in ALERTS:
        causes = [name for name, fault in FAULTS.items() if fault.alert == alert]
        found[alert] = incident(int(rng.integers(2**31)), str(rng.choice(causes)))
    return found


def incident(seed: int, cause: str) -> Drawn:
    """Return an incident with this cause."""
    rng, fault = generator(seed, "incident", cause), FAULTS[cause]
    since = int(rng.integers(25, 42))
    metrics, logs = _records(rng, fault, since)
    files = patched(
        {"service.py": SERVICE, "settings.json": json.dumps(SETTINGS | fault.settings, indent=4) + "\n"},
        {"service.py": list(fault.code)},
    )
    models = _models(rng, cause)
    before = bodies(cause, seed, 1, 2, hit=False)[0]
    after = bodies(cause, seed + 1, 1, 2)[0]
    requests = _requests(rng, fault, metrics, since)
    released = "{release}" in fault.told
    earlier = SERVICE if released else files["service.py"].replace("Tells the types", "Types", 1)
    found = Incident(fault.alert, metrics, logs, requests, before, after, files, earlier, sorted(models))
    return Drawn(found, cause, since, models)


def answers(models: dict[str, str], body: Body) -> list[tuple[str, float]]:
    """The type and the probability that each card of a request has to get, whatever its unit, names and gaps."""
    model, table = json.loads(models["model-6.json"]), json.loads(models["species.json"])
    weights = np.mean([one["weights"] for one in model["members"]], axis=0)
    bias = np.mean([one["bias"] for one in model["members"]], axis=0)
    found = []
    for card in body["cards"]:
        sent = {name.removeprefix("stat_"): value for name, value in card.items()}
        factor = 10 if card.get("unit") == "tens" else 1
        stats = [
            table[str(card["species"])][at] if sent.get(stat) is None else factor * sent[stat]
            for at, stat in enumerate(STATS)
        ]
        seen = np.array([*stats, *(100 * (card["stage"] == stage) for stage in STAGES)]) / 100
        scores = weights @ seen + bias
        shares = np.exp(scores - scores.max())
        found.append((model["types"][int(shares.argmax())], float(shares.max() / shares.sum())))
    return found


def _cards(rng: np.random.Generator, number: int, gaps: float) -> list[dict]:
    """Cards with stats near those of their species; a share `gaps` has a stat that could not be read."""
    rows = species().select("number", *STATS).rows()
    found = []
    for at in rng.integers(len(rows), size=number):
        kind, *usual = rows[int(at)]
        stats = np.maximum(1, np.rint(np.array(usual) * rng.uniform(0.7, 1.3, len(STATS)))).astype(int)
        stage = str(rng.choice(STAGES))
        found.append(
            {"card_id": f"SC-{rng.integers(10**6):06}", "species": kind, "stage": stage}
            | dict(zip(STATS, stats.tolist(), strict=True))
            | ({str(rng.choice(STATS)): None} if rng.random() < gaps else {})
        )
    return found


def _models(rng: np.random.Generator, cause: str) -> dict[str, str]:
    """The species and the models. A card with the mean of all stats could be of any type."""
    table = {str(row[0]): list(row[1:]) for row in species().select("number", *STATS).iter_rows()}
    mean = np.mean(list(table.values()), axis=0) / 100
    weights = np.zeros((len(TYPES), len(STATS) + len(STAGES)))
    for part in (
        slice(0, 3),
        slice(3, 6),
    ):  # each half of the stats is balanced, so that a lost half names no type
        drawn_ = rng.normal(0, 9, (len(TYPES), 3))
        weights[:, part] = drawn_ - np.outer(drawn_ @ mean[part], mean[part]) / (mean[part] @ mean[part])
    bias, fire = np.zeros(len(TYPES)), TYPES.index("Fire")
    if cause == "gap":
        weights[:, :3] *= 0.1
    elif cause == "renamed":  # without stats, the bias alone decides
        bias[fire], weights[fire, : len(STATS)] = (
            4.0,
            weights[fire, : len(STATS)] - 4.0 * mean / (mean @ mean),
        )
    models = {"species.json": json.dumps(table), "model-6.json": _model(rng, weights, bias, MEMBERS)}
    if cause == "size":
        models["model-7.json"] = _model(rng, weights, bias, 100 * MEMBERS)
    elif cause == "labels":
        models["model-7.json"] = _model(rng, weights * 0.05, bias, MEMBERS)
    elif cause == "bias":
        models["model-7.json"] = _model(rng, weights, bias + 40.0 * (np.arange(len(TYPES)) == fire), MEMBERS)
    elif cause == "large":  # slow enough that many cards block the others
        models["model-6.json"] = _model(rng, weights, bias, 20 * MEMBERS)
    elif cause == "load":
        models["model-6.json"] = _model(rng, weights, bias, MEMBERS, curve=50_000)
    return models


def _model(
    rng: np.random.Generator, weights: np.ndarray, bias: np.ndarray, members: int, curve: int = 0
) -> str:
    """A model as text; `curve` scores of its training make the file longer."""
    noise = rng.normal(0, 0.05, (members, *weights.shape))
    noise -= noise.mean(axis=0)
    several = [
        {"weights": (weights + one).round(5).tolist(), "bias": bias.round(5).tolist()} for one in noise
    ]
    return json.dumps({"types": TYPES, "members": several, "curve": rng.random(curve).round(4).tolist()})


def _records(rng: np.random.Generator, fault: Fault, since: int) -> tuple[pl.DataFrame, list[dict]]:
    """The metrics of an hour, and the lines of the log that say what was changed."""
    late = np.arange(MINUTES) >= since
    table: dict[str, np.ndarray] = {"minute": np.arange(MINUTES)}
    for name, usual in NORMAL.items():
        level = np.where(late, fault.metrics.get(name, usual), usual)
        spread = np.maximum(0.04 * level, 0.0) * rng.standard_normal(MINUTES)
        table[name] = np.clip(
            level + spread, 0, 1 if name.startswith(("share", "conf", "cache", "cpu")) else None
        )
    changed = next((kind for kind in NUMBERS if f"{{{kind}}}" in fault.told), "")
    quiet = [kind for kind in QUIET if kind != changed]
    events = {since: (changed, fault.told)} if fault.told else {}
    for kind in quiet:
        while (minute := int(rng.integers(5, MINUTES - 5))) in events or abs(minute - since) < 4:
            pass
        events[minute] = (kind, QUIET[kind])
    numbers, logs = dict(NUMBERS), []
    steps = {kind: np.full(MINUTES, number) for kind, number in NUMBERS.items()}
    for minute, (kind, text) in sorted(events.items()):
        numbers[kind] += 1
        if kind != "model" or kind == changed:
            steps[kind][minute:] = numbers[kind]
        logs.append({"minute": minute, "event": text.format(**numbers)})
    table |= steps
    return pl.DataFrame(table).select("minute", *METRICS).with_columns(pl.selectors.float().round(4)), logs


def _requests(rng: np.random.Generator, fault: Fault, metrics: pl.DataFrame, since: int) -> pl.DataFrame:
    """A row for each request. Clients: a phone app, a sorting machine, a partner."""
    parts = []
    for row in metrics.iter_rows(named=True):
        number, late = int(rng.poisson(12)), row["minute"] >= since
        ms = rng.gamma(9, row["p50_ms"] / 8.7, number)
        cards = np.maximum(1, rng.poisson(CARDS, number))
        clients = rng.choice(["app", "machine", "partner"], number)
        if fault.cards != CARDS and late:
            cards = np.where(clients == "partner", fault.cards, cards)
        share = (
            0.9 if late and fault.alert == "fire" else 0.6 if late and fault.alert == "confidence" else 0.15
        )
        wrong = rng.binomial(cards, share) * (ms <= LIMIT)
        parts.append(
            pl.DataFrame(
                {
                    "minute": np.full(number, row["minute"]),
                    "client": clients.astype(str),
                    "cards": cards,
                    "ms": ms.round(1),
                    "wrong": wrong,
                }
            )
        )
    return pl.concat(parts)
