"""The gates: each fails for the model that it is there for, and says by how much (P-2)."""

import numpy as np
import pytest

from cardshop.training import gates
from cardshop.training.gates import Held

CLASSES = np.array(["Fire", "Water"])


def held(share: float, confidence: float, rows: int = 400) -> Held:
    """A model that is right on this share of cards, half of them Fire, and always as sure."""
    truth = np.tile(CLASSES, rows // 2)
    right = np.arange(rows) < share * rows
    said = np.where(right, truth, np.where(truth == "Fire", "Water", "Fire"))
    return Held(truth, np.where(said[:, None] == CLASSES, confidence, 1 - confidence), CLASSES)


def test_a_good_model_passes_and_a_guess_does_not():
    assert gates.beats_guessing(held(0.9, 0.9)).passed
    assert not gates.beats_guessing(held(0.5, 0.5)).passed


def test_the_champion_is_kept_against_a_worse_model_and_not_against_an_equal_one():
    assert gates.holds_against(held(0.8, 0.8), None).passed
    assert gates.holds_against(held(0.8, 0.8), held(0.8, 0.8)).passed
    worse = gates.holds_against(held(0.7, 0.7), held(0.8, 0.8))
    assert not worse.passed and "-10.0 points" in worse.sentence


@pytest.mark.parametrize(("confidence", "passed"), [(0.8, True), (0.95, False), (0.65, False)])
def test_confidence_has_to_match_accuracy(confidence, passed):
    gate = gates.is_calibrated(held(0.8, confidence))
    assert gate.passed is passed and gate.value == pytest.approx(abs(confidence - 0.8))


def test_a_weak_slice_is_named_and_a_tiny_one_is_not():
    model = held(0.9, 0.9)
    rows = np.arange(400)
    slices = [("all", rows >= 0), ("late", rows >= 340), ("tiny", rows >= 390)]
    gate = gates.is_fair(model, slices)
    assert not gate.passed and "late with 33.3%" in gate.sentence and "41.7 too many" in gate.sentence


@pytest.mark.parametrize("gate", [gates.is_quick, gates.is_small])
def test_limits_are_inclusive_and_the_excess_is_told(gate):
    bar = gate(0.0).bar
    assert gate(bar).passed and not gate(bar + 1).passed and "1.0 too many" in gate(bar + 1).sentence
