"""2.0: three findings that hold in every world, and an estimate that a biased sample does not bias."""

import math
import re
from collections import Counter

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cardshop.market import market_table
from cardshop.world.truth.build import tables
from checks.shared import claims as claim_checker
from checks.shared.worlds import SEEDS, worlds
from grader.engine import Mismatch, Raised, checks, expect, kind_of, remembered

QUESTIONS = "Questions before plots"
MISSING = "Who is missing from the table"

# --- 2.0a

OWN_WORLD = 0  # what `world.load` gives without a seed
LEAST_ROWS = 100  # of a slice, and of the rows beside it
LEAST_DIFFERENCE = 0.2  # of the slice from the other rows, relative to these
EXAMPLE = ("print_run", "rarity")  # the text shows it


@remembered
def market_of(seed: int) -> pl.DataFrame:
    world = tables(seed)
    return market_table(world["cards"], world["listings"], world["sales"])


def stated(submission, table: pl.DataFrame) -> list[claim_checker.Claim]:
    """The three claims of the submission about a table; their form is right."""
    given = submission.market_findings(table)
    if not isinstance(given, list | tuple) or len(given) != 3:
        got = f"{len(given)} claims" if isinstance(given, list | tuple) else kind_of(given)
        raise Mismatch("a list of three claims", got=got)
    claims = []
    for at, one in enumerate(given, start=1):
        try:
            claim = claim_checker.read(one)
        except claim_checker.ClaimError as error:
            raise Mismatch(f"claim {at} in the form that the task gives", because=str(error)) from None
        if claim.name not in ("mean", "median"):
            raise Mismatch(f"a mean or a median in claim {at}", got=claim.statistic)
        if len(claim.where) != 1:
            raise Mismatch(f"one column in the slice of claim {at}", got=f"{len(claim.where)} columns")
        claims.append(claim)
    return claims


def agree(claims: list[claim_checker.Claim], table: pl.DataFrame) -> None:
    """Expect claims that agree with the table."""
    for claim in claims:
        found = claim_checker.recompute(claim, {"market": table})
        if not found.holds:
            typed = claim_checker.recompute(claim, {"market": market_of(OWN_WORLD)}).holds
            raise Mismatch(
                "claims that agree with `market`",
                because=found.sentence
                + (
                    " The value belongs to your own world; compute it from `market` instead." if typed else ""
                ),
                reread=QUESTIONS,
            )


