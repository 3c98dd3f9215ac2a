"""Two groups of applicants whose risks are known exactly, and what a cutoff does to each: the lesson's fairness puzzle.

The groups are made up for the puzzle. The credit table of the shop has nothing to do with them.
"""

import numpy as np
import polars as pl
from scipy.stats import beta

_MIDDLES = (np.arange(400) + 0.5) / 400

RISKS = {"group A": beta(1.6, 14).ppf(_MIDDLES), "group B": beta(2.4, 9).ppf(_MIDDLES)}
"""For each group the true chance of each of 400 applicants not to pay back, ascending."""

MEASURES = ("applicants approved", "good payers approved", "approved loans paid back")


def rates(risks: np.ndarray, cutoff: float) -> dict[str, float]:
    """Return the MEASURES, expected, if everybody with a risk of `cutoff` or less is approved. NaN: nobody is."""
    approved = risks <= cutoff
    paid = 1 - risks
    shares = (
        approved.mean(),
        paid[approved].sum() / paid.sum(),
        paid[approved].mean() if approved.any() else np.nan,
    )
    return dict(zip(MEASURES, map(float, shares), strict=True))


def table(cutoffs: dict[str, float]) -> pl.DataFrame:
    """A row for each of the MEASURES, with a column for each group."""
    by_group = {group: rates(RISKS[group], cutoff) for group, cutoff in cutoffs.items()}
    return pl.DataFrame(
        {"measure": measure, **{group: found[measure] for group, found in by_group.items()}}
        for measure in MEASURES
    )
