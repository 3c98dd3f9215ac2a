"""What the lesson on training says in words holds for other seeds than the one it shows."""

import os
from functools import partial

import numpy as np
import pytest

from lessons import experiments, reading, surfaces

SEEDS = range(int(os.environ.get("DOJO_SEEDS", "5")))  # twenty when the lesson has changed


def test_seeds_alone_make_forests_look_different() -> None:
    small, rest = np.moveaxis(np.array([experiments.same_forest(seed) for seed in SEEDS]), 2, 0)
    assert np.ptp(small, axis=1).min() > 0.03
    assert np.ptp(small, axis=1).mean() > 1.2 * np.ptp(rest, axis=1).mean()
    lucky = small.max(axis=1) - rest[np.arange(len(SEEDS)), small.argmax(axis=1)]
    assert lucky.mean() > 0.01, "the winner on few cards is lucky"


def test_the_interval_is_wider_than_that_of_independent_folds_and_shrinks_with_the_spread() -> None:
    labels = np.arange(500) % 2
    pairs = experiments.stratified(labels)
    mean, low, high = experiments.interval([1.0, 2.0, 3.0, 4.0, 5.0], pairs)
    assert mean == 3 and low == pytest.approx(6 - high)
    assert high - mean == pytest.approx(2.7764 * 1.5811 * np.sqrt(1 / 5 + 1 / 4), rel=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_boosting_gains_little_over_a_linear_model_with_good_features(seed) -> None:
    scores, pairs = experiments.zoo(seed, ("baseline", "linear", "tree", "boosting"))
    table = {row["model"]: row for row in experiments.compared(scores, pairs, "linear").iter_rows(named=True)}
    assert abs(table["boosting"]["difference"]) < 3
    assert table["tree"]["high"] < 0
    assert table["baseline"]["accuracy"] < 0.25


def test_each_model_draws_its_own_borders() -> None:
    found = {shape: [surfaces.drawn(shape, seed)[2] for seed in SEEDS] for shape in surfaces.SHAPES}
    mean = {
        shape: {name: np.mean([one[name] for one in all_]) for name in all_[0]}
        for shape, all_ in found.items()
    }
    for one in found["a slope"]:
        assert one["linear"] > one["tree"]
    assert mean["a slope"]["linear"] > mean["a slope"]["tree"] + 0.02
    assert mean["a corner"]["tree"] > mean["a corner"]["linear"] + 0.03
    for shape in ("a chessboard", "a ring"):
        others = min(value for name, value in mean[shape].items() if name not in ("linear", "baseline"))
        assert mean[shape]["linear"] < others - 0.2


def test_bias_falls_and_variance_rises_with_depth() -> None:
    (_, shallow, calm), (_, deep, nervous) = (experiments.refitted(depth, 80) for depth in (1, 10))
    assert deep < 0.1 * shallow and nervous > 2 * calm
    assert experiments.refitted(10, 320)[2] < experiments.refitted(10, 20)[2]
    assert abs(experiments.refitted(1, 320)[1] - shallow) < 0.2 * shallow, "more rows leave the bias"


@pytest.mark.parametrize("seed", SEEDS)
def test_what_the_curves_say(seed) -> None:
    depths = experiments.depths(seed)
    gap = depths.pivot("rows", index="depth", values="accuracy")
    gap = dict(gap.select("depth", gap["training"] - gap["validation"]).iter_rows())
    assert gap[20] > 0.15 > gap[2]
    known = experiments.sizes(seed).filter(rows="validation")
    shallow = dict(known.filter(model="tree of depth 2").select("size", "accuracy").iter_rows())
    forest = dict(known.filter(model="forest").select("size", "accuracy").iter_rows())
    assert abs(shallow[1400] - shallow[400]) < 0.06
    assert forest[1400] > shallow[1400] + 0.2 and forest[1400] > forest[400] > forest[100] + 0.02
    for rate in (0.3, 1.0):
        table, best = experiments.rounds(seed, rate)
        loss = table.filter(rows="validation")["loss"]
        assert best < 120 and loss[-1] > 1.05 * loss[best - 1]


def test_tuning_finds_something_in_coin_flips_and_nesting_does_not() -> None:
    tuned, nested = zip(*(experiments.coin_flips(seed) for seed in range(10)), strict=True)
    assert min(tuned) > 0.55
    assert abs(np.mean(nested) - 0.5) < 0.06 < np.mean(tuned) - 0.5


def test_the_half_done_nesting_scores_better_than_chance_until_its_line_is_right() -> None:
    def nested(pairs, search, score, peek):
        return [
            score(search(np.union1d(train, test) if peek else train), train, test) for train, test in pairs
        ]

    seen, peeking = experiments.nested_coin_flips(partial(nested, peek=True))
    assert all(set(test) <= set(rows) for rows, _, test in seen) and peeking > 0.57
    seen, blind = experiments.nested_coin_flips(partial(nested, peek=False))
    assert not any(set(test) & set(rows) for rows, _, test in seen) and abs(blind - 0.5) < 0.04


def test_the_traps_spring() -> None:
    grams, metres = reading.coefficients_of_units()
    assert abs(grams) < 0.01 * abs(metres)
    grams, metres = reading.coefficients_scaled()
    assert 0.6 < grams / metres < 1.6
    assert max(reading.twenty_trees().values()) < 18
    alone, together = reading.shuffled_alone(), reading.shuffled_together()
    assert together["attack and its twin"] > 1.5 * max(alone["attack"], alone["its twin"])
    views = reading.contributions_of_a_proxy()
    assert views["views"] > 10 * views["noise"]
    assert reading.prices_after_buying_views()["predicted rise"] > 1


def test_a_plan_has_a_price() -> None:
    assert experiments.cost({"trials": 100, "folds": 6}, 60, 2.0) == (10.0, 20.0)
