"""Events: what customers did from January to September 2026, and why some of them left.

The log is simulated week by week, so memory holds the customers and one week however long the log gets.

1. An active customer visits, searches, buys and opens the newsletter at a pace of their own, which the season scales.
2. A few purchases end in a complaint. Parcels to `ABROAD` are often late: complaints, not countries, drive churn.
3. Each week an active customer may cool down, with the log-odds of `CHURN`. Then everything happens less often.
4. Each week a customer who has cooled down may leave, and never comes back.
5. Some who left answer the exit survey. It is filed under their last purchase: its `occurred_at` lies *before* they
   left, its `arrived_at` after. A query that filters by `occurred_at` sees the future. This is the leak (`LEAK`).

An event arrives when it is sent: the app sends some when it is online again, the tills send theirs at night.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl

from cardshop.categories import TOPICS
from cardshop.quality import CONDITIONS
from cardshop.world.species import species
from cardshop.world.truth.listings import CONDITION_SHARES
from cardshop.world.truth.price import DRIVERS, PRICED, log_price

OPENED, CLOSED = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
WEEKS = 39  # the log opens on a Thursday and closes on one
LEAK = "survey"  # the type of event that only those who left have

SECOND = 1_000_000  # microseconds, the unit of all times below
DAY = 86_400 * SECOND
WEEK = 7 * DAY

VISITS, VISITS_SPREAD = 0.62, 0.6  # a week: median of the customers, standard deviation of the logarithm
BUYS = (6.0, 7.0)  # the beta distribution of the share of visits that end in a purchase
BUYS_BY_SEGMENT = {"collector": 1.1, "player": 1.0, "reseller": 1.5, "gift": 0.6}
SEARCHES = 0.5  # a visit
OPENS = 0.35  # a week, among those who have the newsletter
STORE_SHARE = 0.15  # of purchases
WEEKDAYS = (0.15, 0.17, 0.19, 0.17, 0.10, 0.11, 0.11)  # from Thursday on
HOURS = (2, 1, 1, 1, 1, 1, 2, 3, 4, 5, 5, 5, 6, 5, 5, 5, 6, 7, 8, 10, 10, 8, 6, 3)

ABROAD = ("GB", "CH")
LATE, LATE_ABROAD = 0.03, 0.18  # share of parcels that are late, inside the customs union and outside
FLAWED = 0.03  # share of purchases with a damaged or a wrong card
UPSET_WEEKS = 5  # how long a complaint counts
QUESTIONS = 0.02  # a visit; they say nothing about churn

COOLED = 0.25  # what is left of a customer's pace
LEAVES = 0.35  # a week, once cooled down
SURVEYED = 0.7  # share of those who left
SURVEY_DAYS = 21.0  # from leaving to the answer, on average
REASONS = ("prices", "parcels", "no time", "sold my collection", "other")

OFFLINE_SHARE, OFFLINE_HOURS = 0.06, 20.0  # of the app's events; on average
TILLS_SEND = 3  # o'clock, on the next day


@dataclass(frozen=True)
class Season:
    """The share by which everything happens more often at `peak`, and less often half a year later."""

    swing: float = 0.22
    peak: int = 349  # day of the year: mid-December, as for prices


@dataclass(frozen=True)
class Churn:
    """Log-odds that an active customer cools down in a week."""

    intercept: float = -3.95
    complaint: float = 2.3  # a complaint in the last `UPSET_WEEKS` weeks
    complaint_new: float = 0.8  # more of it in the first half year
    tenure: float = -0.35  # times log(1 + months since joining)
    history: float = -0.25  # times log(1 + purchases in 2024 and 2025)
    newsletter: float = -0.4
    acquired_by: dict[str, float] = field(
        default_factory=lambda: {"search": 0.0, "friend": -0.5, "social": 0.4, "store": -0.2, "voucher": 0.9}
    )
    segment: dict[str, float] = field(
        default_factory=lambda: {"collector": -0.3, "player": 0.0, "reseller": 0.0, "gift": 0.6}
    )


SEASON, CHURN = Season(), Churn()


class Week(NamedTuple):
    """The events that arrived in a week, in the order of arrival, and who left in it (`customer_id`, `left_at`)."""

    events: pl.DataFrame
    departures: pl.DataFrame


def season(start: int) -> float:
    """The factor on everybody's pace in the week that starts at `start` (microseconds since 1970)."""
    day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=start)).timetuple().tm_yday
    return 1 + SEASON.swing * np.cos(2 * np.pi * (day + 3 - SEASON.peak) / 365.25)