def beside(claim: claim_checker.Claim, table: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of a claim's slice and all other rows, of those with a value in both columns of the claim."""
    known = table.filter(pl.col(*claim.where).is_not_null(), pl.col(claim.column).is_not_null())
    inside = pl.Series(range(known.height), dtype=pl.Int64).is_in(claim_checker.rows(claim, known))
    return known.filter(inside), known.filter(~inside)


def large(claims: list[claim_checker.Claim], table: pl.DataFrame) -> None:
    """Expect slices of which neither they nor the rows beside them are few."""
    for claim in claims:
        for side, words in zip(beside(claim, table), ("in the slice", "beside the slice"), strict=True):
            expect(
                side.height >= LEAST_ROWS,
                lambda words=words: f"at least {LEAST_ROWS} rows {words}",
                got=lambda side=side, claim=claim: (
                    f"{side.height}, in the claim {claim_checker.title(claim)}"
                ),
                reread=QUESTIONS,
            )


def differ(claims: list[claim_checker.Claim], table: pl.DataFrame) -> None:
    """Expect slices that differ from the rows beside them."""
    for claim in claims:
        whole = claim.model_copy(update={"where": {}})  # of the rows on one side
        inside, others = (claim_checker.statistic(whole, {"market": side}) for side in beside(claim, table))
        expect(
            abs(inside - others) >= LEAST_DIFFERENCE * abs(others) and inside != others,
            lambda: f"a slice that differs from the other rows by at least {LEAST_DIFFERENCE:.0%}",
            got=lambda claim=claim, inside=inside, others=others: (
                f"{inside:.4g} in the slice and {others:.4g} in the other rows, in the claim "
                f"{claim_checker.title(claim)}"
            ),
            reread=QUESTIONS,
        )


def of_three_questions(claims: list[claim_checker.Claim]) -> None:
    """Expect claims that answer different questions."""
    questions = [(claim.column, *claim.where) for claim in claims]
    for column, by in questions:
        if column == by:
            raise Mismatch(
                "a slice by another column", because=f"`{column}` is described and sliced by itself"
            )
        if (column, by) == EXAMPLE:
            raise Mismatch("findings of your own", because=f"`{column}` by `{by}` is the example in the text")
        if sum({column, by} == set(other) for other in questions) > 1:
            raise Mismatch(
                "three different questions",
                because=f"two claims are about `{column}` and `{by}`; two columns have one relation, whichever of "
                "them is in the slice",
                reread=QUESTIONS,
            )


@checks("2.0a", weight=0)
def test_own_world(submission):
    """States three claims that agree with your own world."""
    table = market_of(OWN_WORLD)
    agree(stated(submission, table), table)


@checks("2.0a", weight=0, examples=(1, 2))
@given(seed=SEEDS)
def test_held_out_world(submission, seed):
    """States three claims that agree with another world, when it is given that world."""
    table = market_of(seed)
    agree(stated(submission, table), table)


@checks("2.0a")
def test_large(submission):
    """Compares slices that are large enough."""
    large(stated(submission, market_of(OWN_WORLD)), market_of(OWN_WORLD))


@checks("2.0a")
def test_differ(submission):
    """Finds slices that differ from the other rows."""
    table = market_of(OWN_WORLD)
    claims = stated(submission, table)
    large(claims, table)
    differ(claims, table)


@checks("2.0a")
def test_questions(submission):
    """Answers three different questions."""
    of_three_questions(stated(submission, market_of(OWN_WORLD)))


@checks("2.0a", weight=5, public=False, live=False)
def test_elsewhere(submission, seed):
    """Does all of it in other worlds."""
    for world in worlds(seed, 6):
        table = market_of(world.seed)
        claims = stated(submission, table)
        agree(claims, table)
        large(claims, table)
        differ(claims, table)
        of_three_questions(claims)


# --- 2.0b

GROUPS = ("Common", "Uncommon", "Rare", "Holo", "Ultra", "Secret")
VALUES = st.one_of(st.integers(0, 40).map(lambda n: n / 4), st.sampled_from([100.0, -2.5]))


@st.composite
def samples(
    draw: st.DrawFn,
    nulls: bool = False,
    strangers: bool = False,
    unneeded: bool = False,
    yes_no: bool = False,
) -> tuple[pl.DataFrame, dict[str, float]]:
    """A sample in which every group of the population has a row with a value; the shares of the population.

    `nulls` puts rows without a value into it, `strangers` rows of groups that the population does not have, `unneeded`
    a group with the share 0 into the population. `yes_no` makes the values booleans.
    """
    groups = draw(st.permutations(GROUPS).map(lambda order: order[:4]))
    values = st.booleans() if yes_no else VALUES
    rows = [(group, draw(values)) for group in groups[:3]]
    rows += draw(st.lists(st.tuples(st.sampled_from(groups[:3]), values), min_size=1, max_size=6))
    if nulls:
        rows += draw(st.lists(st.tuples(st.sampled_from(groups[:3]), st.none()), min_size=1, max_size=3))
    if strangers:
        others = st.sampled_from([groups[3], None])
        rows += draw(st.lists(st.tuples(others, values), min_size=1, max_size=3))
    parts = draw(st.permutations([1, 2, 5]))  # unequal, so that a message can tell mistakes apart
    shares = {group: part / sum(parts) for group, part in zip(groups, parts, strict=False)}
    if unneeded:
        shares[groups[3]] = 0.0
    sample = pl.DataFrame(
        draw(st.permutations(rows)),
        schema={"group": pl.String, "value": pl.Boolean if yes_no else pl.Float64},
        orient="row",
    )
    return sample, shares


def usable(sample: pl.DataFrame, shares: dict[str, float]) -> dict[str, list[float]]:
    """The values of each group that counts."""
    return {
        group: [float(value) for one, value in sample.rows() if one == group and value is not None]
        for group, share in shares.items()
        if share
    }


def estimate(sample: pl.DataFrame, shares: dict[str, float]) -> float:
    return sum(shares[group] * sum(values) / len(values) for group, values in usable(sample, shares).items())


def mistakes(sample: pl.DataFrame, shares: dict[str, float]) -> dict[str, float]:
    """What well-known mistakes give for a sample, by what is to be said about them."""
    groups = usable(sample, shares)
    rows = [(group, value) for group, values in groups.items() for value in values]
    sizes = Counter(group for group, _ in rows)
    every = Counter(sample["group"])
    raw = [float(value) for value in sample["value"] if value is not None]

    def weighted(weights: dict[str, float]) -> float:
        return sum(weights[group] * value for group, value in rows) / sum(weights[group] for group, _ in rows)

    return {
        "that is the plain mean of the sample: every row has the same weight": sum(raw) / len(raw),
        "that is the mean of the groups' means: every group has the same weight": (
            sum(sum(values) / len(values) for values in groups.values()) / len(groups)
        ),
        "the weights are upside down: they make groups smaller that are too small already": weighted(
            {group: sizes[group] / shares[group] for group in groups}
        ),
        "each row has the weight of its whole group, so a group with more rows still counts more": weighted(
            shares
        ),
        "rows without a value were counted when the weights or means were computed": sum(
            shares[group] * sum(values) / every[group] for group, values in groups.items()
        ),
        "rows without a value took part in the weights": weighted(
            {group: shares[group] / every[group] for group in groups}
        ),
    }


def compare(submission, sample: pl.DataFrame, shares: dict[str, float]) -> None:
    """Expect the estimate."""
    given = submission.reweighted(sample, shares)
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise Mismatch("a finite number", got=f"{given!r}")
    wanted = estimate(sample, shares)
    if math.isclose(given, wanted, rel_tol=1e-6, abs_tol=1e-9):
        return
    causes = [
        cause
        for cause, value in mistakes(sample, shares).items()
        if math.isclose(given, value, rel_tol=1e-6, abs_tol=1e-9)
    ]
    raise Mismatch(f"{wanted:.6g}", got=f"{given:.6g}", because=", or ".join(causes), reread=MISSING)


@checks("2.0b", weight=0, examples=(10, 40))
@given(drawn=samples())
def test_estimate(submission, drawn):
    """Estimates the mean of the population."""
    compare(submission, *drawn)


@checks("2.0b", examples=(5, 20))
@given(drawn=samples(yes_no=True))
def test_share(submission, drawn):
    """Estimates a share when the values are yes and no."""
    compare(submission, *drawn)


@checks("2.0b", weight=2, examples=(10, 40))
@given(drawn=samples(nulls=True))
def test_nulls(submission, drawn):
    """Leaves rows without a value out before it counts anything."""
    compare(submission, *drawn)


@checks("2.0b", examples=(5, 20))
@given(drawn=samples(strangers=True))
def test_strangers(submission, drawn):
    """Leaves out rows of groups that the population does not have."""
    compare(submission, *drawn)


@checks("2.0b", examples=(5, 20))
@given(drawn=samples(unneeded=True))
def test_unneeded(submission, drawn):
    """Needs no rows of a group whose share is 0."""
    compare(submission, *drawn)


def refuses(submission, sample: pl.DataFrame, shares: dict[str, float], group: str) -> None:
    """Expect a ValueError that names the group of which the sample has no row with a value, and no other."""
    expected = f"a ValueError whose message names {group!r}, and no group that has values"
    try:
        given = submission.reweighted(sample, shares)
    except Raised as error:
        if "ValueError" not in error.types:
            raise
        if group not in error.message:
            raise Mismatch(expected, got=f"a ValueError with the message {error.message!r}") from None
        for other in usable(sample, shares).keys() - {group}:
            if re.search(rf"\b{other}\b", error.message):
                got = f"a ValueError with the message {error.message!r}"
                raise Mismatch(expected, got=got, because=f"it names {other}, which has values") from None
        return
    raise Mismatch(
        expected,
        got=f"{given!r}",
        because=f"no row of {group} has a value, and {shares[group]:.0%} of the population are in that group",
        reread=MISSING,
    )


@checks("2.0b", weight=2, examples=(5, 20))
@given(drawn=samples(), gone=st.integers(0, 2), empty=st.booleans())
def test_missing_group(submission, drawn, gone, empty):
    """Raises a ValueError that names a group without values."""
    sample, shares = drawn
    refuses(submission, *without(sample, shares, gone, empty))


def without(
    sample: pl.DataFrame, shares: dict[str, float], gone: int, empty: bool
) -> tuple[pl.DataFrame, dict[str, float], str]:
    """The sample without the rows of a group, or without their values where `empty`; the shares; the group."""
    group = list(shares)[gone]
    theirs = pl.col("group").eq_missing(pl.lit(group))
    sample = sample.with_columns(value=pl.when(~theirs).then("value")) if empty else sample.filter(~theirs)
    return sample, shares, group


@checks("2.0b", weight=9, public=False, live=False, examples=(1, 60))
@given(drawn=samples(nulls=True, strangers=True, unneeded=True), gone=st.integers(0, 2), empty=st.booleans())
def test_everything(submission, drawn, gone, empty):
    """Does all of it at once."""
    sample, shares = drawn
    compare(submission, sample, shares)
    refuses(submission, *without(sample, shares, gone, empty))


@checks("2.0b", weight=0.4, examples=(1, 2))
@given(drawn=samples(nulls=True))
def test_arguments(submission, drawn):
    """Leaves its arguments unchanged."""
    submission.reweighted(*drawn)
    mutated = submission.last.mutated
    expect(not mutated, "`sample` and `shares` unchanged", because="the call changed one of them")
