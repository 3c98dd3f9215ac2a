"""Store credit: the recorded bias, its cause and its proxy can be found in the applications of twenty worlds."""

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cardshop import contracts
from cardshop.world.truth import credit
from cardshop.world.truth.credit import CAUSE, CUTOFF, PROTECTED, PROXY, RISK, SCORE
from cardshop.world.truth.customers import customers
from cardshop.world.truth.randomness import generator

SEEDS = range(20)
NUMBERS = (
    "age",
    "orders_before",
    "income",
    "debt_service",
    "late_payments",
    CAUSE,
    "amount",
    "term_months",
    "score",
)


@pytest.fixture(scope="module")
def worlds(world):
    """The applications of twenty worlds, with what the table does not show; the market is that of world 0."""
    accounts = customers(world["sales"], generator(0, "customers"))
    return [
        credit.applications(accounts, world["sales"], generator(seed, "credit"), 10_000) for seed in SEEDS
    ]


@pytest.fixture(scope="module")
def everyone(worlds):
    """All of them in one table."""
    return pl.concat(worlds)


def by_birthplace(table: pl.DataFrame, value: pl.Expr) -> tuple[float, float]:
    """The mean of `value` among applicants born here, and among those born abroad."""
    means = dict(table.group_by(PROTECTED).agg(value.mean()).iter_rows())
    return means["domestic"], means["abroad"]


def design(table: pl.DataFrame, *names: str) -> np.ndarray:
    """Columns as numbers: logarithms of what is skewed, a missing income as the median."""
    skewed = {"income", "amount", CAUSE} & set(names)
    return (
        table.select(names)
        .with_columns(pl.col("income").fill_null(2_000) if "income" in names else [])
        .with_columns(pl.col(*skewed).log() if skewed else [])
        .to_numpy()
    )


def model(table: pl.DataFrame, *names: str):
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(design(table, *names), table["bad"])


def test_contract_and_references_hold(worlds, world):
    accounts = customers(world["sales"], generator(0, "customers"))
    for table in worlds[:3]:
        contracts.Applications.validate(credit.public(table))
        contracts.check_references(applications=table, customers=accounts)
        held = table.join(accounts, on="customer_id")
        assert held.height > 1_000 and (held["applied_at"].dt.date() >= held["joined_on"]).all()
        before = held.join(world["sales"], on="customer_id").filter(pl.col("sold_at") < pl.col("applied_at"))
        assert before.height == table["orders_before"].sum() > 0


def test_few_loans_go_bad_and_most_applications_are_approved(worlds):
    shares = [
        (table["bad"].mean(), table["approved"].mean(), (table[PROTECTED] == "abroad").mean())
        for table in worlds
    ]
    bad, approved, abroad = zip(*shares, strict=True)
    assert min(bad) > 0.03 and max(bad) < 0.06
    assert min(approved) > 0.65 and max(approved) < 0.80
    assert min(abroad) > 0.20 and max(abroad) < 0.40


def test_the_shop_selects_people_born_abroad_less_often_at_equal_risk(worlds):
    for table in worlds:
        here, abroad = by_birthplace(table, pl.col("approved"))
        assert 0.20 < here - abroad < 0.38 and abroad / here < 0.8  # the four-fifths rule
        here, abroad = by_birthplace(table.filter(~pl.col("would_be_bad")), pl.col("approved"))
        assert 0.20 < here - abroad < 0.38  # true positive rate: those who would have paid
        here, abroad = by_birthplace(table, pl.col("risk"))
        assert here == pytest.approx(abroad, abs=0.008)


def test_at_the_same_score_loans_of_people_born_abroad_go_bad_less_often(worlds, everyone):
    near = pl.col("score").is_between(CUTOFF - 10, CUTOFF + 50)
    here, abroad = by_birthplace(everyone.filter(near), pl.col("bad"))
    assert here > 1.5 * abroad
    gaps = [
        here - abroad
        for here, abroad in (by_birthplace(table.filter(near), pl.col("bad")) for table in worlds)
    ]
    assert sum(gap > 0 for gap in gaps) >= 19


def test_the_cause_is_the_credit_history(worlds):
    for table in worlds:
        here, abroad = by_birthplace(table, pl.col("score"))
        assert here - abroad > 25
        alike = table.filter(pl.col(CAUSE).is_between(50, 90))
        here, abroad = by_birthplace(alike, pl.col("score") - SCORE.history * pl.col(CAUSE).log())
        assert here == pytest.approx(abroad, abs=9)
        assert np.corrcoef(np.log(table[CAUSE]), table["risk"])[0, 1] == pytest.approx(0, abs=0.04)
        slope = np.polyfit(np.log(table[CAUSE]), table["score"], 1)[0]
        assert slope == pytest.approx(SCORE.history, abs=2.5)


def test_the_district_gives_the_birthplace_away_and_not_the_risk(everyone, worlds):
    for table in worlds:
        shares = table.group_by(PROXY).agg((pl.col(PROTECTED) == "abroad").mean(), pl.col("risk").mean())
        assert shares[PROTECTED].max() - shares[PROTECTED].min() > 0.2
        assert shares["risk"].max() - shares["risk"].min() < 0.035


def test_a_regression_finds_the_recorded_drivers(everyone):
    table = everyone.sample(60_000, seed=0)
    burden = np.log(
        (table["amount"] / table["term_months"] + table["debt_service"] + 20)
        / table["income"].fill_null(2_000)
    )
    x = np.column_stack(
        [
            burden,
            table["late_payments"],
            np.log1p(table["orders_before"]),
            *(table["employment"] == name for name in RISK.employment if name != "permanent"),
        ]
    )
    found = LogisticRegression(C=100).fit(x, table["would_be_bad"]).coef_[0]
    truth = [RISK.burden, RISK.late_payments, RISK.orders]
    truth += [effect for name, effect in RISK.employment.items() if name != "permanent"]
    # what cannot be seen (thrift, stated incomes) pulls the coefficients of a logistic regression towards 0
    assert found == pytest.approx(0.88 * np.array(truth), abs=0.15)
    assert (np.sign(found) == np.sign(truth)).all()


def test_a_model_that_leaves_the_history_out_inherits_the_bias(everyone):
    train, test = everyone[:60_000].filter("approved"), everyone[150_000:]
    gaps, areas = {}, {}
    for name, columns in {"all": NUMBERS, "without": [n for n in NUMBERS if n != CAUSE]}.items():
        risk = model(train, *columns).predict_proba(design(test, *columns))[:, 1]
        chosen = pl.Series(risk < np.quantile(risk, 0.75))
        here, abroad = by_birthplace(test.with_columns(chosen=chosen), pl.col("chosen"))
        known = test["approved"].to_numpy()
        gaps[name], areas[name] = here - abroad, roc_auc_score(test.filter("approved")["bad"], risk[known])
    assert gaps["without"] > 0.12 and abs(gaps["all"]) < 0.05
    assert (
        0.64
        < areas["without"]
        < areas["all"]
        < 0.75
        < roc_auc_score(test["would_be_bad"], test["risk"])
        < 0.82
    )
