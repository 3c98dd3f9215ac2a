"""1.0: the rows of a table on which a condition is true."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cardshop.quality import RARITIES
from checks.shared.strategies import RANDOM, fresh_cards
from grader.engine import Mismatch, as_table, checks, expect

POLARS = "polars in ten lines"
NEARLY = ("rare", "RARE", "Rare ", "Rare Holo")  # not exactly "Rare"


def mixed_cards(random: int, size: int) -> pl.DataFrame:
    """Cards of which at least two are Rare and at least one is not."""
    rng = np.random.default_rng(random)
    rarities = ["Rare", "Rare", "Common", *rng.choice([*RARITIES, *NEARLY], size - 3)]
    return fresh_cards(rng, size).with_columns(rarity=pl.Series(rng.permutation(rarities)))


CARDS = st.builds(mixed_cards, RANDOM, st.integers(3, 6))


def rare(submission, cards: pl.DataFrame) -> pl.DataFrame:
    """Call the function; its answer has the columns of `cards`."""
    table = as_table(submission.rare_cards(cards))
    if table.columns != cards.columns:
        raise Mismatch(
            f"the {cards.width} columns of `cards`",
            got=f"{table.width} columns: {', '.join(table.columns[:5])}",
            reread=POLARS,
        )
    return table


@checks("1.0", weight=0, examples=(2, 20))
@given(cards=CARDS)
def test_rare(submission, cards):
    """Returns every Rare card and no other."""
    table = rare(submission, cards)
    rarities = dict(cards.select("card_id", "rarity").rows())
    returned = table["card_id"].cast(pl.String).to_list()
    for card in returned:
        if rarities.get(card) != "Rare":
            what = f"{card} is {rarities[card]}" if card in rarities else f"{card} is not in `cards`"
            raise Mismatch('only cards whose rarity is "Rare"', because=what, reread=POLARS)
    missing = [card for card, rarity in rarities.items() if rarity == "Rare" and card not in returned]
    expect(
        not missing,
        "every card whose rarity is Rare",
        because=lambda: f"{missing[0]} is Rare and is not in the answer",
        reread=POLARS,
    )


@checks("1.0", examples=(2, 20))
@given(cards=CARDS)
def test_whole_rows(submission, cards):
    """Returns whole rows, in the order of the cards."""
    table, wanted = rare(submission, cards), cards.filter(pl.col("rarity") == "Rare")
    expect(
        table["card_id"].to_list() == wanted["card_id"].to_list(),
        f"the rows of {', '.join(wanted['card_id'])}, in this order",
        got=", ".join(map(str, table["card_id"])),
    )
    for name, dtype in cards.schema.items():
        values = _values(table[name], dtype)
        if values != wanted[name].to_list():
            raise Mismatch(f"{wanted[name].to_list()} in `{name}`, as in `cards`", got=str(values))


def _values(column: pl.Series, dtype: pl.DataType) -> list:
    """The values of a column; pandas has other dtypes for some of them."""
    try:
        return column.cast(dtype).to_list()
    except pl.exceptions.PolarsError:
        return column.to_list()


@checks("1.0", public=False, live=False)
def test_many(submission, seed):
    """Does the same on a whole catalogue, and on one without rare cards."""
    cards = mixed_cards(seed % 2**32, 500)
    for table in (
        cards,
        pl.concat([cards, cards.filter(rarity="Rare")]),
        cards.filter(pl.col("rarity") != "Rare"),
    ):
        wanted = table.filter(pl.col("rarity") == "Rare")
        answer = as_table(submission.rare_cards(table))
        expect(
            answer.columns == cards.columns and answer["card_id"].to_list() == wanted["card_id"].to_list(),
            "the rare cards",
            because="the answer is wrong on a larger table, with cards that come twice, or without rare cards",
        )
