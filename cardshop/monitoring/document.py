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


def write(reference: pl.DataFrame, window: pl.DataFrame, file: Path) -> list[str]:
    """Write the report on the columns of both tables as one HTML file, judged by the PSI as the monitor does.

    Evidently cuts numbers into other bins than `drift.py`, so its figures differ a little. It refuses a number that no
    row has; the names of those columns are returned, and the monitor's page shows them.
    """
    empty = [one.name for one in reference if not one.count() or not window[one.name].count()]
    reference, window = reference.drop(empty), window.drop(empty)
    numbers = [name for name, dtype in reference.schema.items() if dtype.is_numeric()]
    words = [name for name in reference.columns if name not in numbers]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=words)
    latest, before = (
        Dataset.from_pandas(
            one.with_columns(pl.col(words).cast(pl.String).fill_null("missing")).to_pandas(), definition
        )
        for one in (window, reference)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # it divides by the count of a column of words
        snapshot = Report([DataDriftPreset(method="psi", threshold=LARGE)]).run(latest, before)
        snapshot.save_html(str(file))
    return empty
