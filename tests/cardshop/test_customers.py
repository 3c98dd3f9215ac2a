"""Customers, their events and the churn table: what the recorded truth says about them is in them, in twenty worlds."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import polars.selectors as cs
import pyarrow.parquet as pq
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from cardshop import contracts
from cardshop.churn import LABEL, churn_table
from cardshop.world import stream_events
from cardshop.world.truth.customers import customers
from cardshop.world.truth.events import ABROAD, CLOSED, LEAK, OPENED, weeks
from cardshop.world.truth.randomness import generator

SEEDS, COUNT, DAYS = range(20), 700, 90
SPRING, SUMMER = date(2026, 4, 1), date(2026, 7, 1)


@pytest.fixture(scope="module")
def worlds(world):
    """Twenty small logs: customers, events, departures; the market is that of world 0."""
    sold = world["sales"].filter(pl.col("customer_id") <= "C00420")
    logs = []
    for seed in SEEDS:
        accounts = customers(sold, generator(seed, "customers"), COUNT)
        log = list(weeks(accounts, sold, world["cards"], generator(seed, "events")))
        logs.append((accounts, *(pl.concat(parts) for parts in zip(*log, strict=True))))
    return logs


@pytest.fixture(scope="module")
def tables(worlds):
    """The churn tables of all worlds by day and clock, in one frame, and who has complained."""
    found = {}
    for day in (SPRING, SUMMER):
        for clock in ("arrived_at", "occurred_at"):
            parts = []
            for seed, (accounts, events, _) in zip(SEEDS, worlds, strict=True):
                upset = events.filter(
                    pl.col("occurred_at").dt.date().is_between(day - timedelta(DAYS), day, closed="left"),
                    pl.col("detail") != "question",
                    event_type="support",
                )
                table = churn_table(accounts, events, day, DAYS, clock=clock)
                upset = pl.col("customer_id").is_in(upset["customer_id"].implode())
                parts.append(table.with_columns(complaint=upset, seed=pl.lit(seed)))
            found[day, clock] = pl.concat(parts)
    return found


@pytest.fixture(scope="module")
def both(tables):
    """The churn tables of both days, as they could be known."""
    return pl.concat([tables[SPRING, "arrived_at"], tables[SUMMER, "arrived_at"]])


def forest(train: pl.DataFrame, test: pl.DataFrame) -> float:
    """The area under the ROC curve of a forest that was trained on one table, in another."""
    both = pl.concat([train, test]).drop("customer_id", "seed", "complaint", LABEL).to_dummies(cs.string())
    x = both.fill_null(DAYS).to_numpy()
    model = RandomForestClassifier(25, min_samples_leaf=5, max_samples=0.3, random_state=0, n_jobs=1)
    model.fit(x[: train.height], train[LABEL])
    return roc_auc_score(test[LABEL], model.predict_proba(x[train.height :])[:, 1])


def rate(table: pl.DataFrame, *chosen: pl.Expr, **values: object) -> float:
    return table.filter(*chosen, **values)[LABEL].mean()


def test_contracts_and_references_hold(worlds, world):
    for accounts, events, _ in worlds[:2]:
        contracts.Customers.validate(accounts)
        contracts.Events.validate(events)
        contracts.check_references(
            **world | {"customers": accounts, "events": events, "sales": world["sales"][:0]}
        )
        assert events["arrived_at"].is_sorted()
        assert events["occurred_at"].min() >= OPENED and events["arrived_at"].max() < CLOSED
        joined = events.join(accounts, on="customer_id")
        assert (joined["occurred_at"].dt.date() >= joined["joined_on"]).all()


def test_everybody_in_the_sales_had_an_account_before(world):
    accounts = customers(world["sales"], generator(0, "customers"))
    contracts.check_references(sales=world["sales"], customers=accounts)
    bought = world["sales"].join(accounts, on="customer_id")
    assert (bought["sold_at"].dt.date() >= bought["joined_on"]).all()


def test_who_left_never_comes_back(worlds):
    for _, events, departures in worlds:
        later = events.join(departures, on="customer_id").filter(pl.col("occurred_at") > pl.col("left_at"))
        assert set(later["event_type"]) <= {"support"}  # a complaint about the last parcel
        assert departures["customer_id"].is_unique().all()


@pytest.mark.parametrize("day", [SPRING, SUMMER])
def test_the_churn_rate_is_realistic(tables, day):
    rates = tables[day, "arrived_at"].group_by("seed").agg(pl.col(LABEL).mean())[LABEL]
    assert 0.15 < rates.mean() < 0.25 and rates.min() > 0.12 and rates.max() < 0.29


def test_the_recorded_drivers_show_in_the_churn_table(both):
    assert rate(both, complaint=True) > rate(both, complaint=False) + 0.08
    assert rate(both, newsletter=False) > rate(both, newsletter=True) + 0.02
    by_source = {name: rate(both, acquired_by=name) for name in both["acquired_by"].unique()}
    assert max(by_source, key=by_source.get) == "voucher" and min(by_source, key=by_source.get) == "friend"
    assert rate(both, segment="gift") > rate(both, segment="player") > rate(both, segment="collector")
    assert rate(both, pl.col("tenure_days") < 180) > rate(both, pl.col("tenure_days") > 700) + 0.08


def test_countries_differ_in_complaints_and_in_nothing_else(both):
    abroad = pl.col("country").is_in(ABROAD)
    assert both.filter(abroad)["complaint"].mean() > 1.8 * both.filter(~abroad)["complaint"].mean()
    assert rate(both, abroad) > rate(both, ~abroad) + 0.03
    x = both.select(
        abroad.alias("abroad"),
        "complaint",
        "newsletter",
        pl.col(f"purchase_{DAYS}", "days_since_purchase", "tenure_days").log1p(),
    )
    found = dict(
        zip(x.columns, LogisticRegression(C=100).fit(x.to_numpy(), both[LABEL]).coef_[0], strict=True)
    )
    assert abs(found["abroad"]) < 0.15 < 0.8 < found["complaint"]


def test_the_pace_follows_the_season(worlds):
    pace = []
    for _, events, departures in worlds:
        stayed = events.join(departures, on="customer_id", how="anti").filter(event_type="visit")
        old = (
            stayed.group_by("customer_id")
            .agg(pl.col("occurred_at").min())
            .filter(pl.col("occurred_at").dt.month() == 1)
        )
        month = stayed.join(old, on="customer_id", how="semi")["occurred_at"].dt.month()
        pace.append(((month == 7).sum(), (month == 1).sum()))
    july, january = np.sum(pace, axis=0)
    assert 0.60 < july / january < 0.85


def test_a_forest_beats_the_baseline_and_the_leak_gives_it_more(tables):
    honest = forest(tables[SPRING, "arrived_at"], tables[SUMMER, "arrived_at"])
    leaky = forest(tables[SPRING, "occurred_at"], tables[SUMMER, "occurred_at"])
    summer = tables[SUMMER, "arrived_at"]
    assert 0.66 < roc_auc_score(summer[LABEL], summer["days_since_purchase"]) < 0.78  # a rule, no model
    assert 0.78 < honest < 0.86 and honest + 0.03 < leaky < 0.93


def test_the_leak_is_known_only_to_who_looks_at_the_wrong_clock(tables, worlds):
    table = tables[SUMMER, "occurred_at"]
    told = pl.col(f"{LEAK}_{DAYS}") > 0
    assert rate(table, told) == 1.0 and table.filter(LABEL).select(told.mean()).item() > 0.25
    assert tables[SUMMER, "arrived_at"].select(told.mean()).item() < 0.5 * table.select(told.mean()).item()
    for _, events, departures in worlds:
        surveys = events.filter(event_type=LEAK).join(departures, on="customer_id", how="left")
        assert (surveys["arrived_at"] >= surveys["left_at"]).all() and surveys["left_at"].null_count() == 0
        assert (surveys["occurred_at"] < surveys["left_at"]).all()


def test_the_churn_table_counts_what_a_loop_counts(worlds):
    accounts, events, _ = worlds[0]
    table = churn_table(accounts, events, SPRING, 60, clock="arrived_at")
    rows = events.with_columns(pl.col("occurred_at", "arrived_at").dt.replace_time_zone(None)).partition_by(
        "customer_id", as_dict=True
    )
    for row in table.sample(20, seed=0).iter_rows(named=True):
        own = rows[row["customer_id"],].to_dicts()
        age = [(SPRING - event["occurred_at"].date()).days for event in own]
        known = [event["arrived_at"].date() < SPRING for event in own]
        bought = [event["event_type"] == "purchase" for event in own]
        near = [k and 0 < a <= 60 for k, a in zip(known, age, strict=True)]
        assert row["purchase_60"] == sum(n and b for n, b in zip(near, bought, strict=True)) > 0
        spent = sum(event["amount"] for event, n, b in zip(own, near, bought, strict=True) if n and b)
        assert row["spent_60"] == pytest.approx(spent)
        assert row[LABEL] != any(b and -60 < a <= 0 for b, a in zip(bought, age, strict=True))


@pytest.mark.parametrize(
    ("day", "days", "sentence"),
    [
        (date(2026, 2, 1), 90, "needs events from 2025-11-03"),
        (date(2026, 9, 1), 90, "to 2026-11-30, but they go from 2026-01-01 to 2026-09-30"),
        (SPRING, 7, "30 days or more"),
    ],
)
def test_windows_that_the_events_do_not_cover_get_a_sentence(worlds, day, days, sentence):
    with pytest.raises(ValueError, match=sentence):
        churn_table(*worlds[0][:2], day, days, clock="arrived_at")


def test_the_shortest_window_has_each_column_once_and_an_unknown_clock_gets_a_sentence(worlds):
    table = churn_table(*worlds[0][:2], SPRING, 30, clock="arrived_at")
    assert "visit_30" in table.columns and table["purchase_30"].min() > 0
    with pytest.raises(ValueError, match="There is no clock 'arrived': choose"):
        churn_table(*worlds[0][:2], SPRING, clock="arrived")


def test_a_streamed_log_keeps_the_contract_and_is_the_same_again(tmp_path):
    sizes = []
    people, log = stream_events(tmp_path, 300, 3, sizes.append)
    accounts, events = pl.read_parquet(people), pl.read_parquet(log)
    contracts.Customers.validate(accounts)
    contracts.Events.validate(events)
    contracts.check_references(customers=accounts, events=events)
    assert accounts.height == 300 and sum(sizes) == events.height
    assert events["arrived_at"].is_sorted() and pq.ParquetFile(log).num_row_groups == len(sizes) == 39
    (tmp_path / "again").mkdir()
    assert pl.read_parquet(stream_events(tmp_path / "again", 300, 3)[1]).equals(events)
    with pytest.raises(ValueError, match="no log of 0 customers"):
        stream_events(tmp_path, 0, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "again",
        "customers-large.parquet",
        "events-large.parquet",
    ]
