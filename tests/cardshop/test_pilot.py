"""What CP-6 says about the pilot of a service and its recordings."""

import re

import polars as pl
import pytest

from cardshop import pilot
from cardshop.recordings import ARE_SLOW, FAIL
from tests.cardshop.test_recordings import increase

SEEDS = range(20)


def test_the_hour_with_the_highest_burn_rate_is_not_the_one_that_costs_most():
    for seed in SEEDS:
        hours = pilot.hours(seed).filter(pl.col("calls") > 0)
        rates = hours["failed"] / hours["calls"]
        assert hours["hour"][rates.arg_max()] != hours["hour"][hours["failed"].arg_max()]


def test_some_pilots_may_launch_and_some_may_not():
    fast = [hours.tail(7 * 24).sum() for hours in map(pilot.hours, SEEDS)]
    assert len({week["failed"].item() > 0.001 * week["calls"].item() for week in fast}) == 2


def test_a_good_day_is_as_the_text_says():
    for seed in range(5):
        day = pilot.recording("well", seed)

        def total(name: str, *labels: str, day=day) -> float:
            return increase(day, name, *labels).sum()

        calls = total("sorter_requests_total")
        assert total("sorter_request_seconds_count") == calls
        assert total("sorter_requests_total", 'status="5') / calls == pytest.approx(FAIL, rel=0.25)
        quick = total("sorter_request_seconds_bucket", 'le="0.5"')
        assert 1 - quick / calls == pytest.approx(ARE_SLOW, rel=0.15)
        cards = total("sorter_cards_total")
        for kind in ("Fire", "Grass", "Psychic", "Water"):
            assert total("sorter_cards_total", f'"{kind}"') / cards < 0.6


@pytest.mark.parametrize("name", pilot.ALERTS)
def test_a_recording_has_the_names_that_the_task_states(name):
    series = pilot.recording(name, 4).series
    assert {re.sub(r"\{.*", "", one) for one in series} == {
        "up",
        "sorter_requests_total",
        "sorter_request_seconds_bucket",
        "sorter_request_seconds_count",
        "sorter_request_seconds_sum",
        "sorter_cards_total",
        "sorter_model_info",
        "sorter_champion_broken",
    }
    bounds = {found[1] for one in series if (found := re.search(r'le="(.+?)"', one))}
    assert bounds == {"0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "+Inf"}
    assert all(
        re.fullmatch(r"(-?[\d.e+]+|_|stale)( (-?[\d.e+]+|_|stale))*", values) for values in series.values()
    )
