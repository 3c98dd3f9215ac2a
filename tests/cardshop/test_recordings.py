"""Recordings hold what their kinds say, whatever the seed: the tasks state these numbers."""

import math

import numpy as np
import pytest

from cardshop import recordings
from cardshop.recordings import FAIL, MODEL, SERVICE, Recording

SEEDS = range(5)


def increase(recording: Recording, name: str, *labels: str) -> np.ndarray:
    """What was added to counters from one reading to the next; a counter that was away or restarted adds nothing."""
    added = np.zeros(len(recording.curve) - 1)
    for series, values in recording.series.items():
        if series.startswith(f"{name}{{") and all(label in series for label in labels):
            read = np.array(
                [math.nan if value in ("_", "stale") else float(value) for value in values.split()]
            )
            grown = np.diff(read)
            added += np.where(np.isnan(grown) | (grown < 0), 0, grown)
    return added


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("draw", "name"),
    [(recordings.service, name) for name in SERVICE] + [(recordings.model, name) for name in MODEL],
)
def test_a_recording_is_whole_and_ends_after_what_is_due(draw, name, seed):
    one = draw(name, seed)
    assert one == draw(name, seed) or math.isnan(sum(one.curve))
    readings = one.minutes * 60 // one.step + 1
    assert {len(values.split()) for values in one.series.values()} == {readings} and len(
        one.curve
    ) == readings
    if one.kind.due:
        assert one.settled < one.begins < one.begins + one.kind.within <= one.minutes
    if one.ends and one.kind.due == "page":
        assert one.ends + recordings.ENDS <= one.minutes


@pytest.mark.parametrize("seed", SEEDS)
def test_shares_are_those_of_the_text(seed):
    for name, low, high in (
        ("errors", 0.05, 0.6),
        ("some errors", 0.02, 0.03),
        ("few errors", 0.004, 0.005),
        ("slow", 0.5, 0.9),
        ("some slow", 0.2, 0.3),
        ("few slow", 0.04, 0.05),
    ):
        one = recordings.service(name, seed)
        first = one.begins * 60 // one.step
        slow = "slow" in name
        path = 'path="/v1/predict"' if slow else 'path="/v1/'
        calls = increase(one, "cardshop_requests_total", path)[first:]
        if slow:
            quick = increase(one, "cardshop_request_seconds_bucket", path, 'le="0.5"')[first:]
            bad = calls - quick
        else:
            bad = increase(one, "cardshop_requests_total", path, 'status="5')[first:]
        if one.ends:
            calls, bad = (part[: one.ends - one.begins] for part in (calls, bad))
        assert 0.93 * low < bad.sum() / calls.sum() < 1.07 * high, (name, bad.sum() / calls.sum())
    well = recordings.service("well", seed)
    failed = increase(well, "cardshop_requests_total", 'path="/v1/', 'status="5').sum()
    assert failed / increase(well, "cardshop_requests_total", 'path="/v1/').sum() < 1.2 * FAIL


@pytest.mark.parametrize("seed", SEEDS)
def test_a_night_has_fewer_than_ten_bad_calls(seed):
    night = recordings.service("night", seed)
    failed = increase(night, "cardshop_requests_total", 'path="/v1/', 'status="5').sum()
    calls = increase(night, "cardshop_requests_total", 'path="/v1/predict"').sum()
    slow = calls - increase(night, "cardshop_request_seconds_bucket", "/v1/predict", 'le="0.5"').sum()
    assert 0 < failed + slow < 10
    assert 0 < increase(recordings.model("night", seed), "cardshop_requests_total", 'status="422"').sum() < 10
