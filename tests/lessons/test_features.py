"""What the lessons say in words about the shop's worlds holds in twenty of them."""

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from cardshop import world
from cardshop.quality import RARITIES
from lessons import changes, leaky

SEEDS = range(20)
SPECIAL = ["Holo", "Ultra", "Secret"]


@pytest.fixture(scope="module", params=SEEDS)
def shop(request) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cards of a world, and its listings joined with them."""
    cards = world.load("cards", request.param)
    return cards, world.load("listings", request.param).join(cards, on="card_id")


def test_fighting_is_attack_for_what_else_the_card_can_do(shop) -> None:
    cards, _ = shop
    share = pl.col("attack") / pl.mean_horizontal(leaky.STATS)
    raw, over_defense, of_mean = (
        roc_auc_score(
            (cards["card_type"] == "Fighting").to_numpy(), cards.select(form).to_series().to_numpy()
        )
        for form in (pl.col("attack"), pl.col("attack") / pl.col("defense"), share)
    )
    assert over_defense < raw < of_mean
    defense = roc_auc_score((cards["card_type"] == "Fighting").to_numpy(), cards["defense"].to_numpy())
    assert defense > 0.6, "the reason why dividing by defense takes out too much"


def test_wear_costs_rare_cards_a_larger_share(shop) -> None:
    _, offers = shop
    price = pl.col("asking_price").log().mean().exp()
    special = pl.col("rarity").is_in(SPECIAL)
    kept = [
        part.filter(condition="Damaged").select(price).item()
        / part.filter(condition="Mint").select(price).item()
        for part in (offers.filter(special), offers.filter(~special))
    ]
    assert kept[0] < 0.6 * kept[1]


def test_listings_are_not_the_catalogue_and_reweighting_lowers_the_mean(shop) -> None:
    cards, offers = shop
    assert offers["rarity"].is_in(SPECIAL).mean() > 1.4 * cards["rarity"].is_in(SPECIAL).mean()
    mean = dict(offers.group_by("rarity").agg(pl.col("asking_price").mean()).iter_rows())
    each, printed = (
        cards.group_by("rarity").agg(weight=weight) for weight in (pl.len(), pl.col("print_run").sum())
    )
    one_of_each, as_printed = (
        sum(mean[rarity] * weight for rarity, weight in table.iter_rows()) / table["weight"].sum()
        for table in (each, printed)
    )
    assert as_printed < one_of_each < offers["asking_price"].mean()
    assert [mean[rarity] for rarity in RARITIES] == sorted(mean.values())


def test_correlations_of_stats_are_moderate(shop) -> None:
    cards, _ = shop
    pairs = [np.corrcoef(cards[one], cards[other])[0, 1] for one, other in combinations(leaky.STATS, 2)]
    assert max(map(abs, pairs)) < 0.8


def test_shuffling_the_labels_finds_what_the_code_learned_and_nothing_else() -> None:
    """Whatever the seed of the shuffling: four of five leaks look innocent on shuffled labels."""
    for seed in SEEDS:

        def change(labels: np.ndarray, seed: int = seed) -> np.ndarray:
            return np.random.default_rng(seed).permutation(labels)

        assert leaky.preprocessing(True, change) > 0.65
        assert abs(leaky.temporal(True, change) - 0.5) < 0.05
        if seed < 3:  # these take half a second each
            assert abs(leaky.group(True, change) - 0.5) < 0.05
            assert leaky.target(True, change) < 0.22
            assert leaky.train_test(True, change) < 0.22


def test_leaks_fake_a_score() -> None:
    for name, run in leaky.LEAKING.items():
        assert run(True) > run(False) + 0.04, name


def test_features_add_more_than_trees() -> None:
    """On average over the worlds of the lesson; four of them here."""
    gains = pl.DataFrame(changes.gains(world.load("cards", seed)) for seed in range(4)).mean()
    assert gains["200 trees"].item() < min(gains["shares of strength"].item(), gains["the text"].item())
