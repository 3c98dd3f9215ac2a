"""What the service takes and gives: the contract of its interface, from which the OpenAPI page is made."""

import re
from datetime import date
from typing import Annotated

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from cardshop.world.species import STATS

MOST_CARDS = 1_000  # in one request
CARD = {
    "card_id": "KND-084",
    "set_code": "KND",
    "number": 84,
    "name": "Pikachu",
    "species_number": 25,
    "rarity": "Rare",
    "stage": "Basic",
    "hp": 50,
    "attack": 70,
    "special_attack": 57,
    "special_defense": 56,
    "speed": 117,
    "height_m": 0.37,
    "weight_kg": 5.81,
    "legendary": False,
    "print_run": 10_580,
    "released_on": "2021-02-05",
    "text": "Prevent all effects of the next attack.",
}
"""A card as a client may send it, for the page /docs; the scanner could not read its defense."""
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _whole(value: object) -> object:
    """JSON has one kind of number: 60.0 is as whole as 60."""
    return int(value) if type(value) is float and value.is_integer() else value


def _date(value: object) -> object:
    """JSON has no dates, only text; a number is none, though pydantic would count it in seconds."""
    return date.fromisoformat(value) if type(value) is str and ISO_DATE.fullmatch(value) else value


Whole = BeforeValidator(_whole)
Stat = Annotated[int | None, Field(ge=0, le=1_000), Whole]
Word = Annotated[str | None, Field(max_length=200)]


class Card(BaseModel):
    """A card as the scanner sends it. What it could not read is null or left out; only `card_id` is always there."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [CARD]})

    card_id: Annotated[str, Field(min_length=1, max_length=40)]
    set_code: Word = None
    number: Annotated[int | None, Field(ge=0, le=10_000), Whole] = None
    name: Word = None
    species_number: Annotated[int | None, Field(ge=0, le=100_000), Whole] = None
    rarity: Annotated[str | None, Field(max_length=200)] = None
    stage: Word = None
    hp: Stat = None
    attack: Stat = None
    defense: Stat = None
    special_attack: Stat = None
    special_defense: Stat = None
    speed: Stat = None
    height_m: Annotated[float | None, Field(ge=0, le=1_000, allow_inf_nan=False)] = None
    weight_kg: Annotated[float | None, Field(ge=0, le=100_000, allow_inf_nan=False)] = None
    legendary: bool | None = None
    print_run: Annotated[int | None, Field(ge=0, le=2**31 - 1), Whole] = None
    released_on: Annotated[date | None, BeforeValidator(_date)] = None
    text: Annotated[str | None, Field(max_length=1_000)] = None


COLUMNS = {
    "card_id": pl.String,
    "set_code": pl.String,
    "number": pl.Int32,
    "name": pl.String,
    "species_number": pl.Int32,
    "rarity": pl.String,
    "stage": pl.String,
    **dict.fromkeys(STATS, pl.Int32),
    "height_m": pl.Float64,
    "weight_kg": pl.Float64,
    "legendary": pl.Boolean,
    "print_run": pl.Int32,
    "released_on": pl.Date,
    "text": pl.String,
}
"""The table that a model gets: the columns of the catalogue without the label, with the same dtypes."""


def table(cards: list[Card]) -> pl.DataFrame:
    """Return the cards as a table with the columns of the catalogue, one row for each card, in their order."""
    return pl.DataFrame([tuple(vars(card).values()) for card in cards], schema=COLUMNS, orient="row")


class Predict(BaseModel):
    """Cards whose types are asked for."""

    model_config = ConfigDict(extra="forbid")

    cards: Annotated[list[Card], Field(min_length=1, max_length=MOST_CARDS)]


class Prediction(BaseModel):
    """The likeliest type of a card, and how likely the model takes each type to be."""

    card_type: str
    probabilities: dict[str, float]


class Model(BaseModel):
    """Which model answered, and which data it learned from."""

    name: str
    version: str
    data_version: str


class Predictions(BaseModel):
    """One prediction for each card, in the order of the request."""

    predictions: list[Prediction]
    model: Model
    request_id: str


class Explain(BaseModel):
    """The card whose type is to be explained."""

    model_config = ConfigDict(extra="forbid")

    card: Card


class Contribution(BaseModel):
    """What one feature added to the score of the predicted type (in log-odds), compared with an average card."""

    feature: str
    value: str
    effect: float


class Explanation(BaseModel):
    """Why a card got its type: the score of an average card, and what each feature added. They sum to the score."""

    card_type: str
    probability: float
    average: float
    contributions: list[Contribution]
    model: Model
    request_id: str


class Feedback(BaseModel):
    """The type that a person found on the card, for a request that was answered before."""

    model_config = ConfigDict(extra="forbid", strict=True)

    request_id: Annotated[str, Field(min_length=1, max_length=64, examples=["the-answer-s-request-id"])]
    card_id: Annotated[str, Field(min_length=1, max_length=40, examples=[CARD["card_id"]])]
    card_type: Annotated[str, Field(min_length=1, max_length=40, examples=["Lightning"])]


class Problem(BaseModel):
    """An error as problem details (RFC 9457): what was wrong, where, and what to do."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    request_id: str | None = None
    errors: list[dict] | None = None
