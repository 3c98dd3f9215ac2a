"""Whether the monitor finds what was planted, over 50 simulated months (P-5)."""

from cardshop.monitoring.trial import alarms
from cardshop.world.truth.traffic import month

OURS = {"psi": lambda drift: any(one.is_large for one in drift)}


def test_over_fifty_months_drift_is_found_within_days_and_a_quiet_day_raises_no_alarm():
    late = []
    for days, trouble in map(month, range(50)):
        there = trouble.kind in ("scale", "mix", "gap")
        found = alarms([day.scans.clear() if day.names else day.scans for day in days], OURS)["psi"]
        assert there or not found, trouble
        if there:
            assert found and min(found) >= trouble.day, trouble
            late.append(min(found) - trouble.day + 1)
    assert sum(late) / len(late) <= 3 and max(late) <= 5
