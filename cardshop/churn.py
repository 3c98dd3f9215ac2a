"""The churn table: what is known about each active customer on a day, and whether they bought afterwards."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

import polars as pl

from cardshop.categories import EVENT_TYPES

LABEL = "churned"
SHORT = 30  # days: the window beside the long one


def churn_table(
    customers: pl.DataFrame,
    events: pl.DataFrame,
    as_of: date,
    days: int = 90,
    *,
    clock: Literal["occurred_at", "arrived_at"],
) -> pl.DataFrame:
    """One row for each customer who bought in the `days` days before `as_of`, sorted by `customer_id`.

    The features describe the customer at the first moment (UTC) of `as_of`: the columns of `customers` but
    `joined_on`, `tenure_days`, the number of events of each type in the last 30 and in the last `days` days
    (`visit_30`, `visit_90`, …), `spent_90` in EUR, `days_since_purchase`, and `days_since_visit`, which is null
    without a visit in the window. `churned` is true for a customer without a purchase in the `days` days that follow.

    Features use the events that happened in the window and whose time in the column `clock` lies before `as_of`.
    Raises ValueError for another clock, windows of fewer than 30 days, and events that do not cover both windows.
    """
    if clock not in ("occurred_at", "arrived_at"):
        raise ValueError(f"There is no clock {clock!r}: choose occurred_at or arrived_at.")
    now = datetime.combine(as_of, time(), UTC)
    before, after = now - timedelta(days=days), now + timedelta(days=days)
    _require_cover(events, before, after, days)
    age = (now - pl.col("occurred_at")).dt.total_seconds() / 86_400
    known = events.filter(pl.col("occurred_at").is_between(before, now, closed="left"), pl.col(clock) < now)
    features = known.group_by("customer_id").agg(
        *(
            ((pl.col("event_type") == kind) & (age <= window)).sum().cast(pl.Int64).alias(f"{kind}_{window}")
            for kind in EVENT_TYPES
            for window in sorted({SHORT, days})
        ),
        pl.col("amount").sum().round(2).alias(f"spent_{days}"),
        *(
            age.filter(event_type=kind).min().alias(f"days_since_{kind}").cast(pl.Float64)
            for kind in ("purchase", "visit")
        ),
    )
    bought = events.filter(
        pl.col("occurred_at").is_between(now, after, closed="left"), event_type="purchase"
    )["customer_id"].unique()
    return (
        customers.join(features.filter(pl.col(f"purchase_{days}") > 0), on="customer_id")
        .with_columns(
            (as_of - pl.col("joined_on")).dt.total_days().alias("tenure_days"),
            pl.col("customer_id").is_in(bought.implode()).not_().alias(LABEL),
        )
        .drop("joined_on")
        .sort("customer_id")
    )


def _require_cover(events: pl.DataFrame, before: datetime, after: datetime, days: int) -> None:
    if days < SHORT:
        raise ValueError(
            f"A churn table looks at {SHORT} days or more, before and after; {days} are too few."
        )
    first, last = events["occurred_at"].min(), events["arrived_at"].max()
    if first is None or first.date() > before.date() or last < after - timedelta(days=1):
        covered = "there are none" if first is None else f"they go from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
        raise ValueError(
            f"The churn table needs events from {before:%Y-%m-%d} to {after:%Y-%m-%d}, but {covered}. "
            "Choose another day or fewer days."
        )
