"""The tasks of the training job: card types, prices and churn go through the same steps (P-2)."""

from datetime import UTC, datetime, time

import mlflow
import numpy as np
import polars as pl
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.pipeline import make_pipeline
from typer.testing import CliRunner

from cardshop import world
from cardshop.churn import LABEL
from cardshop.command import app
from cardshop.training import gates, job
from cardshop.training.gates import Held
from cardshop.training.tasks import TASKS, churn, prices
from cardshop.training.tasks.churn import Churn, Risks
from cardshop.training.tasks.prices import Priced, Prices
from cardshop.training.tasks.task import Tabular
from cardshop.world.truth.events import LEAK


@pytest.fixture(scope="module")
def outcomes(registry):
    """What the first training of each task has found, all in one registry."""
    return {name: job.train(registry, task=task) for name, task in TASKS.items()}


@pytest.mark.parametrize("name", TASKS)
def test_each_task_registers_a_model_that_batch_jobs_can_load(outcomes, registry, name):
    outcome, task = outcomes[name], TASKS[name]
    assert outcome.passed, [gate.sentence for gate in outcome.gates if not gate.passed]
    assert registry.find(task.model) == outcome.version
    run, data = mlflow.get_run(outcome.version.run_id), task.read(0)
    assert run.data.tags["data_version"] == data.version and run.data.params["world"] == "0"
    assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/model_card.md").startswith(f"# {task.title}")
    loaded = mlflow.pyfunc.load_model(f"models:/{task.model}@champion")
    assert loaded.metadata.get_input_schema().input_names() == list(task.given)
    rows = data.test.select(task.given)
    asked = rows.cast({pl.Int32: pl.Float64, pl.Int64: pl.Float64}).to_pandas()
    model = registry.fetch(outcome.version).model
    assert np.allclose(loaded.predict(asked), getattr(model, "predict_proba", model.predict)(rows))


class MeanPrice(Prices):
    """A model that gives every card the same price."""

    def fit(self, rows, labels):
        return make_pipeline(Tabular(), DummyRegressor()).fit(rows, labels)


class EvenChance(Churn):
    """A model that does not know the rate."""

    def fit(self, rows, labels):
        return make_pipeline(Tabular(), DummyClassifier(strategy="uniform")).fit(rows, labels)


class Exaggerates(Churn):
    """A model that ranks well, but learned from rows in which every churned customer is there four times."""

    def fit(self, rows, labels):
        often = np.concatenate([np.arange(len(labels)), np.flatnonzero(labels).repeat(3)])
        return super().fit(rows[often], labels[often])


@pytest.mark.parametrize(
    ("task", "gate", "words"),
    [
        (MeanPrice(), "better than guessing", "EUR more than the median price of the rarity and condition."),
        (MeanPrice(), "holds against the champion", "it gains -"),
        (EvenChance(), "better than guessing", "Its log loss is 0.693, 0.198 more than always saying 22.6%."),
        (Exaggerates(), "calibrated", "too many"),
    ],
)
def test_a_bad_model_is_refused_with_the_number(outcomes, registry, task, gate, words):
    outcome = job.train(registry, task=task)
    failed = {one.name: one for one in outcome.gates if not one.passed}
    assert words in failed[gate].sentence
    assert registry.find(task.model).version == "1" < outcome.version.version


ROWS, TRUTH = 400, np.arange(400) % 4 == 0
TYPES = np.array(["Fire", "Water"])


def types(share):
    said = np.where(np.arange(ROWS) < share * ROWS, 0.9, 0.1)
    return Held(np.full(ROWS, "Fire"), np.column_stack([said, 1 - said]), TYPES)


def priced(off):
    paid = np.linspace(1, 50, ROWS)
    return Priced(paid, paid + off, paid + 9, np.arange(ROWS) // 4)


def risks(sure):
    return Risks(TRUTH, np.where(TRUTH, sure, 1 - sure), 0.25)


@pytest.mark.parametrize(
    ("better", "worse", "gained"),
    [
        (types(0.9), types(0.8), "10.0 points on"),
        (priced(1.0), priced(-1.5), "0.50 EUR on"),
        (risks(0.9), risks(0.8), "0.118 on"),
    ],
)
def test_the_champion_is_compared_in_the_direction_of_the_metric(better, worse, gained):
    gate = gates.holds_against(better, worse)
    assert gate.passed and f"gains +{gained} the champion" in gate.sentence
    gate = gates.holds_against(worse, better)
    assert not gate.passed and f"gains -{gained} the champion" in gate.sentence


def test_rows_of_a_group_count_as_one():
    gained = np.random.default_rng(0).normal(size=50)
    alone, many = gates.mean_gain(gained), gates.mean_gain(gained.repeat(20), np.arange(50).repeat(20))
    assert many == pytest.approx(alone)


def test_prices_are_learned_from_the_past_and_judged_on_what_follows():
    train, test, cut = prices.parts(world.load("cards"), world.load("sales"))
    assert train["sold_at"].max() < cut <= test["sold_at"].min()
    assert train.height + test.height == world.load("sales").height and test.height > 1_000


def test_churn_knows_nothing_that_arrives_later():
    customers, events = world.load("customers"), world.load("events")
    train, test, _, judged = churn.parts(customers, events)
    later = pl.col("arrived_at") >= datetime.combine(judged, time(), UTC)
    without = pl.concat([events.filter(~later), events.tail(1)])  # the last row says when the log ends
    changed, blind, *_ = churn.parts(customers, without)
    assert changed.equals(train), "neither features nor labels"
    assert blind.drop(LABEL).equals(test.drop(LABEL)) and not blind.equals(test)
    assert not any(name.startswith(LEAK) for name in Churn.given)


def test_the_command_trains_a_task_and_knows_no_other(tmp_path):
    done = CliRunner().invoke(app, ["train", "--task", "price", "--folder", str(tmp_path)])
    assert done.exit_code == 0 and "card-price 1 is the champion: batch jobs load it" in done.output
    done = CliRunner().invoke(app, ["train", "--task", "prize", "--folder", str(tmp_path)])
    assert done.exit_code == 2 and "There is no task 'prize': choose type, price or churn." in done.output
