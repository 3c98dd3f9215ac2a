"""Store credit: who applied, whom the shop approved, who did not pay back, and how the score came to be unfair.

1. The risk of a loan depends on `RISK` and on care with money (`thrift`), which no column shows. It does not depend on
   the place of birth, on the district or on the age.
2. The bureau's score knows the thrift. It also gives points for a long credit history *in this country*, which says
   nothing about the risk. Applicants born abroad have a short history, so they score lower at the same risk (`CAUSE`).
   The same happens to the young, a little.
3. The shop approved applicants who scored above `CUTOFF`, give or take the mood of the clerk. One born abroad had to
   be a better risk to get in: at the same score, approved loans of people born abroad go bad less often.
4. The table shows only for approved applications whether the loan went bad. `would_be_bad` knows it for all.

The district is a proxy: it predicts the place of birth, and nothing about the risk. A model that does not see
`birthplace` still sees the score, which carries the bias, and without `history_months` nothing corrects it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import polars as pl

from cardshop.categories import BIRTHPLACES, DISTRICTS, EMPLOYMENTS, TERMS

ROWS = 20_000
OPENED, CLOSED = datetime(2024, 7, 1, tzinfo=UTC), datetime(2025, 9, 1, tzinfo=UTC)
PROTECTED, PROXY, CAUSE = "birthplace", "district", "history_months"

ABROAD_SHARE = 0.27
SEGREGATION = 1.0  # standard deviation between districts of the log-odds that an applicant was born abroad
CUSTOMER_SHARE = 0.30  # of applications by somebody with an account
EMPLOYMENT_SHARES = (0.58, 0.16, 0.10, 0.10, 0.06)
TERM_SHARES = (0.35, 0.45, 0.20)
ADULT = 16  # years: nobody has a credit history from before
EARNS_LESS = {"student": 0.5, "none": 0.45}  # times what others earn
NO_INCOME = 0.04  # share of applications without a stated income
CUTOFF, MOOD = 600, 15.0  # points; standard deviation of what the clerk adds


@dataclass(frozen=True)
class Risk:
    """Log-odds that a loan goes bad."""

    intercept: float = -3.35
    burden: float = 0.70  # times log(monthly instalment and other debt service / income), centred
    late_payments: float = 0.60  # each, of the last two years
    orders: float = -0.20  # times log(1 + purchases from the shop before the application)
    employment: dict[str, float] = field(
        default_factory=lambda: {
            "permanent": 0.0,
            "temporary": 0.45,
            "self-employed": 0.30,
            "student": 0.10,
            "none": 0.80,
        }
    )
    term: dict[int, float] = field(default_factory=lambda: {6: -0.15, 12: 0.0, 24: 0.30})
    thrift: float = -0.90  # each standard deviation


@dataclass(frozen=True)
class Score:
    """Points of the bureau's score."""

    base: float = 648.0
    risk: float = -34.0  # times the log-odds of the risk above the intercept, thrift included
    history: float = 30.0  # times log(history in months / `usual`)
    usual: float = 100.0  # months
    noise: float = 22.0  # standard deviation


RISK, SCORE = Risk(), Score()
HISTORY = {
    "domestic": (130.0, 0.55),
    "abroad": (32.0, 0.65),
}  # months: median, standard deviation of the logarithm