def weeks(
    customers: pl.DataFrame, sales: pl.DataFrame, cards: pl.DataFrame, rng: np.random.Generator
) -> Iterator[Week]:
    """The log of `customers`, week by week; `sales` are what they bought before, `cards` what they can buy."""
    count = customers.height
    joined = customers["joined_on"].cast(pl.Int64).to_numpy() * DAY
    lasting = _lasting_log_odds(customers, sales)
    newsletter = customers["newsletter"].to_numpy()
    app = (customers["device"] == "app").to_numpy()
    late = np.where(customers["country"].is_in(ABROAD).to_numpy(), LATE_ABROAD, LATE)
    pace = VISITS * np.exp(rng.normal(0, VISITS_SPREAD, count))
    keen = customers["segment"].replace_strict(BUYS_BY_SEGMENT, default=1.0, return_dtype=pl.Float64)
    buys = (rng.beta(*BUYS, count) * keen.to_numpy()).clip(max=0.9)

    names = species()["name"]
    cards = cards.select("card_id", *PRICED)

    cooled, gone = np.zeros(count, bool), np.zeros(count, bool)
    last_purchase, last_complaint = np.zeros(count, np.int64), np.full(count, -WEEK * 100)
    pending, written = _events({}, 0, app, names, rng), 0
    for start in int(OPENED.timestamp()) * SECOND + np.arange(WEEKS) * WEEK:
        here = (joined <= start) & ~gone
        mood = np.where(cooled, COOLED, 1.0)
        visits = rng.poisson(np.where(here, pace * mood * season(int(start)), 0.0))
        counts = {
            "visit": visits,
            "search": rng.binomial(visits, SEARCHES),
            "support": rng.binomial(visits, QUESTIONS),
            "newsletter": here & newsletter & (rng.random(count) < OPENS * mood),
            "purchase": rng.binomial(visits, buys),
        }
        done = _events(counts, int(start), app, names, rng)
        bought = _purchases(done.filter(event_type="purchase"), cards, rng)
        complaints = _complaints(bought, late, rng)
        np.maximum.at(last_purchase, bought["customer"].to_numpy(), bought["occurred"].to_numpy())
        last_complaint[complaints["customer"].to_numpy()] = start

        upset = start - last_complaint < UPSET_WEEKS * WEEK
        months = (start - joined).clip(min=0) / DAY / 30.44
        log_odds = lasting + CHURN.tenure * np.log1p(months)
        log_odds += upset * (CHURN.complaint + CHURN.complaint_new * (months < 6))
        leaving = here & cooled & (rng.random(count) < LEAVES)
        cooled |= here & (rng.random(count) < 1 / (1 + np.exp(-log_odds)))
        gone |= leaving
        left = np.flatnonzero(leaving)

        surveys = _surveys(left, last_purchase[left], int(start) + WEEK, rng)
        others = done.filter(pl.col("event_type") != "purchase")
        arrived = pl.concat([pending, others, bought, complaints, surveys])
        due = pl.col("arrived") < start + WEEK
        pending = arrived.filter(~due)
        events = _public(arrived.filter(due), written)
        written += events.height
        yield Week(events, _departures(left, int(start) + WEEK))


def _lasting_log_odds(customers: pl.DataFrame, sales: pl.DataFrame) -> np.ndarray:
    """The part of the log-odds of cooling down that stays as it is."""
    before = sales.group_by("customer_id").len("before")
    return (
        customers.join(before, on="customer_id", how="left", maintain_order="left")
        .select(
            CHURN.intercept
            + CHURN.history * (1 + pl.col("before").fill_null(0)).log()
            + CHURN.newsletter * pl.col("newsletter")
            + pl.col("acquired_by").replace_strict(CHURN.acquired_by, return_dtype=pl.Float64)
            + pl.col("segment").replace_strict(CHURN.segment, default=0.0, return_dtype=pl.Float64)
        )
        .to_series()
        .to_numpy()
    )


def _draw(values: list[str], size: int, rng: np.random.Generator, shares: object = None) -> pl.Series:
    return pl.Series(values, dtype=pl.String).gather(rng.choice(len(values), size, p=shares))


def _events(
    counts: dict[str, np.ndarray], start: int, app: np.ndarray, names: pl.Series, rng: np.random.Generator
) -> pl.DataFrame:
    """What each customer did how often, at moments of the week from `start` on, sent at once or when online again."""
    kind = np.repeat(np.arange(len(counts)), [int(each.sum()) for each in counts.values()])
    who = np.concatenate([np.arange(len(app)).repeat(each) for each in counts.values()] or [kind])
    size = len(who)
    hour = rng.choice(7, size, p=WEEKDAYS) * 24 + rng.choice(24, size, p=np.array(HOURS) / sum(HOURS))
    occurred = start + hour * 3_600 * SECOND + rng.integers(0, 3_600, size) * SECOND
    offline = app[who] & (rng.random(size) < OFFLINE_SHARE)
    delay = rng.exponential(np.where(offline, OFFLINE_HOURS * 3_600, 3.0)).astype(np.int64) + 1
    event = pl.col("event_type")
    return pl.DataFrame(
        {
            "customer": who,
            "event_type": pl.Series(list(counts), dtype=pl.String).gather(kind),
            "app": app[who],
            "term": names.gather(rng.integers(0, len(names), size)),
            "occurred": occurred,
            "arrived": occurred + delay * SECOND,
        }
    ).select(
        "customer",
        "event_type",
        pl.when(event == "newsletter")
        .then(pl.lit("mail"))
        .otherwise(pl.when("app").then(pl.lit("app")).otherwise(pl.lit("web")))
        .alias("channel"),
        pl.lit(None, pl.String).alias("card_id"),
        pl.lit(None, pl.Float64).alias("amount"),
        pl.when(event == "search")
        .then("term")
        .when(event == "support")
        .then(pl.lit(TOPICS[3]))
        .alias("detail"),
        "occurred",
        "arrived",
    )


