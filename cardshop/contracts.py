"""The data contracts of the marketplace: what each table promises to everyone who reads it.

    Cards.validate(cards)                # the table, or pandera.errors.SchemaError with the first broken promise
    Cards.validate(cards, lazy=True)     # SchemaErrors with all of them: .failure_cases is a frame

Validate DataFrames. On a LazyFrame pandera looks at names and dtypes only and skips every check of the data,
without a word, unless PANDERA_VALIDATION_DEPTH=SCHEMA_AND_DATA is set.

Contracts are strict: a column nobody announced is refused, too, so that a change is decided here and not found
out downstream. A new nullable column is harmless to readers, and is added to the class. A renamed or retyped one
breaks them: it comes as a new class beside the old one until the last reader has moved.
"""

from datetime import date
from typing import Annotated, Any

import pandera.polars as pa
import polars as pl

from cardshop.categories import (
    BIRTHPLACES,
    COUNTRIES,
    DEVICES,
    DISTRICTS,
    EMPLOYMENTS,
    EVENT_CHANNELS,
    EVENT_TYPES,
    SEGMENTS,
    SOURCES,
    TERMS,
)
from cardshop.quality import CARD_TYPES, CHANNELS, CONDITIONS, RARITIES, RULES, STAGES

UtcTime = Annotated[pl.Datetime, "us", "UTC"]


def _within(column: str) -> Any:
    """A field inside the column's range in `quality.RULES`."""
    return pa.Field(ge=RULES[column].low, le=RULES[column].high)


class Contract(pa.DataFrameModel):
    """What all contracts share: no column missing, none unknown, and dtypes are never converted silently."""

    class Config:
        strict = True
        coerce = False


class Sets(Contract):
    """One row per card set."""

    set_code: str = pa.Field(unique=True, str_matches=r"^[A-Z]{3}$")
    set_name: str = pa.Field(unique=True)
    released_on: date
    card_count: pl.Int32 = pa.Field(ge=1, le=999)


class Cards(Contract):
    """One row per printed card. Stats have no unit, `height_m` is in metres, `weight_kg` in kilograms.

    What this contract cannot see: a weight in grams. That takes the species table beside it, see
    `times_species` in `quality.RULES`.
    """

    card_id: str = pa.Field(unique=True, str_matches=RULES["card_id"].pattern)
    set_code: str = pa.Field(str_matches=r"^[A-Z]{3}$")
    number: pl.Int32 = _within("number")
    name: str
    species_number: pl.Int32 = _within("species_number")
    card_type: str = pa.Field(isin=CARD_TYPES)
    rarity: str = pa.Field(isin=RARITIES)
    stage: str = pa.Field(isin=STAGES)
    hp: pl.Int32 = _within("hp")
    attack: pl.Int32 = _within("attack")
    defense: pl.Int32 = _within("defense")
    special_attack: pl.Int32 = _within("special_attack")
    special_defense: pl.Int32 = _within("special_defense")
    speed: pl.Int32 = _within("speed")
    height_m: float = _within("height_m")
    weight_kg: float = _within("weight_kg")
    legendary: bool
    print_run: pl.Int32 = _within("print_run")
    released_on: date
    text: str = pa.Field(nullable=True)

    @pa.check("hp")
    def hp_in_tens(cls, data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col(data.key) % 10 == 0)

    @pa.dataframe_check
    def id_spells_set_and_number(cls, data: pa.PolarsData) -> pl.LazyFrame:
        spelled = pl.format("{}-{}", "set_code", pl.col("number").cast(pl.String).str.zfill(3))
        return data.lazyframe.select(pl.col("card_id") == spelled)


class Listings(Contract):
    """One row per offer. Prices in EUR, times in UTC."""

    listing_id: str = pa.Field(unique=True, str_matches=r"^L\d{7}$")
    card_id: str = pa.Field(str_matches=RULES["card_id"].pattern)
    seller_id: str = pa.Field(str_matches=r"^SEL\d{3}$")
    condition: str = pa.Field(isin=CONDITIONS)
    asking_price: float = pa.Field(gt=0, le=100_000)
    listed_at: UtcTime


class Sales(Contract):
    """One row per sale. `unit_price` in EUR for one card, times in UTC."""

    sale_id: str = pa.Field(unique=True, str_matches=r"^S\d{7,}$")
    listing_id: str = pa.Field(str_matches=r"^L\d{7,}$")
    card_id: str = pa.Field(str_matches=RULES["card_id"].pattern)
    customer_id: str = pa.Field(str_matches=r"^C\d{5}$")
    condition: str = pa.Field(isin=CONDITIONS)
    quantity: pl.Int32 = pa.Field(ge=1, le=99)
    unit_price: float = pa.Field(gt=0, le=100_000)
    channel: str = pa.Field(isin=CHANNELS)
    sold_at: UtcTime


