"""A task: all that differs between two models of the shop. The steps of the job are the same for each."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl
from sklearn.pipeline import Pipeline

from cardshop.training.encoding import Encoder
from cardshop.training.gates import Answers, Gate


class Task(ABC):
    """What a model learns from, what it is judged by, and what is written about it."""

    model: ClassVar[str]
    """Its name in the registry."""
    title: ClassVar[str]
    purpose: ClassVar[str]
    """What it is for and what it is not for, as a paragraph of the model card."""
    row: ClassVar[str]
    label: ClassVar[str]
    given: ClassVar[tuple[str, ...]]
    """The columns that a model gets. Every other column is for splits, slices and groups."""
    slices: ClassVar[tuple[str, ...]]
    """The columns whose values are looked at one by one."""
    more_gates: ClassVar[tuple[Callable[[Any], Gate], ...]] = ()
    """The gates besides those that every task has."""

    @abstractmethod
    def read(self, seed: int) -> "Data":
        """Read the tables of a world, check them against their contracts, and split the rows.

        Raises pandera's SchemaErrors where a table breaks its contract.
        """

    @abstractmethod
    def fit(self, rows: pl.DataFrame, labels: np.ndarray) -> Pipeline:
        """Fit the candidate to rows with the columns `given`."""

    @abstractmethod
    def answers(self, model: Pipeline, data: "Data") -> Answers:
        """What a model says about the held-out rows, beside the baseline."""

    @abstractmethod
    def metrics(self, answers: Answers) -> dict[str, float]:
        """The numbers that the registry keeps."""


@dataclass(frozen=True)
class Data:
    """What a job learns from and is judged on. `version` changes with any of it.

    `lineage` says which tables it was made of, and how; `told` says it in a sentence for the model card.
    """

    task: Task
    train: pl.DataFrame
    test: pl.DataFrame
    version: str
    lineage: dict[str, object]
    told: str


def version_of(*tables: pl.DataFrame) -> str:
    """The version of data that are read from these tables: 16 hexadecimal digits, others for any other cell."""
    return hashlib.sha256("".join(table.write_csv() for table in tables).encode()).hexdigest()[:16]


class Tabular(Encoder):
    """An encoder for models that MLflow hands tables of pandas."""

    def transform(self, features: object) -> np.ndarray:
        return super().transform(pl.DataFrame(features))
