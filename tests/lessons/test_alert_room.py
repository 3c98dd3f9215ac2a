"""The chart of exercise 6.2 shows what Prometheus says, and its words when it refuses the rules."""

import shutil

import pytest

from cardshop import recordings
from grader.course.manifest import ROOT
from lessons import alert_room

pytestmark = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
RULES = (ROOT / "solutions/06_production_stack/alerts/service.yaml").read_text(encoding="utf-8")


def test_each_stretch_in_which_an_alert_fires_is_told():
    recording = recordings.service("errors", 1)
    pages = [one for one in alert_room.fired(RULES, recording) if one["severity"] == "page"]
    assert [one["alert"] for one in pages] == ["ErrorsBurnFast"]
    assert recording.begins < pages[0]["begins"] <= recording.begins + 25
    assert recording.ends < pages[0]["ends"] <= recording.ends + recordings.ENDS
    said = alert_room.told(recording, pages)
    assert f"A page is due by minute {recording.begins + 25}" in said
    assert f"`ErrorsBurnFast` (page) fires from minute {pages[0]['begins']} to {pages[0]['ends']}" in said
    flapping = RULES.replace("for: 4m", "for: 0m").replace(
        'sum(up{job="service"}) == 0', "vector(time()) % 600 < 120"
    )
    assert sum(one["alert"] == "ServiceAway" for one in alert_room.fired(flapping, recording)) > 5


def test_rules_that_prometheus_refuses_are_shown_in_its_words():
    shown = alert_room.shown(RULES.replace("for: 4m", "for: soon"), recordings.service("away", 1))
    assert "Prometheus refuses these rules" in shown.text and "soon" in shown.text
    assert "/rules.yaml" not in shown.text
    twice = alert_room.shown("groups:\n\t- name", recordings.service("away", 1)).text
    assert twice.count("cannot start any token") == 1
    assert alert_room.text(ROOT / "no" / "such.yaml") == ""


def test_a_severity_and_a_metric_that_do_not_exist_are_named_though_nothing_fires():
    recording = recordings.service("well", 1)
    wrong = RULES.replace("severity: ticket", "severity: warning", 1).replace("sum(up{", "sum(cardshop_up{")
    first, second = alert_room.doubts(wrong, recording)
    assert "`cardshop_up`" in first
    assert "`ErrorsBurnSlowly` has the severity `warning`" in second
    assert not alert_room.doubts(RULES, recording)
