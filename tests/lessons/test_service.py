"""What the lesson on services says in words holds for other seeds than the one it shows."""

import os

import numpy as np
import pytest

from cardshop.scorer import FILE
from lessons import drifting, formats, milliseconds, strangers

SEEDS = range(int(os.environ.get("DOJO_SEEDS", "4")))  # twenty when the lesson has changed


def test_a_service_that_believes_everything_answers_200_to_nearly_everything() -> None:
    first_day = strangers.outcomes()
    assert first_day["status"].to_list() == [200] * 5 + [500]
    assert first_day["answer"][2].endswith("probability None"), "a gap gets a type without a probability"


def test_reading_a_pickle_prints() -> None:
    told, printed = formats.opened()
    assert any(line.startswith("GLOBAL") for line in told) and "REDUCE" in told
    assert printed == "Hello from inside the file."


def test_every_format_gives_the_same_answers() -> None:
    assert formats.table()["same answers"].min() > 0.995


def test_habits_change_no_answer(tmp_path) -> None:
    (tmp_path / FILE).write_bytes(strangers.scorer().content)
    asked = milliseconds.cards(np.random.default_rng(1), 20)
    slow, quick = (
        milliseconds.Handler(tmp_path, frozenset(causes)) for causes in (milliseconds.CAUSES.values(), ())
    )
    assert slow(asked) == quick(asked)


@pytest.mark.parametrize("seed", SEEDS)
def test_p99_grows_faster_than_load_and_a_limit_holds_it(seed) -> None:
    half, full, more = (milliseconds.queue(load, None, seed)["p99"] for load in (0.5, 0.97, 1.1))
    assert 3 * half < full < 30 * half and more > 2 * full
    limited = milliseconds.queue(1.1, 10, seed)
    assert limited["p99"] < 4 * half and 0.08 < limited["refused"] < 0.25


@pytest.mark.parametrize("seed", SEEDS)
def test_a_drift_without_harm_and_a_harm_without_drift(seed) -> None:
    copies, labels = drifting.two_drifts(seed).rows(named=True)
    assert copies["largest PSI"] > 0.2 and abs(copies["accuracy before"] - copies["after"]) < 0.025
    assert labels["largest PSI"] < 0.1 and labels["after"] < labels["accuracy before"] - 0.04


@pytest.mark.parametrize("seed", SEEDS)
def test_training_again_helps_and_its_price_decides(seed) -> None:
    table = drifting.years(wrong=1, training=0, seed=seed)
    never, *others = table["wrong cards"].to_list()
    assert min(others) < never
    cheapest = {
        drifting.years(wrong, training).sort("cost")["policy"][0]
        for wrong in (0.3, 1, 3)
        for training in (100, 1500)
    }
    assert len(cheapest) >= 3, "in the year that is shown"
    dear = drifting.years(wrong=0.1, training=3000, seed=seed)
    assert dear.sort("cost")["policy"][0] == "never"
