"""What lessons, exercises and the stack take from `cardshop.training`."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np

from cardshop import world
from cardshop.training.candidates import card_model
from cardshop.training.classifier import LABEL, split
from cardshop.training.contenders import BASELINE, contenders
from cardshop.training.tracking import store


def test_the_model_names_types_and_is_sure_of_something():
    train, test = split(world.load("cards", seed=5), seed=5)
    model = card_model(train.drop(LABEL), train[LABEL].to_numpy())
    chances = model.predict_proba(test.drop(LABEL))
    assert set(model.classes_) == set(train[LABEL])
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-5)
    assert (model.predict(test.drop(LABEL)) == test[LABEL].to_numpy()).mean() > 0.75


def test_the_contenders_are_new_each_time_and_one_is_trivial():
    assert contenders()[BASELINE] is not contenders()[BASELINE]
    assert len(contenders()) == 5


def test_the_store_is_whole_from_the_first_moment_and_keeps_its_runs(tmp_path, monkeypatch):
    monkeypatch.setattr("cardshop.training.tracking.DATA", tmp_path / "data")
    with ThreadPoolExecutor() as pool:  # a lesson and an exercise that are open side by side
        (place,) = set(pool.map(lambda _: store(), range(2)))
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["mlruns.db"]
    with closing(sqlite3.connect(place.removeprefix("sqlite:///"))) as database:
        assert database.execute("SELECT name FROM experiments").fetchall() == [("Default",)]
        database.execute("UPDATE experiments SET name = 'mine'")
        database.commit()
        assert store() == place
        assert database.execute("SELECT name FROM experiments").fetchall() == [("mine",)]
