"""The labelled traffic that a retraining learns from."""

import json

import polars as pl
import pytest
from pandera.errors import SchemaErrors

from cardshop import world
from cardshop.serving.schemas import COLUMNS
from cardshop.training.classifier import LABEL, split
from cardshop.training.labelled import Scans, labelled
from cardshop.training.tasks.card_types import parts

CARD = {"card_id": "KND-001", "hp": 237, "released_on": "2024-03-01", "legendary": False}


def write(folder, kind, *lines):
    folder.mkdir(exist_ok=True)
    with (folder / f"{kind}-2026-01-01.jsonl").open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def answer(request, second, card_type="Fire", version="1", **card):
    at = f"2026-01-01T00:00:{second:02}+00:00"
    return {"at": at, "request_id": request, "version": version, "card": CARD | card, "card_type": card_type}


def label(request, card_type, card_id="KND-001"):
    return {
        "at": "2026-01-02T00:00:00+00:00",
        "request_id": request,
        "card_id": card_id,
        "card_type": card_type,
    }


@pytest.fixture
def journal(tmp_path):
    """Two replicas with a file each: four answers, one without a label; one label is no type, one has no answer."""
    write(tmp_path / "a", "predictions", answer("second", 2), answer("unlabelled", 3))
    write(tmp_path / "b", "predictions", answer("first", 1, version="2", speed=7), answer("odd", 4))
    write(
        tmp_path / "a", "feedback", label("second", "Water"), label("second", "Fire"), label("odd", "Wtaer")
    )
    write(tmp_path / "b", "feedback", label("first", "Fire"), label("never asked", "Fire"))
    return tmp_path


def test_each_label_meets_its_answer_and_the_first_one_counts(journal):
    found = labelled(journal)
    assert found.scans[LABEL].to_list() == ["Fire", "Water"] and found.unknown == 1
    assert found.scans["speed"].to_list() == [7, None] and found.scans["hp"].to_list() == [237, 237]
    assert found.answers["version"].to_list() == ["2", "1"]
    assert found.answers["right"].to_list() == [True, False]
    assert found.since(found.answers["at"][1])[LABEL].to_list() == ["Water"]


def test_the_scans_keep_their_contract_and_have_the_columns_of_the_catalogue(journal, tmp_path, cards):
    for found in (labelled(journal), labelled(tmp_path / "nothing")):
        Scans.validate(found.scans, lazy=True)
        assert found.scans.select(cards.columns).schema == cards.schema
        assert found.scans.drop(LABEL).schema == pl.Schema(COLUMNS)
    with pytest.raises(SchemaErrors):
        Scans.validate(labelled(journal).scans.with_columns(pl.lit("Wtaer").alias(LABEL)), lazy=True)


def test_a_card_is_on_one_side_with_all_its_scans():
    cards = world.load("cards")
    scans = cards.sample(300, with_replacement=True, seed=0)
    train, test = parts(cards, scans, 0)
    assert set(train["card_id"]).isdisjoint(test["card_id"])
    assert train.height + test.height == cards.height + scans.height
    traffic = test.filter(source="traffic").drop("source")
    assert traffic.height > 30 and traffic.equals(
        scans.filter(pl.col("card_id").is_in(split(cards)[1]["card_id"].implode()))
    )
