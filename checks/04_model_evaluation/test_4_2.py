"""4.2: planted patterns in fifty mistakes. A false discovery costs what a pattern gives; seeds are held out."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, combinations

import numpy as np
import polars as pl
from scipy.stats import hypergeom

from cardshop.mistakes import COLUMNS, judged
from grader.engine import Mismatch, checks, expect, kind_of, remembered

PATTERN = "Is there a pattern in the mistakes?"
WORLDS = 12
ENOUGH = 0.8  # of what is planted, after the false discoveries are taken off
SHADOWS = 6  # tables in which a pattern makes another slice look bad
FEW = 5  # mistakes; a slice with fewer is never as unlikely as CLEAR
CLEAR, LUCK = 1e-6, 1e-4  # a probability that every bar calls a pattern, and one that none does


def tables(
    seed: int, number: int, least: int = 0, most: int = 2
) -> Iterator[tuple[pl.DataFrame, list[dict[str, str]]]]:
    """Tables with at least and at most so many planted patterns."""
    rng = np.random.default_rng(seed)
    while number:
        table, planted = judged(int(rng.integers(2**62)))
        if least <= len(planted) <= most:
            number -= 1
            yield table, planted


def claimed(submission, table: pl.DataFrame) -> list[dict[str, str]]:
    """The slices that the submission claims; their form is right, and their numbers hold."""
    answer = submission.patterns(table)
    if not isinstance(answer, list | tuple):
        raise Mismatch("a list of claims", got=kind_of(answer))
    slices = []
    for at, one in enumerate(answer, start=1):
        if not isinstance(one, dict) or not {"slice", "size", "effect"} <= set(one):
            raise Mismatch(f"slice, size and effect in claim {at}", got=f"{one!r:.120}")
        part = one["slice"]
        if not isinstance(part, dict) or not 1 <= len(part) <= 2:
            raise Mismatch(f"one or two columns in the slice of claim {at}", got=f"{part!r:.120}")
        for name, value in part.items():
            if name not in COLUMNS or value not in COLUMNS[name]:
                raise Mismatch(
                    f"a column and a value of COLUMNS in claim {at}", got=f"{name!r}: {value!r:.60}"
                )
        _holds(one, table)
        slices.append(dict(part))
    for part in slices:
        expect(slices.count(part) == 1, "each slice once", because=f"{part} is claimed twice")
    return slices


def _holds(claim: dict, table: pl.DataFrame) -> None:
    part = claim["slice"]
    inside, outside = table.filter(**part), table.remove(**part)
    if claim["size"] != inside.height:
        raise Mismatch(f"a size of {inside.height} for {part}", got=f"{claim['size']!r:.40}", reread=PATTERN)
    effect = claim["effect"]
    if isinstance(effect, bool) or not isinstance(effect, int | float) or not math.isfinite(effect):
        raise Mismatch(f"a number as the effect of {part}", got=f"{effect!r:.40}")
    share = inside["wrong"].mean() or 0.0
    true = share - outside["wrong"].mean()
    if abs(effect - true) <= 0.001:
        return
    causes = {
        "that is the share inside alone": share,
        "that is the difference from all rows, not from the rows outside": share - table["wrong"].mean(),
        "the sign is the other way round": -true,
    }
    said = [cause for cause, value in causes.items() if abs(effect - value) <= 0.001]
    raise Mismatch(
        f"an effect of {true:.4f} for {part}", got=f"{effect:.4f}", because=", or ".join(said), reread=PATTERN
    )


def expect_found(slices: list[dict], planted: list[dict]) -> None:
    """Expect that what is planted is claimed."""
    for part in planted:
        if part not in slices:
            near = [one for one in slices if set(one) & set(part)]
            because = f"{near[0]} is too wide or too narrow" if near else "it was not found"
            raise Mismatch(
                f"{part} among the patterns", got=f"{slices!r:.200}", because=because, reread=PATTERN
            )


@checks("4.2", weight=0)
def test_numbers(submission, seed):
    """Claims patterns whose size and effect hold, and at least one that was planted."""
    found = 0
    for table, planted in tables(seed, 2, least=1):
        found += sum(part in planted for part in claimed(submission, table))
    expect(
        found,
        "a planted pattern in one of two tables",
        because="none of the claims names one",
        reread=PATTERN,
    )


@checks("4.2")
def test_nothing_false(submission, seed):
    """Leaves out what luck explains."""
    false = 0
    for table, planted in chain(tables(seed, 2, most=0), tables(seed, 2, least=1)):
        more = [part for part in claimed(submission, table) if part not in planted]
        false += len(more)
        expect(
            false <= 1,
            "no more than one false discovery in four tables",
            got=lambda more=more, false=false: f"{false}, among them {more[0]}",
            because="a false discovery: among several hundred slices some look bad by accident",
            reread=PATTERN,
        )


@checks("4.2")
def test_found(submission, seed):
    """Finds what was planted in a table."""
    missed = 0
    for table, planted in tables(seed, 3, least=1):
        slices = claimed(submission, table)
        try:
            expect_found(slices, planted)
        except Mismatch:
            missed += 1
            if missed > 1:  # one may be missed; the message is about the call that came last
                raise


def suspects(table: pl.DataFrame) -> dict[frozenset, tuple[float, float]]:
    """Slices with FEW mistakes or more: the probability of so many by luck, and the share inside over that outside."""
    values = {name: table[name].to_numpy() for name in COLUMNS}
    wrong = table.filter("wrong").select(*COLUMNS).rows(named=True)
    names = [*combinations(COLUMNS, 1), *combinations(COLUMNS, 2)]
    bad = Counter(frozenset((name, row[name]) for name in some) for row in wrong for some in names)
    bad = {part: count for part, count in bad.items() if count >= FEW}
    inside = np.array([*bad.values()])
    sizes = np.array(
        [np.logical_and.reduce([values[name] == value for name, value in part]).sum() for part in bad]
    )
    chances = hypergeom.sf(inside - 1, table.height, len(wrong), sizes)
    lifts = inside / sizes * (table.height - sizes) / np.maximum(len(wrong) - inside, 0.5)
    return dict(zip(bad, zip(chances, lifts, strict=True), strict=True))


def search(table: pl.DataFrame, bar: float) -> list[frozenset]:
    """The clearest slice, then the clearest of what is left without its rows, until luck explains it."""
    found = []
    while every := suspects(table):
        part = min(every, key=every.get)
        if every[part][0] > bar:
            break
        found.append(part)
        table = table.remove(**dict(part))
    return found


def shadows(table: pl.DataFrame, planted: list[dict[str, str]]) -> tuple[bool, bool]:
    """Whether a pattern makes a slice look bad that overlaps with it, and one that has a higher lift.

    Neither is counted where a careful search could be misled, with a strict bar or with a loose one.
    """
    own, every = [frozenset(part.items()) for part in planted], suspects(table)
    false = [part for part, (chance, _) in every.items() if chance < CLEAR and part not in own]
    if not false or not {*own} == {*search(table, CLEAR)} == {*search(table, LUCK)}:
        return False, False
    beside = larger = False
    for part in false:
        causes = [every[one] for one in own if one & part]
        if not causes or min(causes)[0] * 100 > every[part][0]:
            return False, False
        beside |= not any(part <= one or one <= part for one in own)
        larger |= every[part][1] > max(lift for _, lift in causes)
    return beside, larger


@remembered
def shadowed(seed: int) -> list[tuple[pl.DataFrame, list[dict[str, str]]]]:
    """SHADOWS tables, in turn with one kind of shadow and with the other."""
    rng, chosen = np.random.default_rng(seed), []
    while len(chosen) < SHADOWS:
        table, planted = judged(int(rng.integers(2**62)))
        if planted and shadows(table, planted)[len(chosen) % 2]:
            chosen.append((table, planted))
    return chosen


Counts = tuple[int, int, int]


def balance(submission, some: Iterable[tuple[pl.DataFrame, list[dict[str, str]]]]) -> Counts:
    """Patterns that were found, false discoveries, and patterns that were planted, in these tables."""
    found = false = all_planted = 0
    for table, planted in some:
        slices = claimed(submission, table)
        hits = sum(part in planted for part in slices)
        found, false, all_planted = found + hits, false + len(slices) - hits, all_planted + len(planted)
    return found, false, all_planted


def expect_enough(found: int, false: int, planted: int, because: str) -> None:
    expect(
        found - false >= ENOUGH * planted,
        f"{ENOUGH:.0%} of {planted} patterns, each false discovery taken off",
        got=f"{found} found, {false} false",
        because=because if false else "",
        reread=PATTERN,
    )


@checks("4.2", weight=6, public=False, live=False)
def test_held_out(submission, seed, record_property):
    """Finds four fifths of what was planted, each false discovery taken off: in six hard tables, then in twelve."""
    expect_enough(
        *balance(submission, shadowed(seed)),
        "here patterns make slices look bad that overlap with them: set the rows of a pattern aside, then search again",
    )
    counts = balance(submission, tables(seed, WORLDS))
    record_property("patterns", dict(zip(("found", "false", "planted"), counts, strict=True)))
    expect_enough(*counts, "each false discovery takes away what a found pattern gives")