def _purchases(events: pl.DataFrame, cards: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Give each purchase a card, an amount in EUR and, sometimes, the till of a store."""
    size, printed = events.height, np.sqrt(cards["print_run"].to_numpy())
    card = cards[rng.choice(cards.height, size, p=printed / printed.sum())].with_columns(
        at=events["occurred"].cast(pl.Datetime("us", "UTC")),
        condition=_draw(CONDITIONS, size, rng, CONDITION_SHARES),
    )
    price = np.exp(log_price(card, "at") + rng.normal(0, DRIVERS.noise, size)).round(2).clip(min=0.05)
    amount = (price * rng.geometric(0.6, size)).round(2)
    by_till = pl.Series(rng.random(size) < STORE_SHARE)
    night = pl.col("occurred") // DAY * DAY + DAY + TILLS_SEND * 3_600 * SECOND
    return events.with_columns(
        card_id=card["card_id"],
        amount=pl.Series(amount),
        channel=pl.when(by_till).then(pl.lit("store")).otherwise("channel"),
        arrived=pl.when(by_till).then(night).otherwise("arrived"),
    )


def _complaints(bought: pl.DataFrame, late: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    """Support contacts some days after a purchase: late parcels, and cards that are damaged or wrong."""
    dice, size = rng.random(bought.height), bought.height
    wait = rng.integers(2 * DAY // SECOND, 7 * DAY // SECOND, size) * SECOND
    parcel = late[bought["customer"].to_numpy()] * (bought["channel"] != "store").to_numpy()
    topic = np.where(dice < parcel, 0, np.where(dice < parcel + FLAWED, rng.integers(1, 3, size), -1))
    occurred = bought["occurred"] + pl.Series(wait)
    return bought.with_columns(
        event_type=pl.lit("support"),
        channel=pl.lit("mail"),
        card_id=pl.lit(None, pl.String),
        amount=pl.lit(None, pl.Float64),
        detail=pl.Series(TOPICS[:3]).gather(topic.clip(min=0)),
        occurred=occurred,
        arrived=occurred + SECOND,
    ).filter(pl.Series(topic >= 0))


def _surveys(left: np.ndarray, last_purchase: np.ndarray, now: int, rng: np.random.Generator) -> pl.DataFrame:
    """Exit surveys of those who have just left, filed under their last purchase."""
    answers = (rng.random(len(left)) < SURVEYED) & (last_purchase > 0)
    wait = rng.exponential(SURVEY_DAYS * DAY, len(left)).astype(np.int64) // SECOND * SECOND
    size = int(answers.sum())
    return pl.DataFrame(
        {
            "customer": left[answers],
            "event_type": pl.Series([LEAK] * size, dtype=pl.String),
            "channel": pl.Series(["mail"] * size, dtype=pl.String),
            "card_id": pl.Series([None] * size, dtype=pl.String),
            "amount": pl.Series([None] * size, dtype=pl.Float64),
            "detail": _draw(list(REASONS), size, rng),
            "occurred": last_purchase[answers],
            "arrived": now + wait[answers],
        }
    )


def _customer_id(column: str) -> pl.Expr:
    return pl.format("C{}", (pl.col(column) + 1).cast(pl.String).str.zfill(5)).alias("customer_id")


def _public(events: pl.DataFrame, written: int) -> pl.DataFrame:
    """The events as the table shows them, numbered in the order of arrival."""
    number = pl.int_range(written + 1, written + 1 + pl.len()).cast(pl.String).str.zfill(8)
    return events.sort(
        "arrived", "customer", "event_type", "occurred", "amount", "card_id", "detail", maintain_order=True
    ).select(
        pl.format("E{}", number).alias("event_id"),
        _customer_id("customer"),
        "event_type",
        "channel",
        "card_id",
        "amount",
        "detail",
        pl.col("occurred").cast(pl.Datetime("us", "UTC")).alias("occurred_at"),
        pl.col("arrived").cast(pl.Datetime("us", "UTC")).alias("arrived_at"),
    )


def _departures(left: np.ndarray, at: int) -> pl.DataFrame:
    return pl.DataFrame({"customer": left}, schema={"customer": pl.Int64}).select(
        _customer_id("customer"), left_at=pl.lit(at, pl.Int64).cast(pl.Datetime("us", "UTC"))
    )
