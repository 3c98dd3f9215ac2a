"""What the lesson on the production stack says in words holds for other seeds than the one it shows."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from cardshop import capacity
from lessons import (
    budgets,
    canaries,
    counters,
    dashboards,
    manifests,
    night_traps,
    peeking,
    replicas,
    stack_room,
)

SEEDS = range(int(os.environ.get("DOJO_SEEDS", "4")))  # twenty when the lesson has changed
BIN = Path(sys.executable).parent


def part(late: float, seed: int) -> float:
    """Customers who meet a canary of a tenth, as a share of those who meet a release to everybody."""
    everybody, canary, shadow = canaries.ends(late, seed=seed)["have met it"]
    assert shadow == 0
    return canary / everybody


@pytest.mark.parametrize("seed", SEEDS)
def test_a_canary_is_met_by_fewer_the_later_labels_come(seed) -> None:
    assert part(0, seed) > part(3, seed) > part(12, seed) > 0.1
    assert part(3, seed) < 0.5


def test_with_labels_at_once_a_canary_saves_little() -> None:
    assert np.mean([part(0, seed) for seed in range(8)]) > 0.7


@pytest.mark.parametrize("late", [0, 24])
@pytest.mark.parametrize("share", [0.05, 0.5])
def test_the_release_is_taken_back_within_the_chart(late, share) -> None:
    assert canaries.ends(late, share)["taken back after, hours"].max() < canaries.LONGEST


@pytest.mark.parametrize("seed", SEEDS)
def test_an_ordinary_interval_fires_far_too_often_and_the_wide_ones_do_not(seed) -> None:
    ordinary, bonferroni, sequence = (peeking.fired(width, 1_000, seed)[-1] for width in peeking.WIDTHS)
    assert ordinary > 5 * 0.05
    assert bonferroni < 0.03 and sequence < 0.05


def test_the_sequence_is_tighter_than_bonferroni_once_there_are_labels() -> None:
    one, all_of_them, sequence = (peeking.factors(width)[-1] for width in peeking.WIDTHS)
    assert one < sequence < all_of_them


@pytest.mark.parametrize("seed", SEEDS)
def test_a_counter_grows_across_a_restart(seed) -> None:
    values = counters.calls(seed)
    assert values[-1] < values[0] and 6_500 < counters.increase(values) < 8_000


def test_a_quantile_is_that_of_the_bucket() -> None:
    counts = counters.buckets(0.05)
    assert 0.5 < counters.quantile(0.99, counts) <= 1 and counters.quantile(0.5, counts) < 0.1
    assert counters.quantile(1, [0, 0, 0, 0, 0, 0, 3]) == 2, "above the largest bound nothing is known"


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_prometheus_estimates_the_same_quantile(tmp_path) -> None:
    counts = counters.buckets(0.05)
    series = (
        "".join(
            f"      - {{series: 'x_bucket{{le=\"{bound:+g}\"}}', values: '0+{count}x60'}}\n".replace(
                "+inf", "+Inf"
            )
            for bound, count in zip(counters.BOUNDS, counts, strict=True)
        )
        .replace('le="+0', 'le="0')
        .replace('le="+1', 'le="1')
        .replace('le="+2', 'le="2')
    )
    value = counters.quantile(0.99, counts)
    (tmp_path / "rules.yml").write_text(manifests.ALERTS)
    (tmp_path / "test.yml").write_text(
        "rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n  - interval: 1m\n    input_series:\n"
        f"{series}    promql_expr_test:\n"
        "      - expr: round(1e6 * histogram_quantile(0.99, sum by (le) (rate(x_bucket[5m]))))\n"
        f"        eval_time: 30m\n        exp_samples: [{{value: {round(1e6 * value)}}}]\n"
    )
    done = subprocess.run(
        ["promtool", "test", "rules", tmp_path / "test.yml"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("seed", SEEDS)
def test_which_rule_notices_which_trouble(seed) -> None:
    def first(trouble: str, rule: str) -> int | None:
        return budgets.found(trouble, budgets.RULES[rule], seed)[0]

    assert budgets.alarms(budgets.RULES["any failed"], seed) > 50
    assert all(
        budgets.alarms(rule, seed) == 0 for name, rule in budgets.RULES.items() if name != "any failed"
    )
    assert first("a blip", "5 min") and not first("a blip", "1 h and 5 min")
    assert not first("a slow burn", "1 h and 5 min") and first("a slow burn", "6 h and 30 min")
    assert not first("few calls", "the same, 10 failed") and first("a release", "the same, 10 failed") <= 10
    assert 45 < budgets.found("a release", budgets.RULES["1 h"], seed)[1] < 60
    assert budgets.found("a release", budgets.RULES["1 h and 5 min"], seed)[1] <= 5
    assert (
        budgets.used("a blip", seed)
        < 0.02
        < budgets.used("a slow burn", seed)
        < budgets.used("a release", seed)
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_two_signals_together_name_the_cause(seed) -> None:
    def moved(name: str, metric: str) -> float:
        values = dashboards.hour(name, seed)[metric].to_numpy()
        return values[-10:].mean() / values[: dashboards.SINCE].mean()

    assert moved("A", "calls a second") > 1.5 and moved("A", "workers busy") > 1.5
    assert abs(moved("B", "calls a second") - 1) < 0.1 and moved("B", "workers busy") > 1.4
    assert moved("C", "p99, seconds") > 3 and moved("C", "workers busy") < 0.8
    assert all(abs(moved("D", metric) - 1) < 0.3 for metric in dashboards.GOLDEN)
    assert moved("D", "largest PSI") > 5 and moved("D", "accuracy") < 0.85


@pytest.mark.parametrize("seed", SEEDS)
def test_waiting_grows_slowly_then_fast(seed) -> None:
    alone = [replicas.p99(busy, 1, seed) for busy in (0.3, 0.6, 0.95)]
    assert alone[1] < 2.5 * alone[0] and alone[2] > 2 * alone[1]
    assert replicas.p99(0.7, 4, seed) < 0.5 < replicas.p99(0.7, 1, seed), "several workers share a queue"
    assert replicas.lost(3, 0.8)["busy"] > 1


def test_a_limit_of_one_core_stops_four_workers_and_one_of_four_does_not() -> None:
    assert replicas.throttled(1)["to"].max() > 3 * replicas.throttled(4)["to"].max()
    assert set(replicas.throttled(4)["state"]) == {"computes"}


def test_the_load_test_of_the_lesson_keeps_its_promise_up_to_a_rate() -> None:
    table = capacity.shop(7).load_test
    quick = (table["p99"] <= capacity.P99).to_numpy()
    assert quick[0] and not quick[-1] and np.all(np.diff(quick.astype(int)) <= 0), "once slow, always slow"


@pytest.mark.skipif(not (BIN / "kubectl").exists(), reason="kubectl is not installed")
@pytest.mark.parametrize("name", manifests.PATCHES)
def test_kubectl_renders_what_the_lesson_shows(name, tmp_path) -> None:
    (tmp_path / "base.yaml").write_text(manifests.BASE)
    (tmp_path / "service.yaml").write_text(manifests.patch(name))
    (tmp_path / "kustomization.yaml").write_text("resources: [base.yaml]\npatches: [{path: service.yaml}]\n")
    done = subprocess.run(
        [BIN / "kubectl", "kustomize", tmp_path], capture_output=True, text=True, check=True
    )
    assert yaml.safe_load(done.stdout) == yaml.safe_load(manifests.rendered(manifests.patch(name)))


@pytest.mark.skipif(not (BIN / "kubernetes-validate").exists(), reason="kubernetes-validate is not installed")
@pytest.mark.parametrize("name", manifests.PATCHES)
def test_the_schema_says_what_the_lesson_quotes(name, tmp_path) -> None:
    (tmp_path / "out.yaml").write_text(manifests.rendered(manifests.patch(name)))
    command = [BIN / "kubernetes-validate", "-k", "1.35", "--strict", tmp_path / "out.yaml"]
    done = subprocess.run(command, capture_output=True, text=True)
    said = manifests.SAYS.get(name, "")
    assert (done.returncode != 0) == bool(said) and said in done.stdout + done.stderr


@pytest.mark.skipif(not (BIN / "kubernetes-validate").exists(), reason="kubernetes-validate is not installed")
def test_the_whole_manifest_passes(tmp_path) -> None:
    (tmp_path / "prices.yaml").write_text(manifests.WHOLE)
    command = [BIN / "kubernetes-validate", "-k", "1.35", "--strict", tmp_path / "prices.yaml"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pitfalls_have_two_sides() -> None:
    once, again = night_traps.hash_of_the_text()
    assert once == again
    draws = {tuple(night_traps.hash_of_a_process()) for _ in range(3)}
    assert any(a != b for a, b in draws)
    assert night_traps.series_for_customers() > 100 * night_traps.series_for_statuses()
    assert night_traps.last_minus_first() < 0 < night_traps.with_the_restart()
    assert night_traps.mean_of_the_shares() > night_traps.share_of_the_sums()


def test_a_stack_is_not_started_by_a_script() -> None:
    with pytest.raises(stack_room.Refused, match="open notebook"):
        stack_room.start(print)
    assert stack_room.stop() is False


def test_a_model_of_unknown_types_is_refused_in_a_sentence(monkeypatch) -> None:
    from sklearn.dummy import DummyClassifier

    class Own(DummyClassifier):
        """A class that only this file knows."""

    monkeypatch.setattr(stack_room, "runs", lambda: False)
    with pytest.raises(stack_room.Refused, match="known types"):
        stack_room.ship(lambda cards, labels: Own(strategy="prior").fit(cards, labels))
