import polars as pl

from cardshop.world import load
from cardshop.world.species import STATS


def test_the_table_is_complete_and_in_order():
    table = load("species")
    assert table["number"].to_list() == list(range(1, 152))
    assert table["name"].n_unique() == 151
    assert table.drop("type_2").null_count().sum_horizontal().item() == 0
    assert (table["type_1"] != table["type_2"]).fill_null(True).all()


def test_well_known_totals_of_the_base_stats():
    total = dict(load("species").select("name", pl.sum_horizontal(STATS)).iter_rows())
    known = {
        "Bulbasaur": 318,
        "Charizard": 534,
        "Pikachu": 320,
        "Alakazam": 500,
        "Chansey": 450,
        "Magikarp": 200,
        "Gyarados": 540,
        "Ditto": 288,
        "Snorlax": 540,
        "Articuno": 580,
        "Zapdos": 580,
        "Moltres": 580,
        "Dragonite": 600,
        "Mewtwo": 680,
        "Mew": 600,
    }
    assert {name: total[name] for name in known} == known


def test_facts_that_older_tables_have_otherwise():
    rows = {row["name"]: row for row in load("species").iter_rows(named=True)}
    assert rows["Clefairy"]["type_1"] == "Fairy"
    assert rows["Jigglypuff"]["type_2"] == rows["Mr. Mime"]["type_2"] == "Fairy"
    assert rows["Magnemite"]["type_2"] == "Steel"
    assert (rows["Onix"]["height_m"], rows["Snorlax"]["weight_kg"], rows["Gastly"]["weight_kg"]) == (
        8.8,
        460.0,
        0.1,
    )
    assert [name for name, row in rows.items() if row["legendary"]] == [
        "Articuno",
        "Zapdos",
        "Moltres",
        "Mewtwo",
    ]
