"""The recorded truth is the truth: what it says about the tables can be found in the tables."""

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score

from cardshop.quality import CARD_TYPES, RARITIES
from cardshop.world.species import STATS, species
from cardshop.world.truth.cards import HINTS, bayes_posterior, type_weights
from cardshop.world.truth.price import COLLECTED, DRIVERS, log_price


def accuracy(features: np.ndarray, labels: np.ndarray) -> float:
    model = RandomForestClassifier(60, min_samples_leaf=2, random_state=0, n_jobs=1)
    return cross_val_score(model, features, labels, cv=3).mean()


def test_card_types_leave_room_for_features_between_the_raw_columns_and_the_bayes_limit(cards):
    labels = cards["card_type"].to_numpy()
    majority = cards["card_type"].value_counts()["count"].max() / cards.height
    raw = cards.select(
        *STATS, "height_m", "weight_kg", "print_run", pl.col("rarity").cast(pl.Enum(RARITIES)).to_physical()
    ).to_numpy()
    row = cards["species_number"].to_numpy() - 1
    ratio = np.log(cards.select(STATS).to_numpy() / species().select(STATS).to_numpy()[row])
    hints = np.column_stack([(cards["text"] == hint).fill_null(False).to_numpy() for hint in HINTS.values()])
    informed = np.column_stack([raw, ratio - ratio.mean(axis=1, keepdims=True), hints, type_weights()[row]])
    limit = bayes_posterior(cards).max(axis=1).mean()
    assert majority < 0.25
    assert 0.58 < accuracy(raw, labels) < 0.70
    assert 0.77 < accuracy(informed, labels) < limit < 0.95


def test_the_bayes_posterior_is_as_often_right_as_it_says(cards):
    posterior = bayes_posterior(cards)
    assert posterior.sum(axis=1) == pytest.approx(1)
    hit = np.array(CARD_TYPES)[posterior.argmax(axis=1)] == cards["card_type"].to_numpy()
    assert hit.mean() == pytest.approx(posterior.max(axis=1).mean(), abs=0.02)


def test_asking_prices_follow_the_recorded_drivers(world):
    offers = world["listings"].join(world["cards"], on="card_id", maintain_order="left")
    logs = offers["asking_price"].log().to_numpy()
    rest = logs - log_price(offers, "listed_at")
    assert rest.std() == pytest.approx(np.hypot(DRIVERS.noise, DRIVERS.seller_noise), rel=0.1)
    assert 0.88 < 1 - rest.var() / logs.var() < 0.95


def test_a_regression_finds_the_recorded_coefficients(world):
    offers = world["listings"].join(world["cards"], on="card_id").filter(~pl.col("rarity").is_in(COLLECTED))
    day = pl.col("listed_at").dt
    years = (day.date() - pl.col("released_on")).dt.total_days() / 365.25
    groups = {name: getattr(DRIVERS, name) for name in ("rarity", "condition", "card_type")}
    dummies = {
        value: (pl.col(name) == value).cast(pl.Float64)
        for name, effects in groups.items()
        for value, effect in effects.items()
        if effect != 0 and value not in COLLECTED
    }
    design = offers.select(
        one=pl.lit(1.0),
        scarcity=(10_000 / pl.col("print_run")).log(),
        age=(1 + years).log(),
        legend=pl.col("legendary").cast(pl.Float64),
        swing=(2 * np.pi * (day.ordinal_day() - DRIVERS.peak) / 365.25).cos(),
        **dummies,
    )
    found = np.linalg.lstsq(design.to_numpy(), offers["asking_price"].log().to_numpy(), rcond=None)[0]
    truth = [DRIVERS.intercept, DRIVERS.scarcity, DRIVERS.age, DRIVERS.legendary, DRIVERS.swing]
    truth += [effects[value] for effects in groups.values() for value in effects if value in dummies]
    assert found[1:] == pytest.approx(truth[1:], abs=0.06)
    assert found[0] == pytest.approx(truth[0], abs=0.15)  # the busiest sellers' levels do not average out


def test_listings_and_channels_are_biased_towards_rare_cards_as_recorded(world):
    def rare(table: pl.DataFrame) -> float:
        return table["rarity"].is_in(COLLECTED).mean()

    sold = world["sales"].join(world["cards"], on="card_id")
    assert rare(world["listings"].join(world["cards"], on="card_id")) > 1.4 * rare(world["cards"])
    assert rare(sold.filter(channel="web")) > 2 * rare(sold.filter(channel="store"))
