"""Prometheus follows the same rules on a laptop, in containers and on a cluster (P-5, P-8)."""

import re
import shutil
import subprocess

import yaml

from .manifests import objects, rendered
from .tools import DEPLOY

RULES = DEPLOY / "prometheus" / "rules.yml"
GENERATED = DEPLOY / "kubernetes" / "monitoring" / "rules.yaml"
REPAIR = """{ sed '/^spec:/q' rules.yaml; sed 's/^./  &/' ../../prometheus/rules.yml; } > new && mv new rules.yaml"""


def test_the_cluster_has_the_rules_of_the_laptop():
    head, _, body = GENERATED.read_text().partition("spec:\n")
    same = re.sub("^(?=.)", "  ", RULES.read_text(), flags=re.M)
    assert body == same, f"in {GENERATED.parent} run: {REPAIR}"
    rule = objects(rendered("production"))["PrometheusRule", "cardshop"]
    assert rule["spec"] == yaml.safe_load(RULES.read_text())


def test_jobs_are_called_as_the_rules_call_them():
    jobs = set(re.search(r'up\{job=~"([\w|]+)"\}', RULES.read_text())[1].split("|"))
    containers = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    assert {job["job_name"] for job in containers} == jobs
    found = objects(rendered("production"))
    monitor = found["ServiceMonitor", "cardshop"]["spec"]
    (wanted,) = monitor["selector"]["matchExpressions"]
    scraped = [
        one
        for (kind, _), one in found.items()
        if kind == "Service" and one["metadata"]["labels"].get(wanted["key"]) in wanted["values"]
    ]
    assert {one["metadata"]["labels"][monitor["jobLabel"]] for one in scraped} == jobs
    ports = {port["name"] for one in scraped for port in one["spec"]["ports"]}
    assert {endpoint["port"] for endpoint in monitor["endpoints"]} == ports


def test_prometheus_in_containers_understands_its_configuration():
    assert shutil.which("promtool"), "Prometheus is not installed: apt-get install prometheus"
    command = ["promtool", "check", "config", str(DEPLOY / "prometheus" / "prometheus.yml")]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
