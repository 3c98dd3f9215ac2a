"""The dashboards of Grafana (P-5), as far as a machine without Grafana can check them."""

import json
import re

import pytest

from cardshop.stack.settings import RULES

from .test_rules import promtool

DASHBOARDS = sorted((RULES.parents[1] / "grafana").glob("*.json"))
WIDTH = 24  # columns of Grafana's grid


@pytest.fixture(params=DASHBOARDS, ids=lambda file: file.stem)
def dashboard(request):
    return json.loads(request.param.read_text())


def queries(dashboard):
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def test_there_is_one_for_the_service_and_one_for_the_model():
    assert len({json.loads(file.read_text())["uid"] for file in DASHBOARDS}) == len(DASHBOARDS) == 2


def test_prometheus_understands_every_query(dashboard, tmp_path):
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(queries(dashboard))]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))  # YAML reads JSON
    promtool("check", "rules", file)


def test_no_panel_waits_for_a_metric_that_nobody_exposes(dashboard, exposed):
    recorded = set(re.findall(r"record: (\S+)", RULES.read_text()))
    for query in queries(dashboard):
        used = set(re.findall(r"\bcardshop[\w:]+", query))
        assert used and used <= exposed | recorded, query


def test_every_panel_has_a_place_and_says_what_it_shows(dashboard):
    taken = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + right, place["y"] + down)
            for right in range(place["w"])
            for down in range(place["h"])
        }
        assert place["x"] + place["w"] <= WIDTH and not cells & taken, panel["title"]
        taken |= cells
        assert panel["title"] and panel["description"].endswith(".")
        assert all(one["datasource"]["uid"] == "${datasource}" for one in (panel, *panel["targets"]))
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_a_line_is_drawn_where_an_alert_fires(dashboard):
    """The threshold of a panel is that of the alert on the same number."""
    alerts = dict(re.findall(r"expr: (cardshop:\S+|cardshop_drift_psi)\S* > ([\d.]+)\n", RULES.read_text()))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            if (limit := alerts.get(target["expr"])) is not None:
                steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
                assert float(limit) == steps[-1]["value"], panel["title"]
