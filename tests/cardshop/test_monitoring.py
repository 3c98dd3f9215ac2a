"""Drift, quality and the reading of the journal, as pure functions (P-5)."""

import json
import math
import time
from datetime import datetime

import numpy as np
import polars as pl
import pytest

from cardshop.monitoring import page
from cardshop.monitoring.budget import OBJECTIVES, Use
from cardshop.monitoring.drift import LARGE, compare, counts, psi
from cardshop.monitoring.journal import Tail
from cardshop.monitoring.quality import quality
from cardshop.monitoring.watch import REFERENCE, WINDOW, Watch

RNG = np.random.default_rng(0)
HP = pl.Series("value", RNG.normal(60, 15, 2_000))
WORDS = pl.Series("value", RNG.choice(["Common", "Rare"], 2_000, p=[0.7, 0.3]))


def found(reference: pl.Series, window: pl.Series):
    (one,) = compare(pl.DataFrame([reference]), pl.DataFrame([window]))
    return one


def test_the_psi_is_the_textbook_sum():
    before, now = np.array([50, 50]), np.array([25, 75])
    expected = -0.25 * math.log(0.25 / 0.5) + 0.25 * math.log(0.75 / 0.5)
    assert psi(before, now) == pytest.approx(expected) and psi(before, 3 * before) == 0


@pytest.mark.parametrize("reference", [HP, WORDS], ids=["numbers", "words"])
def test_a_sample_of_the_reference_has_not_drifted(reference):
    one = found(reference, reference.sample(500, seed=1))
    assert one.psi < 0.1 and one.p > 0.001
    assert one.before.sum() == pytest.approx(1) and one.now.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("reference", "window"),
    [
        (HP, HP.head(500) * 1.3),
        (HP, pl.select(pl.when(pl.int_range(500) % 3 > 0).then(HP.head(500)).alias("value")).to_series()),
        (WORDS, pl.Series("value", ["Common"] * 200 + ["Rare"] * 300)),
        (WORDS, pl.Series("value", ["Common"] * 300 + ["Promo"] * 200)),
        (pl.Series("value", [7] * 2_000), pl.Series("value", [7] * 250 + [3] * 250)),
        (pl.Series("value", [False] * 2_000), pl.Series("value", [True, False] * 250)),
    ],
    ids=["scaled", "gaps", "mix", "new category", "constant", "boolean"],
)
def test_what_has_moved_is_found(reference, window):
    assert found(reference, window).psi > LARGE


@pytest.mark.parametrize(
    "reference", [HP, WORDS, pl.Series("value", [7] * 9), pl.Series("value", [None] * 9, dtype=pl.Int64)]
)
def test_what_says_nothing_raises_nothing(reference):
    assert math.isnan(found(reference, reference.clear()).psi)
    assert found(reference, reference).psi == 0
    nothing = found(reference, pl.Series("value", [None] * 9, dtype=reference.dtype))
    assert nothing.now[-1] == 1


def test_a_new_category_has_a_bin_from_the_start():
    names, before, now = counts(WORDS, pl.Series("value", ["Promo", None, "Rare"]))
    assert names == ["Common", "Rare", "other", "missing"]
    assert now.tolist() == [0, 1, 1, 1] and before[2:].tolist() == [0, 0]


def test_few_labels_leave_much_open():
    few, many = quality([True] * 8 + [False] * 2), quality(([True] * 8 + [False] * 2) * 50)
    assert few.accuracy == many.accuracy == 0.8 and few.high - few.low > 4 * (many.high - many.low)
    assert math.isnan(quality([]).accuracy)


def test_a_line_that_is_half_written_waits_and_a_broken_one_is_counted(tmp_path):
    file = tmp_path / "predictions-2026-01-01.jsonl"
    file.write_text('{"a": 1}\nbroken\n{"a"')
    tail = Tail(tmp_path, "predictions")
    assert list(tail) == [{"a": 1}] and tail.broken == 1
    with file.open("a") as more:
        more.write(": 2}\n")
    assert list(tail) == [{"a": 2}] and list(tail) == []


def test_replicas_write_beside_each_other_and_the_latest_card_counts(tmp_path):
    rng = np.random.default_rng(0)
    for replica, hour in ("a", "12"), ("b", "08"):
        (tmp_path / replica).mkdir()
        write(tmp_path / replica, 0, 1, rng, 80, f"2026-01-01T{hour}:00:00+00:00")
    report = Watch(tmp_path, tmp_path / "kept").look()
    assert report.reference == 2
    assert report.last_prediction == datetime.fromisoformat("2026-01-01T12:00:00+00:00").timestamp()


def write(folder, start: int, number: int, rng, hp: float, at: str = "2026-01-01T00:00:00+00:00") -> None:
    lines, labels = [], []
    for place in range(start, start + number):
        name = {"request_id": str(place), "card_id": "KND-001"}
        card = {"card_id": "KND-001", "hp": int(rng.normal(hp, 15)), "rarity": "Rare"}
        said = {"card_type": "Fire", "confidence": float(rng.random())}
        lines.append({"at": at, "request_id": str(place), "card": card, **said})
        labels.append({"at": at.replace("T00", "T06"), **name, "card_type": "Fire" if place % 4 else "Water"})
    for kind, rows in (("predictions", lines), ("feedback", labels)):
        with (folder / f"{kind}-2026-01-01.jsonl").open("a") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)


def test_the_watch_compares_later_cards_with_the_first_also_after_a_restart(tmp_path):
    rng, kept = np.random.default_rng(1), tmp_path / "kept" / "reference.parquet"
    watch = Watch(tmp_path, kept)
    assert watch.look().drift == []
    write(tmp_path, 0, REFERENCE, rng, 80)
    assert watch.look().drift == [] and kept.exists()
    write(tmp_path, REFERENCE, WINDOW, rng, 80)
    report = watch.look()
    assert report.reference == REFERENCE and not any(one.is_large for one in report.drift)
    assert report.quality.labels == WINDOW and report.quality.accuracy == 0.75 and report.delay == 6 * 3600
    assert "No drift" in page.render(report, time.time())
    write(tmp_path, REFERENCE + WINDOW, WINDOW, rng, 110)
    for one in (watch, Watch(tmp_path, kept)):
        drifted = [drift.feature for drift in one.look().drift if drift.is_large]
        assert drifted == ["hp"]
    assert "Drift in hp" in page.render(watch.look(), time.time())
    watch.renew()
    assert watch.look().drift == [] and not kept.exists()
    write(tmp_path, REFERENCE + 2 * WINDOW, 7, rng, 110, at="2999-01-01T00:00:00+00:00")
    for one in (watch, Watch(tmp_path, kept)):
        report = one.look()
        assert (report.reference, report.window) == (7, 0)


def test_the_page_says_how_much_of_the_error_budget_is_used_or_why_nobody_knows(tmp_path):
    report, now = Watch(tmp_path, tmp_path / "none").look(), time.time()
    available, quick = OBJECTIVES
    uses = {
        available: {"1h": Use(2_000, 3), "1d": Use(48_000, 12)},
        quick: {"1h": Use(0, 0), "1d": Use(40_000, 100)},
    }
    shown = page.render(report, now, uses)
    for words in ("150% used", "about 3 of 2,000 calls", "25% used", "no calls", "about 100 of 40,000 calls"):
        assert words in shown
    assert shown.count('<b class="bad">') == 1
    assert "it does &lt;not&gt; answer" in page.render(report, now, "it does <not> answer")
