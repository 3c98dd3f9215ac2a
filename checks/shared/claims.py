"""Claims: numbers that somebody states about a table, recomputed from the table.

A claim is one mapping: `{"statistic": "mean(weight_kg)", "table": "delivery", "slice": {"rarity": "Holo"},
"value": 41.3, "tolerance": 0.1}`. It holds when the statistic, computed here, is within the tolerance of the
stated value, and when the tolerance is narrow enough for the claim to say something.

Statistics
    rows                    number of rows in the slice (exact)
    share                   rows in the slice / rows in the table, 0 to 1
    share_missing(column)   nulls / rows of the slice, 0 to 1
    unique(column)          number of different values, nulls not counted (exact)
    mean(column) median(column) std(column) min(column) max(column)      nulls not counted, std with n - 1
    psi(column)             population stability index against the same slice of the baseline table
    ks(column)              Kolmogorov-Smirnov distance against the baseline, 0 to 1

Slice: `{column: value}`, `{column: [value, ...]}` or `{column: {"min": a, "max": b}}`, both ends included;
several columns are joined by *and*; `{}` is the whole table; `None` selects nulls. Dates may be ISO strings.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Literal

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Scalar = bool | int | float | str | None

SHARE_FLOOR = 1e-4
"""An empty bin counts as this share in `psi`, so that its logarithm exists."""

SLICE_FORMS = (
    'write a dict such as {"rarity": "Holo"}, {"rarity": ["Holo", "Ultra"]} or {"hp": {"min": 100, "max": 150}}; '
    "values are texts, numbers, yes or no, or dates"
)
"""Said of a slice in another form."""

BINS = 10
"""`psi` cuts numbers at the deciles of the baseline."""


class ClaimError(ValueError):
    """The claim cannot be recomputed; the message is a sentence for the person who made it."""


class Range(BaseModel):
    """Both ends included; at least one of them given."""

    model_config = ConfigDict(extra="forbid")
    min: Finite | str | None = None
    max: Finite | str | None = None

    @model_validator(mode="after")
    def _has_an_end(self) -> "Range":
        if self.min is None and self.max is None:
            raise ValueError("a range needs `min`, `max` or both")
        return self


class Claim(BaseModel):
    """One stated number. `name` and `column` are the two parts of `statistic`; `column` may be empty."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    statistic: str
    table: str
    where: dict[str, Scalar | list[Scalar] | Range] = Field(alias="slice")
    value: Finite
    tolerance: Annotated[Finite, Field(ge=0)]

    @field_validator("where", mode="before")
    @classmethod
    def _dates_as_text(cls, where: object) -> object:
        return _as_text(where)

    @field_validator("statistic")
    @classmethod
    def _in_vocabulary(cls, text: str) -> str:
        match = re.fullmatch(r"(\w+)(?:\((\w+)\))?", text.strip())
        name = match.group(1) if match else ""
        if name not in VOCABULARY:
            raise ValueError(f"{text!r} is not in the vocabulary: {', '.join(VOCABULARY)}")
        if VOCABULARY[name].of_column != bool(match.group(2)):
            raise ValueError(
                f"write it as {name}(column)" if VOCABULARY[name].of_column else f"write it as {name}"
            )
        return text.strip()

    @property
    def name(self) -> str:
        return self.statistic.partition("(")[0]

    @property
    def column(self) -> str:
        return self.statistic.partition("(")[2].rstrip(")")

    @property
    def subject(self) -> str:
        """What the number is about. Two claims with one subject are one claim made twice."""
        return self.model_dump_json(include={"statistic", "table", "where"}, by_alias=True)

    @property
    def columns(self) -> set[str]:
        """Every column that the claim speaks about, by its statistic or by its slice."""
        return {*self.where, self.column} - {""}


