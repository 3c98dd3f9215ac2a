"""What lesson 1 says in words holds: its functions agree with the libraries, its claims with twenty seeds."""

import importlib.util
from types import ModuleType

import numpy as np
import pandera.polars as pa
import polars as pl
import pytest
from scipy import stats

from cardshop import world
from cardshop.quality import CONDITIONS
from checks.shared import claims
from grader.course.manifest import ROOT

SEEDS = range(20)


@pytest.fixture(scope="module")
def data_engineering() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lesson_01", ROOT / "notebooks" / "01_data_engineering.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def cards(data_engineering: ModuleType) -> pl.DataFrame:
    return world.load("cards").select(list(data_engineering.Cards.to_schema().columns)).head(100)


@pytest.mark.parametrize("seed", SEEDS)
def test_distances_are_those_of_the_libraries(data_engineering: ModuleType, seed: int) -> None:
    rng = np.random.default_rng(seed)
    then, now = rng.normal(0, 1, 300), rng.normal(rng.normal(), rng.uniform(0.5, 2), 400)
    assert data_engineering.ks_distance(then, now) == pytest.approx(stats.ks_2samp(then, now).statistic)
    p, q = data_engineering.bin_shares(then, now)
    assert data_engineering.psi(p, q) == pytest.approx(claims.psi(pl.Series(then), pl.Series(now)))


@pytest.mark.parametrize("seed", SEEDS)
def test_why_values_are_missing(data_engineering: ModuleType, seed: int) -> None:
    """The share is constant. MCAR leaves the mean; groups repair MAR; a large error of MNAR stays."""
    tables = [world.load(name, seed % 4) for name in ("listings", "cards")]
    offers = tables[0].join(tables[1].select("card_id", "rarity"), on="card_id")
    prices, error, repaired = offers["asking_price"].to_numpy(), {}, {}
    for reason, score in data_engineering.causes(offers).items():
        gone = data_engineering.leave_gaps(score, 0.2, 2, np.random.default_rng(seed))
        assert gone.mean() == pytest.approx(0.2, abs=0.001)
        error[reason] = abs(prices[~gone].mean() / prices.mean() - 1)
        repaired[reason] = abs(data_engineering.filled_by_rarity(offers, gone) / prices.mean() - 1)
    assert error["MCAR"] < 0.04
    assert error["MAR"] > 0.3 and repaired["MAR"] < error["MAR"] / 4
    assert error["MNAR"] > 0.4 and repaired["MNAR"] > error["MNAR"] / 3


def test_chance_exceeds_the_threshold(data_engineering: ModuleType) -> None:
    """Two hundred rows of one table often have a PSI above 0.1, two thousand never."""
    for seed in range(5):
        attack = world.load("cards", seed)["attack"].to_numpy().astype(float)
        assert 0.2 < (data_engineering.psi_by_chance(attack, 200, 200) > 0.1).mean() < 0.6
        assert (data_engineering.psi_by_chance(attack, 2000, 200) > 0.1).mean() == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_p_value_is_not_a_distance(data_engineering: ModuleType, seed: int) -> None:
    """For one shift, rows hardly change the distance and collapse the p-value."""
    rng = np.random.default_rng(seed)
    few, many = (stats.ks_2samp(rng.normal(0, 1, n), rng.normal(0.25, 1, n)) for n in (200, 5000))
    assert abs(few.statistic - many.statistic) < 0.12
    assert many.pvalue < few.pvalue / 1000


def test_received(data_engineering: ModuleType, cards: pl.DataFrame) -> None:
    row = pl.int_range(pl.len())
    delivery = cards.with_columns(
        rarity=pl.when(row == 0).then(pl.lit(" rare ")).otherwise("rarity"),
        hp=pl.when(row == 2).then(-5).otherwise("hp").cast(pl.Int32),
        name=pl.when(row == 2).then(None).otherwise("name"),
    )
    parts = data_engineering.receive_cards(delivery)
    assert parts["accepted"].height == 99 and parts["accepted"].schema == cards.schema
    assert parts["accepted"]["rarity"][0] == "Rare"
    assert parts["quarantined"].columns == [*cards.columns, "reasons"]
    assert parts["quarantined"]["reasons"].to_list() == ["name, hp"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda cards: cards.drop("hp"), "hp"),
        (lambda cards: cards.with_columns(artist=pl.lit("?")), "artist"),
        (lambda cards: cards.with_columns(pl.col("hp").cast(pl.Int64)), "hp"),
        (
            lambda cards: cards.with_columns(
                hp=pl.when(pl.int_range(pl.len()) < 21).then(pl.lit(-5, pl.Int32)).otherwise("hp")
            ),
            "21 of 100",
        ),
    ],
)
def test_refused(data_engineering: ModuleType, cards: pl.DataFrame, change, said: str) -> None:
    with pytest.raises(ValueError, match=f"Refused.*{said}"):
        data_engineering.receive_cards(change(cards))


def test_the_half_done_example(data_engineering: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """As shipped it says what is missing; finished as its comments ask, it is done; a wrong type gets a sentence."""
    assert "should be quarantined for `seller_id`" in data_engineering.tried(
        data_engineering.receive_listings
    )
    assert "should return a dict" in data_engineering.tried(lambda delivery: delivery)
    assert "TypeError" in data_engineering.tried(lambda: None)

    class Finished(data_engineering.Listings):
        seller_id: str = pa.Field(str_matches=r"^SEL\d{3}$")
        condition: str = pa.Field(isin=CONDITIONS)
        asking_price: float = pa.Field(gt=0, le=100_000)

    def finished(delivery: pl.DataFrame) -> dict[str, pl.DataFrame]:
        repaired = delivery.with_columns(pl.col(pl.String).str.strip_chars())
        repaired = repaired.with_columns(pl.col("condition").str.to_titlecase())
        monkeypatch.setattr(data_engineering, "Listings", Finished)
        parts = data_engineering.receive_listings(repaired)
        if parts["quarantined"].height > delivery.height / 5:
            raise ValueError("refused")
        return parts

    assert "All of it works" in data_engineering.tried(finished)