def applications(
    customers: pl.DataFrame, sales: pl.DataFrame, rng: np.random.Generator, rows: int = ROWS
) -> pl.DataFrame:
    """`rows` applications in the order of time, and two columns that the table does not show.

    `risk` is the probability that the loan goes bad, `would_be_bad` whether it does or would have.
    """
    table = _applicants(customers, sales, rng, rows)
    abroad = (table[PROTECTED] == "abroad").to_numpy()
    median, spread = (
        np.where(abroad, *pair) for pair in zip(HISTORY["abroad"], HISTORY["domestic"], strict=True)
    )
    adult = (table["age"].to_numpy() - ADULT) * 12
    history = (median * np.exp(rng.normal(0, spread))).round().clip(min=1, max=adult)
    income = (
        np.exp(rng.normal(7.75, 0.40, rows))
        * table["employment"].replace_strict(EARNS_LESS, default=1.0, return_dtype=pl.Float64).to_numpy()
    )
    amount = (np.exp(rng.normal(6.3, 0.6, rows)) / 10).round() * 10
    term = rng.choice(TERMS, rows, p=TERM_SHARES)
    debt = (rng.gamma(0.8, 160, rows) / 10).round() * 10
    late = rng.poisson(0.28, rows)
    thrift = rng.normal(0, 1, rows)
    burden = np.log((amount.clip(min=50) / term + debt + 20) / income) + 2.5
    above = (
        RISK.burden * burden
        + RISK.late_payments * late
        + RISK.orders * np.log1p(table["orders_before"].to_numpy())
        + table["employment"].replace_strict(RISK.employment, return_dtype=pl.Float64).to_numpy()
        + np.array([RISK.term[int(months)] for months in term])
        + RISK.thrift * thrift
    )
    risk = 1 / (1 + np.exp(-(RISK.intercept + above)))
    score = SCORE.base + SCORE.risk * above + SCORE.history * np.log(history / SCORE.usual)
    score = (score + rng.normal(0, SCORE.noise, rows)).round().clip(min=300, max=850)
    approved = score + rng.normal(0, MOOD, rows) >= CUTOFF
    bad = rng.random(rows) < risk
    stated = rng.random(rows) >= NO_INCOME
    return table.with_columns(
        income=pl.when(pl.Series(stated)).then(pl.Series((income / 10).round() * 10)),
        debt_service=pl.Series(debt),
        late_payments=pl.Series(late.astype(np.int32)),
        history_months=pl.Series(history.astype(np.int32)),
        amount=pl.Series(amount.clip(min=50)),
        term_months=pl.Series(term.astype(np.int32)),
        score=pl.Series(score.astype(np.int32)),
        approved=pl.Series(approved),
        bad=pl.when(pl.Series(approved)).then(pl.Series(bad)),
        risk=pl.Series(risk),
        would_be_bad=pl.Series(bad),
    )


def public(applications: pl.DataFrame) -> pl.DataFrame:
    """The table as the shop has it."""
    return applications.drop("risk", "would_be_bad")


def _applicants(
    customers: pl.DataFrame, sales: pl.DataFrame, rng: np.random.Generator, rows: int
) -> pl.DataFrame:
    """Who applied when: account, age, place of birth, district, employment, and what they had bought before."""
    span = int((CLOSED - OPENED).total_seconds())
    seconds = np.sort(rng.integers(0, span, rows))
    level = rng.normal(0, SEGREGATION, len(DISTRICTS))
    level += np.log(ABROAD_SHARE / (1 - ABROAD_SHARE)) - level.mean()
    district = rng.choice(len(DISTRICTS), rows)
    abroad = rng.random(rows) < 1 / (1 + np.exp(-level[district]))
    known = rng.permutation(customers.height)[: int(rows * CUSTOMER_SHARE)]
    account = np.full(rows, -1)
    account[rng.permutation(rows)[: len(known)]] = known
    table = pl.DataFrame(
        {
            "application_id": [f"A{number:06d}" for number in range(1, rows + 1)],
            "account": account,
            "applied_at": pl.Series(seconds * 1_000_000).cast(pl.Duration("us")) + OPENED,
            "age": (18 + rng.gamma(2.6, 7.5, rows)).astype(np.int32).clip(max=85),
            PROTECTED: pl.Series(BIRTHPLACES).gather(abroad.astype(np.int64)),
            PROXY: pl.Series(DISTRICTS).gather(district),
            "employment": pl.Series(EMPLOYMENTS).gather(
                rng.choice(len(EMPLOYMENTS), rows, p=EMPLOYMENT_SHARES)
            ),
        }
    ).with_columns(pl.col("applied_at").cast(pl.Datetime("us", "UTC")))
    holder = (
        customers.select("customer_id", "joined_on").with_row_index("account").cast({"account": pl.Int64})
    )
    table = table.join(holder, on="account", how="left", maintain_order="left").with_columns(
        pl.when(pl.col("joined_on") <= pl.col("applied_at").dt.date())
        .then("customer_id")
        .alias("customer_id")
    )
    orders = (
        table.select("application_id", "customer_id", "applied_at")
        .join(sales.select("customer_id", "sold_at"), on="customer_id")
        .filter(pl.col("sold_at") < pl.col("applied_at"))
        .group_by("application_id")
        .len("orders_before")
    )
    return table.join(orders, on="application_id", how="left", maintain_order="left").select(
        "application_id",
        "customer_id",
        "applied_at",
        "age",
        PROTECTED,
        PROXY,
        "employment",
        pl.col("orders_before").fill_null(0).cast(pl.Int32),
    )
