"""Evidently's drift report of live traffic, for a person who wants to look closer than the monitor's page allows.

It is apart from the monitor: importing evidently takes seconds, and a report has megabytes.
"""

import os
import warnings
from pathlib import Path

os.environ.setdefault("DO_NOT_TRACK", "1")  # read when evidently is imported

import polars as pl
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

from cardshop.monitoring.drift import LARGE


def write(reference: pl.DataFrame, window: pl.DataFrame, file: Path) -> None:
    """Write the report on the columns of both tables as one HTML file, judged by the PSI as the monitor does.

    Evidently leaves out missing values, so to it a scanner that stops reading a number is no drift. Each number
    therefore has a second column that says whether it is missing; a number that a table has nowhere has that one alone.
    Evidently also cuts numbers into other bins than `drift.py`, so its figures differ a little.
    """
    measured = [name for name, dtype in reference.schema.items() if dtype.is_numeric()]
    numbers = [name for name in measured if reference[name].count() and window[name].count()]
    latest, before = (
        _readable(one, measured).drop(set(measured) - set(numbers)) for one in (window, reference)
    )
    words = [name for name in before.columns if name not in numbers]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=words)
    preset = DataDriftPreset(
        method="psi", threshold=LARGE, drift_share=1 / before.width
    )  # one column is enough
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # it divides by the count of a column of words
        tables = [Dataset.from_pandas(one.to_pandas(), definition) for one in (latest, before)]
        Report([preset]).run(*tables).save_html(str(file))


def _readable(cards: pl.DataFrame, numbers: list[str]) -> pl.DataFrame:
    """The cards as evidently can compare them: words without gaps, and for each number whether it is missing."""
    return cards.with_columns(
        pl.exclude(numbers).cast(pl.String).fill_null("missing"),
        pl.col(numbers).is_null().cast(pl.String).name.suffix(" is missing"),
    )
