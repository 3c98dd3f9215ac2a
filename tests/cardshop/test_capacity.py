"""The service under load is the queue that theory describes."""

import numpy as np
import polars as pl
import pytest

from cardshop import capacity


@pytest.mark.parametrize("busy", [0.4, 0.7])
def test_one_worker_waits_as_pollaczek_and_khinchine_say(busy):
    replica = capacity.Replica(workers=1, cores_per_call=0.05, spread=0.5, memory=300)
    taken = capacity.latencies(replica, [busy / 0.05], 3_000, 100, np.random.default_rng(1))[500:]
    second_moment = 0.05**2 * np.exp(0.5**2)
    waits = busy / 0.05 * second_moment / 2 / (1 - busy)
    assert taken.mean() == pytest.approx(0.05 + waits, rel=0.03)


def test_four_workers_wait_as_erlang_says():
    """Lognormal times with the spread of exponential ones: the formula for those is close."""
    spread = np.sqrt(np.log(2))
    replica = capacity.Replica(workers=4, cores_per_call=0.1, spread=spread, memory=300)
    taken = capacity.latencies(replica, [32.0], 3_000, 100, np.random.default_rng(1))[500:]
    terms = [3.2**k / factorial for k, factorial in enumerate((1, 1, 2, 6))]
    last = 3.2**4 / 24 / (1 - 0.8)
    waits = last / (sum(terms) + last) * 0.1 / (4 - 3.2)
    assert taken.mean() == pytest.approx(0.1 + waits, rel=0.06)


@pytest.mark.parametrize("seed", range(5))
def test_a_shop_is_what_the_exercise_says(seed):
    shop, replica = capacity.shop(seed), capacity.drawn(seed)[0]
    test = shop.load_test
    assert shop.workers == replica.workers and test["rate"].is_sorted() and shop.hours.height == 28 * 24
    assert test["p99"][0] < capacity.P99 < test["p99"][-1]
    assert test["cores"].max() <= shop.workers and (test["memory_most"] > test["memory_mean"]).all()
    idle = test.filter(pl.col("rate") < test["rate"].max() / 2)
    assert idle["cores"].sum() / idle["rate"].sum() == pytest.approx(replica.cores_per_call, rel=0.02)
    assert shop.hours["calls"].max() > 3 * shop.hours["calls"].mean()
    assert shop.load_test.equals(capacity.shop(seed).load_test)
