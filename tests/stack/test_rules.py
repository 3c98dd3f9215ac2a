"""The rules of Prometheus, by its own tools (P-5)."""

import re
import shutil
import subprocess

from cardshop.monitoring.budget import OBJECTIVES
from cardshop.stack.components import prometheus_configuration
from cardshop.stack.settings import RULES, Settings


def promtool(*arguments: object) -> None:
    assert shutil.which("promtool"), "Prometheus is not installed: apt-get install prometheus"
    found = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


def test_every_alert_fires_when_it_should():
    promtool("test", "rules", RULES.with_name("rules_test.yml"))
    tested = RULES.with_name("rules_test.yml").read_text()
    for alert in re.findall(r"- alert: (\w+)", RULES.read_text()):
        assert re.search(rf"alertname: {alert}\n\s+exp_alerts", tested), f"no test in which {alert} fires"


def test_the_stack_scrapes_service_and_monitor_under_these_rules(tmp_path):
    file = tmp_path / "prometheus.yml"
    file.write_text(prometheus_configuration(Settings(folder=tmp_path, monitor_port=1234)))
    promtool("check", "config", file)
    assert "127.0.0.1:1234" in file.read_text()


def test_no_rule_waits_for_a_metric_that_nobody_exposes(exposed):
    used = set(re.findall(r"\bcardshop_\w+", RULES.read_text()))
    assert used and used <= exposed


def test_the_budget_on_the_monitors_page_is_that_of_the_alerts(exposed):
    available, quick = OBJECTIVES
    rules = RULES.read_text()
    assert rules.count(f"> 14.4 * {available.allowed:g}") == 2
    assert "cardshop:seconds:p99_5m > 0.5" in rules and quick.allowed == 0.01 and 'le="0.5"' in quick.bad
    for query in (available.calls, available.bad, quick.calls, quick.bad):
        assert set(re.findall(r"\bcardshop\w+", query)) <= exposed
