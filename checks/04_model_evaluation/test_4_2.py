"""4.2: planted patterns in fifty mistakes. A false discovery costs what a pattern gives; seeds are held out."""

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

import numpy as np
import polars as pl

from cardshop.mistakes import COLUMNS, judged
from grader.engine import Mismatch, checks, expect, kind_of

PATTERN = "Is there a pattern in the mistakes?"
WORLDS = 12
ENOUGH = 0.8  # of what is planted, after the false discoveries are taken off


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


@lru_cache(maxsize=1)
def balance(submission, seed: int) -> tuple[int, int, int]:
    """Patterns that were found, false discoveries, and patterns that were planted, in held-out tables."""
    found = false = all_planted = 0
    for table, planted in tables(seed, WORLDS):
        slices = claimed(submission, table)
        hits = sum(part in planted for part in slices)
        found, false, all_planted = found + hits, false + len(slices) - hits, all_planted + len(planted)
    return found, false, all_planted


@checks("4.2", weight=6, public=False, live=False)
def test_held_out(submission, seed, record_property):
    """Finds four fifths of what was planted in twelve tables, after false discoveries are taken off."""
    found, false, planted = balance(submission, seed)
    record_property("patterns", {"found": found, "false": false, "planted": planted})
    expect(
        found - false >= ENOUGH * planted,
        f"{ENOUGH:.0%} of {planted} patterns, each false discovery taken off",
        got=f"{found} found, {false} false",
        because="each false discovery takes away what a found pattern gives" if false else "",
        reread=PATTERN,
    )