class Customers(Contract):
    """One row per account. `joined_on` is a day in UTC; a `segment` that nobody stated is null."""

    customer_id: str = pa.Field(unique=True, str_matches=r"^C\d{5,}$")
    joined_on: date
    country: str = pa.Field(isin=COUNTRIES)
    segment: str = pa.Field(isin=SEGMENTS, nullable=True)
    acquired_by: str = pa.Field(isin=SOURCES)
    device: str = pa.Field(isin=DEVICES)
    newsletter: bool


class Events(Contract):
    """One row per event, in the order of arrival. `amount` in EUR, times in UTC.

    `detail` is the term of a search, the topic of a support contact, the answer to a survey, and null otherwise.
    """

    event_id: str = pa.Field(unique=True, str_matches=r"^E\d{8,}$")
    customer_id: str = pa.Field(str_matches=r"^C\d{5,}$")
    event_type: str = pa.Field(isin=EVENT_TYPES)
    channel: str = pa.Field(isin=EVENT_CHANNELS)
    card_id: str = pa.Field(str_matches=RULES["card_id"].pattern, nullable=True)
    amount: float = pa.Field(gt=0, le=100_000, nullable=True)
    detail: str = pa.Field(nullable=True)
    occurred_at: UtcTime
    arrived_at: UtcTime

    @pa.dataframe_check
    def arrived_after_it_occurred(cls, data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col("arrived_at") >= pl.col("occurred_at"))

    @pa.dataframe_check
    def purchases_have_card_and_amount(cls, data: pa.PolarsData) -> pl.LazyFrame:
        bought = pl.col("event_type") == "purchase"
        return data.lazyframe.select(
            (pl.col("card_id").is_not_null() == bought) & (pl.col("amount").is_not_null() == bought)
        )

    @pa.dataframe_check
    def searches_contacts_and_surveys_have_details(cls, data: pa.PolarsData) -> pl.LazyFrame:
        told = pl.col("event_type").is_in(["search", "support", "survey"])
        return data.lazyframe.select(pl.col("detail").is_not_null() == told)


class Applications(Contract):
    """One row per application for store credit. Money in EUR, `income` and `debt_service` a month, times in UTC.

    `customer_id` is null for applicants without an account, `bad` for applications that were not approved.
    """

    application_id: str = pa.Field(unique=True, str_matches=r"^A\d{6,}$")
    customer_id: str = pa.Field(str_matches=r"^C\d{5,}$", nullable=True)
    applied_at: UtcTime
    age: pl.Int32 = pa.Field(ge=18, le=120)
    birthplace: str = pa.Field(isin=BIRTHPLACES)
    district: str = pa.Field(isin=DISTRICTS)
    employment: str = pa.Field(isin=EMPLOYMENTS)
    orders_before: pl.Int32 = pa.Field(ge=0)
    income: float = pa.Field(gt=0, nullable=True)
    debt_service: float = pa.Field(ge=0)
    late_payments: pl.Int32 = pa.Field(ge=0)
    history_months: pl.Int32 = pa.Field(ge=0)
    amount: float = pa.Field(gt=0)
    term_months: pl.Int32 = pa.Field(isin=TERMS)
    score: pl.Int32 = pa.Field(ge=300, le=850)
    approved: bool
    bad: bool = pa.Field(nullable=True)

    @pa.dataframe_check
    def outcome_of_the_approved_alone(cls, data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col("bad").is_not_null() == pl.col("approved"))


class BrokenReference(ValueError):
    """A row points to a row of another table that does not exist; the message names both and some of the values."""


REFERENCES = (
    ("cards", "set_code", "sets"),
    ("listings", "card_id", "cards"),
    ("sales", "listing_id", "listings"),
    ("sales", "card_id", "cards"),
    ("sales", "customer_id", "customers"),
    ("events", "customer_id", "customers"),
    ("events", "card_id", "cards"),
    ("applications", "customer_id", "customers"),
)
"""Table, column, and the table in which each of its values that is not null stands in the column of the same name."""


def check_references(**tables: pl.DataFrame) -> None:
    """What no contract of a single table can see: every reference between the given tables leads somewhere.

    Raises BrokenReference.
    """
    for name, column, target in REFERENCES:
        if name in tables and target in tables:
            asked = tables[name].select(column).drop_nulls()
            lost = asked.join(tables[target], on=column, how="anti")[column].unique().sort()
            if len(lost):
                raise BrokenReference(
                    f"{len(lost)} values of {name}.{column} lead nowhere, "
                    f"for example {', '.join(lost.head(3).to_list())}."
                )