def _as_text(part: object) -> object:
    """Dates and times in a slice as ISO strings."""
    if isinstance(part, Mapping):
        return {name: _as_text(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_as_text(value) for value in part]
    return part.isoformat() if isinstance(part, date) else part


@dataclass(frozen=True)
class Recomputed:
    """What became of a claim: `value` is the statistic as computed here, None where that was impossible."""

    holds: bool
    sentence: str
    value: float | None = None


@dataclass(frozen=True)
class _Statistic:
    kind: Literal["count", "share", "number", "distance"]
    compute: Callable[..., float | None]
    of_column: bool = True
    numeric: bool = True


def psi(baseline: pl.Series, current: pl.Series) -> float:
    """Population stability index of `current` against `baseline`; nulls are left out.

    Numbers are cut at the deciles of the baseline, other values are compared category by category. The result
    is the sum of (share now - share then) * ln(share now / share then) over the bins: 0 for equal shares.
    """
    if baseline.dtype.is_numeric():
        edges = np.unique(np.quantile(baseline.drop_nulls().cast(float), np.linspace(0, 1, BINS + 1)[1:-1]))
        places = [
            np.searchsorted(edges, side.drop_nulls().cast(float), side="right")
            for side in (baseline, current)
        ]
        counts = [np.bincount(place, minlength=len(edges) + 1) for place in places]
    else:
        sides = [side.drop_nulls().cast(pl.String).to_list() for side in (baseline, current)]
        values = sorted({*sides[0], *sides[1]})
        counts = [np.array([side.count(value) for value in values]) for side in sides]
    then, now = (np.maximum(count / count.sum(), SHARE_FLOOR) for count in counts)
    return float(np.sum((now - then) * np.log(now / then)))


def ks(baseline: pl.Series, current: pl.Series) -> float:
    """Largest distance between the two empirical distribution functions, 0 to 1; nulls are left out."""
    then, now = (np.sort(side.drop_nulls().cast(float).to_numpy()) for side in (baseline, current))
    points = np.concatenate([then, now])
    below = [np.searchsorted(side, points, side="right") / len(side) for side in (then, now)]
    return float(np.max(np.abs(below[0] - below[1])))


VOCABULARY: dict[str, _Statistic] = {
    "rows": _Statistic("count", lambda part, whole: float(part.height), of_column=False),
    "share": _Statistic("share", lambda part, whole: part.height / whole.height, of_column=False),
    "share_missing": _Statistic("share", lambda values: values.null_count() / len(values), numeric=False),
    "unique": _Statistic("count", lambda values: float(values.drop_nulls().n_unique()), numeric=False),
    "mean": _Statistic("number", lambda values: values.mean()),
    "median": _Statistic("number", lambda values: values.median()),
    "std": _Statistic("number", lambda values: values.std()),
    "min": _Statistic("number", lambda values: values.min()),
    "max": _Statistic("number", lambda values: values.max()),
    "psi": _Statistic("distance", psi, numeric=False),
    "ks": _Statistic("distance", ks),
}


def read(raw: object) -> Claim:
    """The claim in a learner's mapping. Raises ClaimError with the first thing that is wrong with it."""
    if not isinstance(raw, Mapping):
        raise ClaimError(f"a claim is a dict with five keys, this one is of type {type(raw).__name__}")
    try:
        return Claim.model_validate(dict(raw))
    except ValidationError as error:
        first = error.errors()[0]
        place = str(first["loc"][0]) if first["loc"] else "claim"
        message = first["msg"].removeprefix("Value error, ")
        if place in ("where", "slice") and message == first["msg"]:
            message = SLICE_FORMS
        raise ClaimError(f"`{'slice' if place == 'where' else place}`: {message}") from None


def recompute(
    claim: Claim, tables: Mapping[str, pl.DataFrame], *, baseline: str = "reference", reveal: bool = True
) -> Recomputed:
    """Compare a claim with the tables. With `reveal` false the sentence keeps the computed number to itself.

    `baseline` names the table that `psi` and `ks` compare with. Nothing is raised: a claim that cannot be
    computed does not hold, and the sentence says why.
    """
    try:
        value = statistic(claim, tables, baseline=baseline)
    except ClaimError as error:
        return Recomputed(False, f"{title(claim)} cannot be recomputed: {error}.")
    limit = widest_tolerance(claim, value)
    if claim.tolerance > limit + 1e-12:
        bound = f" (at most {limit:.4g})" if reveal else ""
        return Recomputed(
            False,
            f"{title(claim)}: a tolerance of {claim.tolerance:g} is too wide to say anything{bound}.",
            value,
        )
    if abs(claim.value - value) > claim.tolerance + 1e-9 * max(1.0, abs(value)):
        actual = f"; recomputed it is {value:.6g}" if reveal else ""
        return Recomputed(
            False,
            f"{title(claim)} is stated as {claim.value:.6g}, give or take "
            f"{claim.tolerance:g}; the table disagrees{actual}.",
            value,
        )
    return Recomputed(True, f"{title(claim)} is {claim.value:.6g}, as stated.", value)


def widest_tolerance(claim: Claim, value: float) -> float:
    """The room a claim may leave: none for counts, 0.005 for shares and distances, else 2 % of the value."""
    match VOCABULARY[claim.name].kind:
        case "count":
            return 0.0
        case "number":
            return 0.02 * abs(value)
        case _:
            return 0.005


def statistic(claim: Claim, tables: Mapping[str, pl.DataFrame], *, baseline: str = "reference") -> float:
    """The number that the claim states, computed from the tables. Raises ClaimError."""
    whole = _table(claim.table, tables)
    part = _slice(whole, claim)
    known = VOCABULARY[claim.name]
    if part.is_empty() and claim.name not in ("rows", "share"):
        raise ClaimError("its slice holds no row")
    if not known.of_column:
        return known.compute(part, whole)
    values = [_values(part, claim, known.numeric)]
    if known.kind == "distance":
        if claim.table == baseline:
            raise ClaimError(f"{claim.name} compares a table with {baseline!r}; name the other table")
        values.insert(0, _values(_slice(_table(baseline, tables), claim), claim, known.numeric))
        if any(side.null_count() == len(side) for side in values):
            raise ClaimError("one of the two sides holds no value")
        if values[0].dtype.is_numeric() != values[1].dtype.is_numeric():
            raise ClaimError(f"{claim.column!r} holds numbers on one side only")
    result = known.compute(*values)
    if result is None or not np.isfinite(result):
        raise ClaimError("there are too few values")
    return float(result)


def _table(name: str, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    if name not in tables:
        raise ClaimError(f"there is no table {name!r}, only {', '.join(map(repr, tables))}")
    if tables[name].is_empty():
        raise ClaimError(f"the table {name!r} is empty")
    return tables[name]


def _values(table: pl.DataFrame, claim: Claim, numeric: bool) -> pl.Series:
    values = table[_known(claim.column, table)]
    if numeric and not (values.dtype.is_numeric() or values.dtype == pl.Boolean):
        raise ClaimError(f"{claim.name} needs numbers, {claim.column!r} holds {values.dtype}")
    if values.dtype.is_float():
        values = values.fill_nan(None)
    return values.cast(pl.Int8) if numeric and values.dtype == pl.Boolean else values


def _slice(table: pl.DataFrame, claim: Claim) -> pl.DataFrame:
    for name, wanted in claim.where.items():
        column, dtype = pl.col(_known(name, table)), table.schema[name]
        try:
            if isinstance(wanted, Range):
                if wanted.min is not None:
                    table = table.filter(column >= _literal(wanted.min, dtype))
                if wanted.max is not None:
                    table = table.filter(column <= _literal(wanted.max, dtype))
            else:
                options = wanted if isinstance(wanted, list) else [wanted]
                keep = [column.eq_missing(pl.lit(_literal(option, dtype))) for option in options]
                table = table.filter(pl.any_horizontal(keep) if keep else pl.lit(False))
        except (pl.exceptions.PolarsError, ValueError, TypeError):
            raise ClaimError(
                f"its slice compares {name!r}, which holds {dtype}, with something else"
            ) from None
    return table


def _literal(value: Scalar, dtype: pl.DataType) -> object:
    if isinstance(value, str) and dtype == pl.Date:
        return date.fromisoformat(value)
    if isinstance(value, str) and isinstance(dtype, pl.Datetime):
        moment = datetime.fromisoformat(value)
        if dtype.time_zone is None:
            return moment.replace(tzinfo=None)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return value


def _known(name: str, table: pl.DataFrame) -> str:
    if name not in table.columns:
        raise ClaimError(f"there is no column {name!r}")
    return name


def title(claim: Claim) -> str:
    """Return what a claim is about, in words."""
    where = " and ".join(f"{name} {_phrase(wanted)}" for name, wanted in claim.where.items())
    return f"{claim.statistic} of {claim.table}" + (f" where {where}" if where else "")


def _phrase(wanted: Scalar | list[Scalar] | Range) -> str:
    if isinstance(wanted, Range):
        ends = [
            f"{word} {end}" for word, end in (("from", wanted.min), ("to", wanted.max)) if end is not None
        ]
        return " ".join(ends)
    return f"in {wanted}" if isinstance(wanted, list) else f"is {wanted!r}"


def rows(claim: Claim, table: pl.DataFrame) -> list[int]:
    """Return the positions of the rows in the claim's slice. Raises ClaimError."""
    return _slice(table.with_row_index("\x00row"), claim)["\x00row"].to_list()
