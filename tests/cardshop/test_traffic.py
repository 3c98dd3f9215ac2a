"""The planted traffic (W-6)."""

import polars as pl
import pytest

from cardshop.serving.schemas import COLUMNS
from cardshop.world.traffic import traffic
from cardshop.world.truth.traffic import DAYS, KINDS, month


@pytest.fixture(scope="module")
def months():
    """A few months; every kind of trouble is among them."""
    return [month(seed) for seed in range(16)]


def test_a_seed_gives_the_same_days_and_another_seed_others(months):
    again = traffic(3)
    assert all(ours.scans.equals(theirs.scans) for ours, theirs in zip(months[3].days, again, strict=True))
    assert not again[0].scans.equals(months[4].days[0].scans)


@pytest.mark.parametrize("kind", KINDS)
def test_trouble_shows_from_its_day_on_and_not_before(months, kind):
    days, trouble = next(month for month in months if month.trouble.kind == kind)
    assert len(days) == DAYS and all(day.scans.schema == pl.Schema(COLUMNS) for day in days)
    assert all(day.scans["card_id"].is_unique().all() for day in days)
    for number, day in enumerate(days):
        since = number - trouble.day
        assert (day.scans.height == 0) == (kind == "outage" and 0 <= since < trouble.strength)
        assert bool(day.names) == (kind == "schema" and since >= 0)
        assert day.labels.filter(pl.col("day") <= number).is_empty()  # a label comes later than its card
        assert day.labels.height < 0.5 * max(day.scans.height, 1)
    if kind == "gap":
        shares = [day.scans[trouble.feature].null_count() / day.scans.height for day in days]
        assert min(shares[trouble.day :]) > max(shares[: trouble.day])
