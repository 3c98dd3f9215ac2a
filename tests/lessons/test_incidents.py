"""What the notebook of an incident computes from the learner's own metrics."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from lessons import live_room

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


def table(start: datetime, values: list[float]) -> pl.DataFrame:
    times = [start + timedelta(minutes=place) for place in range(len(values))]
    columns = {"time": times, "metric": ["accuracy"] * len(values), "value": values}
    return pl.DataFrame(columns).cast({"time": pl.Datetime("ms", "UTC")})


def test_means_before_a_minute_and_from_it_on():
    seen = table(MIDNIGHT + timedelta(hours=14, minutes=30), [0.8, 0.6, 0.2, 0.4])
    moment = live_room.moment_of(seen, "14:32")
    before, after = live_room.shift(seen, "accuracy", moment)
    assert (before, after) == (pytest.approx(0.7), pytest.approx(0.3))
    assert live_room.shift(seen, "p99_seconds", moment) == (None, None)


def test_a_time_of_the_evening_before_is_found_after_midnight():
    seen = table(MIDNIGHT - timedelta(minutes=2), [0.8, 0.8, 0.2])
    assert live_room.moment_of(seen, "23:59") == MIDNIGHT - timedelta(minutes=1)
    assert live_room.moment_of(seen, "") is None


@pytest.mark.parametrize("written", ["14", "25:00", "2 pm", "14:31:05"])
def test_what_is_not_a_time_gets_a_sentence(written):
    with pytest.raises(ValueError, match=r"is not a time such as 14:31\."):
        live_room.moment_of(table(MIDNIGHT, [1.0]), written)
