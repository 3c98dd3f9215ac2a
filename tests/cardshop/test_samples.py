"""The tables with planted leaks, and the scans: what they promise is in them."""

import numpy as np
import polars as pl
import pytest

from cardshop import world
from cardshop.training import classifier
from cardshop.world.species import STATS
from cardshop.world.truth.samples import SAMPLES
from cardshop.world.truth.scanner import scan

OUTCOME = {"offers": "sold", "adverts": "clicked", "parcels": "returned", "scans": "played", "demand": "busy"}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_deterministic_and_its_labels_are_balanced(name):
    assert world.sample(name, 3).equals(world.sample(name, 3))
    assert not world.sample(name, 3).equals(world.sample(name, 4))
    assert world.sample(name).height == SAMPLES[name][1]
    process = SAMPLES[name][0]
    for signal in (True, False):
        assert process(np.random.default_rng(1), signal)(4_000)[OUTCOME[name]].mean() == pytest.approx(
            0.5, abs=0.12
        )


def test_without_signal_the_labels_have_nothing_to_do_with_what_is_known():
    offers = SAMPLES["offers"][0](np.random.default_rng(0), False)(4_000)
    by_photos = offers.group_by("photos").agg(pl.col("sold").mean())["sold"]
    assert by_photos.max() - by_photos.min() < 0.12
    assert (
        offers.filter("sold")["days_online"].max() < offers.filter(~pl.col("sold"))["days_online"].min()
    )  # the leak


def test_an_unknown_sample_is_refused_with_a_sentence():
    with pytest.raises(ValueError, match="There is no sample 'prices'; there are offers, adverts"):
        world.sample("prices")


def test_a_scan_has_gaps_zeros_and_strangers_but_keeps_its_id_and_dtypes(cards):
    scanned = scan(cards, np.random.default_rng(0))
    assert scanned["card_id"].equals(cards["card_id"])
    assert scanned.schema == cards.drop("card_type").schema
    assert all(scanned[name].null_count() > 0 for name in scanned.columns if name != "card_id")
    assert all((scanned[stat] == 0).any() for stat in STATS)


def test_the_given_columns_reach_what_the_competition_says(cards):
    usual = (cards["card_type"] == cards["card_type"].mode()[0]).mean()
    given = classifier.held_out_accuracy(classifier.Given(), cards)
    assert usual < 0.25 < 0.58 < given < 0.70 < 0.88 < world.best_possible(cards) < 0.95
