"""The faults of the small service: each runs, shows its alert, and shows it in its own metrics alone."""

import json

import numpy as np
import pytest

from cardshop.oncall import ALERTS, CAUSES, patched, shift
from cardshop.world.truth.incidents import FAULTS, SERVICE, SETTINGS, answers, bodies, drawn, incident
from lessons.strangers import ask

VERSIONS = ("release", "model", "settings")


def answered(folder, code: str, settings: str, models: dict[str, str], body: dict) -> list[dict]:
    for name, text in {**models, "settings.json": settings}.items():
        (folder / name).write_text(text)
    names = {"__name__": "service"}
    exec(compile(code, "service.py", "exec"), names)
    return json.loads(ask(names["make_app"](folder), body)[1])["predictions"]


def test_every_cause_has_words_and_every_alert_four_causes() -> None:
    assert set(CAUSES) == set(FAULTS)
    for alert in ALERTS:
        assert sum(fault.alert == alert for fault in FAULTS.values()) >= 4


@pytest.mark.parametrize("cause", list(FAULTS))
def test_a_fault_changes_what_its_alert_says(cause, tmp_path) -> None:
    one = incident(7, cause)
    files = one.incident.files
    good = answered(
        tmp_path, SERVICE, json.dumps(SETTINGS), one.models, before := bodies(cause, 3, 1, hit=False)[0]
    )
    truth = answers(one.models, before)
    assert [card["card_type"] for card in good] == [kind for kind, _ in truth]
    assert np.allclose([card["probability"] for card in good], [value for _, value in truth])
    if FAULTS[cause].alert == "latency":
        return  # what is slow is measured by the checks, beside the repaired service
    now = answered(tmp_path, files["service.py"], files["settings.json"], one.models, bodies(cause, 3, 1)[0])
    if FAULTS[cause].alert == "confidence":
        assert np.mean([card["probability"] for card in now]) < 0.6
    elif cause == "cache":
        assert len({card["card_type"] for card in now}) == 1
    else:
        assert {card["card_type"] for card in now} == {"Fire"}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("cause", list(FAULTS))
def test_a_cause_shows_in_its_own_metrics_alone(cause, seed) -> None:
    one, fault = incident(seed, cause), FAULTS[cause]

    def moved(name: str) -> bool:
        before, after = shift(one.incident.metrics, name, one.since)
        return abs(after - before) > 0.3 * max(before, after)

    for other, rival in FAULTS.items():
        if rival.alert != fault.alert:
            continue
        own = [name for name in rival.shows if name not in VERSIONS]
        if other == cause:
            assert all(map(moved, own))
        else:
            assert not any(map(moved, own))
    changed = [name for name in fault.shows if name in VERSIONS]
    for name in changed:
        steps = one.incident.metrics[name].diff().fill_null(0)
        assert steps[one.since] == 1, "the version changes in the first minute"


def test_edits_name_a_text_that_occurs_once() -> None:
    files = drawn(1)["latency"].incident.files
    with pytest.raises(ValueError, match="no file"):
        patched(files, {"app.py": []})
    with pytest.raises(ValueError, match="occurs 0 times"):
        patched(files, {"service.py": [("nothing like it", "")]})
    with pytest.raises(ValueError, match="has to occur once"):
        patched(files, {"service.py": [("species", "")]})
