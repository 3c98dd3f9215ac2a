"""How pull requests come about: four small files, places in them where something changes, and what each change is.

Each place has the code as it was, changes that plant a fault, and changes that look odd and are right. A fault can be
seen by whoever reads the diff and the code around it; nothing has to be run. `{…}` in a file is a place.
"""

from dataclasses import dataclass
from typing import NamedTuple

from cardshop.review import KINDS, File
from cardshop.world.truth.randomness import generator

FAULTS, ODD = 5, 3  # in a pull request


class Change(NamedTuple):
    """Another text for a place. `kind` is empty where the change is right; `also` are other fitting names for it."""

    text: str
    kind: str
    why: str
    also: tuple[str, ...] = ()


class Finding(NamedTuple):
    """What was changed: the lines of the new file, and the kinds that name the fault; none if it is right."""

    file: str
    lines: range
    kinds: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Request:
    files: list[File]
    findings: list[Finding]


FILES = {
    "features.py": '''"""Features of scanned cards, for training and for the service."""

import polars as pl

STATS = ["hp", "attack", "defense", "speed"]


class Features:
    """Numbers without gaps, and each stat's share of a card's strength."""

    def fit(self, cards: pl.DataFrame) -> "Features":
        self.medians = {stat: cards[stat].median() for stat in STATS}
        return self

    def transform(self, cards: pl.DataFrame) -> pl.DataFrame:
{read}
{fill}
{share}
{bonus}
        return cards.select(pl.selectors.numeric())
''',
    "train.py": '''"""Trains the model of card types, and stores it with its score."""

import json
import os
from pathlib import Path

import joblib
import numpy as np
import polars as pl
from sklearn.ensemble import RandomForestClassifier

from contract import CARDS
from features import Features
from registry import register


def train(source: Path, target: Path, seed: int) -> float:
    """Return the share of held-out scans that the model gets right."""
{load}
{split}
{fit}
    labels = train["card_type"].to_numpy()
{model}
    model.fit(features.transform(train).to_numpy(), labels)
{judge}
{store}
    return score
''',
    "service.py": '''"""Answers with the type of a scanned card."""

from functools import lru_cache

import joblib
import polars as pl
from fastapi import FastAPI
from pydantic import BaseModel, Field

from registry import champion, path_of

app = FastAPI()


class Scan(BaseModel):
    """A card as the scanner sends it; what it could not read is null."""

    card_id: str
    hp: int | None = Field(ge=1, le=400)
    attack: int | None = Field(ge=1, le=400)
    defense: int | None = Field(ge=1, le=400)
    speed: int | None = Field(ge=1, le=400)


{loader}


@app.post("/v1/predict")
{body}
    table = pl.DataFrame([scan])
{seen}
{answer}
    return {"card_type": str(card_type), "version": current()}
''',
    "test_features.py": '''"""Features hold for gaps, and do not depend on other rows."""

import polars as pl
import pytest
from features import STATS, Features


@pytest.fixture
def fitted() -> Features:
    return Features().fit(pl.DataFrame({stat: [10, 20, 60] for stat in STATS}))


def test_a_gap_gets_the_median() -> None:
    cards = pl.DataFrame({stat: [10, None, 60] for stat in STATS})
    assert Features().fit(cards).transform(cards)["hp"].to_list() == [10, 35, 60]


def test_shares_add_up(fitted) -> None:
    one = pl.DataFrame({stat: [30] for stat in STATS})
    shares = fitted.transform(one).select(pl.selectors.ends_with("_share"))
    assert shares.sum_horizontal().item() == pytest.approx(1)
{tested}
''',
}

OLD = {
    "read": "        cards = cards.with_columns(pl.col(STATS).cast(pl.Int32))",
    "fill": """        cards = cards.with_columns(
            pl.col(stat).fill_null(median) for stat, median in self.medians.items()
        )""",
    "share": """        strength = pl.sum_horizontal(STATS)
        cards = cards.with_columns((pl.col(stat) / strength).alias(f"{stat}_share") for stat in STATS)""",
    "bonus": "",
    "load": "    cards = CARDS.validate(pl.read_parquet(source))  # these columns and no others",
    "split": """    rng = np.random.default_rng(seed)
    species = rng.permutation(cards["species"].unique().sort())  # a species is on one side alone
    held = cards["species"].is_in(species[: len(species) // 5].tolist())
    train, test = cards.filter(~held), cards.filter(held)""",
    "fit": "    features = Features().fit(train)",
    "model": "    model = RandomForestClassifier(200, random_state=seed)",
    "judge": """    seen = features.transform(test).to_numpy()
    score = float(model.score(seen, test["card_type"].to_numpy()))""",
    "store": """    joblib.dump({"model": model, "features": features}, target)
    register(target, score=score, seed=seed)""",
    "loader": """@lru_cache(maxsize=2)
def loaded(version: str) -> dict:
    \"\"\"The model and the features of a version; a version never changes.\"\"\"
    return joblib.load(path_of(version))


def current() -> str:
    \"\"\"The version that serves.\"\"\"
    return champion()""",
    "body": """def predict(scan: Scan) -> dict:
    scan = scan.model_dump()""",
    "seen": """    parts = loaded(current())
    seen = parts["features"].transform(table).to_numpy()""",
    "answer": """    card_type = parts["model"].predict(seen)[0]""",
    "tested": "",
}

CHANGES: dict[str, list[Change]] = {
    "read": [
        Change(
            "        cards = cards.with_columns(pl.col(STATS).cast(pl.Int32, strict=False))",
            "coercion",
            "`strict=False` turns what is no number into null, and the next line fills it: “6O” becomes the median.",
            ("swallowed",),
        ),
        Change(
            "        cards = cards.with_columns(pl.col(STATS).cast(pl.Float64).clip(1, 400))",
            "coercion",
            "`clip` turns −60 into 1 and 4000 into 400, and nobody hears that a scanner is broken.",
            ("swallowed", "validation"),
        ),
        Change(
            """        as_numbers = {stat: pl.Int32 for stat in STATS}
        cards = cards.cast(as_numbers)""",
            "",
            "The same cast in another form; it is strict, and raises at what is no number.",
        ),
    ],
    "fill": [
        Change(
            "        cards = cards.with_columns(pl.col(stat).fill_null(pl.col(stat).median()) for stat in STATS)",
            "skew",
            "The median is now that of the rows at hand. In the service that is one row: the gap stays, or is the "
            "card itself.",
        ),
        Change(
            """        cards = cards.with_columns(
            pl.col(stat).is_null().cast(pl.Int8).alias(f"{stat}_missing") for stat in STATS
        ).with_columns(pl.col(stat).fill_null(median) for stat, median in self.medians.items())""",
            "",
            "A column for each gap, made before the gap is filled, and the medians are those of the training.",
        ),
    ],
    "share": [
        Change(
            """        if cards.height > 10_000:  # a whole month: half the memory
            cards = cards.with_columns(pl.col(STATS).cast(pl.Float32))
        strength = pl.sum_horizontal(STATS)
        cards = cards.with_columns((pl.col(stat) / strength).alias(f"{stat}_share") for stat in STATS)""",
            "untested",
            "No test has more than three rows, so nobody has run the branch.",
            ("skew",),
        ),
        Change(
            """        strength = pl.max_horizontal(pl.sum_horizontal(STATS), 1)  # never divides by zero
        cards = cards.with_columns((pl.col(stat) / strength).alias(f"{stat}_share") for stat in STATS)""",
            "",
            "For stats of 1 or more it changes nothing; a sum of 0 could only come from a fault elsewhere.",
        ),
    ],
    "bonus": [
        Change(
            """        if "legendary" in cards.columns:
            cards = cards.with_columns(pl.col("legendary").fill_null(False).cast(pl.Int8))
        else:
            cards = cards.with_columns(legendary=pl.lit(0, pl.Int8))""",
            "untested",
            "No test has a table with the column `legendary`, so the first branch never runs before production.",
            ("skew",),
        ),
        Change(
            "        cards = cards.rechunk()  # one piece of memory, which is quicker to read",
            "",
            "It moves bytes and changes no value.",
        ),
    ],
    "load": [
        Change(
            """    cards = pl.read_parquet(source)
    cards = cards.filter(pl.col("card_type").is_not_null())""",
            "validation",
            "The contract is gone: a file without a column, or with a strange one, goes into the training.",
        ),
        Change(
            """    cards = pl.read_parquet(source)
    CARDS.validate(cards)  # raises; the table stays as it is""",
            "",
            "`validate` raises at a breach, so its result is not needed.",
        ),
    ],
    "split": [
        Change(
            """    rng = np.random.default_rng(seed)
    held = pl.Series(rng.random(cards.height) < 0.2)
    train, test = cards.filter(~held), cards.filter(held)""",
            "leak",
            "Scans of one species are now on both sides: the model is judged by species that it has learned.",
        ),
        Change(
            """    species = cards["species"].unique().sort().to_list()
    np.random.shuffle(species)  # a species is on one side alone
    held = cards["species"].is_in(species[: len(species) // 5])
    train, test = cards.filter(~held), cards.filter(held)""",
            "seed",
            "`np.random.shuffle` uses the global generator, and `seed` is not used: each run has other held-out scans.",
        ),
        Change(
            """    rng = np.random.default_rng(seed)
    species = cards["species"].unique().sort().to_list()
    rng.shuffle(species)  # in place; a species is on one side alone
    fifth = species[: len(species) // 5]
    train, test = cards.filter(~pl.col("species").is_in(fifth)), cards.filter(pl.col("species").is_in(fifth))""",
            "",
            "The same split, with a generator that has the seed.",
        ),
    ],
    "fit": [
        Change(
            "    features = Features().fit(cards)",
            "leak",
            "The medians are computed from the held-out scans too.",
        ),
        Change(
            """    features = Features()
    features.fit(train.drop("card_type"))""",
            "",
            "`fit` needs no labels, and it sees the training rows alone.",
        ),
    ],
    "model": [
        Change(
            "    model = RandomForestClassifier(400, max_features=0.5, n_jobs=2)",
            "seed",
            "`random_state` is gone: each run gives another forest.",
        ),
        Change(
            """    model = RandomForestClassifier(400, n_jobs=2)
    model.set_params(random_state=seed)""",
            "",
            "The seed is set a line later. Trees that are built at the same time get the same seeds as one after the "
            "other.",
        ),
    ],
    "judge": [
        Change(
            """    seen, truth = features.transform(test).to_numpy(), test["card_type"].to_numpy()
    score, depth = 0.0, None
    for tried in (4, 8, 16):
        model.set_params(max_depth=tried).fit(features.transform(train).to_numpy(), labels)
        if (now := float(model.score(seen, truth))) > score:
            score, depth = now, tried
    model.set_params(max_depth=depth).fit(features.transform(train).to_numpy(), labels)""",
            "leak",
            "The depth is chosen by the held-out scans, and the same scans give the score.",
        ),
        Change(
            """    seen = features.transform(test).to_numpy()
    score = float(model.score(seen, test["card_type"].to_numpy()))
    known = float(model.score(features.transform(train).to_numpy(), labels))
    print(f"{known:.3f} on the training scans, {score:.3f} on the held-out ones")""",
            "",
            "The score on the training rows is printed beside, and decides nothing.",
        ),
    ],
    "store": [
        Change(
            """    joblib.dump({"model": model, "features": features}, target)
    try:
        register(target, score=score, seed=seed)
    except Exception:
        pass  # the registry is restarted on Mondays""",
            "swallowed",
            "If the registry refuses, the training ends as if all were well, and nothing was registered.",
        ),
        Change(
            """    unfinished = target.with_suffix(".unfinished")
    joblib.dump({"model": model, "features": features}, unfinished)
    os.replace(unfinished, target)
    register(target, score=score, seed=seed)""",
            "",
            "The file is written beside and renamed, so that nobody reads half of it.",
        ),
    ],
    "loader": [
        Change(
            """@lru_cache(maxsize=2)
def loaded(version: str) -> dict:
    \"\"\"The model and the features of a version; a version never changes.\"\"\"
    return joblib.load(path_of(version))


@lru_cache(maxsize=1)  # the registry takes 5 ms to answer
def current() -> str:
    \"\"\"The version that serves.\"\"\"
    return champion()""",
            "stale",
            "`current` keeps its first answer, so the service never hears of another champion.",
        ),
        Change(
            """@lru_cache(maxsize=2)
def loaded(version: str) -> dict:
    \"\"\"The model and the features of a version; a version never changes.\"\"\"
    return joblib.load(path_of(version))


CHAMPION = champion()  # the registry takes 5 ms to answer


def current() -> str:
    \"\"\"The version that serves.\"\"\"
    return CHAMPION""",
            "stale",
            "The champion is asked for when the module is imported, and never again.",
        ),
        Change(
            """@lru_cache(maxsize=1)  # the version that serves; the one before makes room
def loaded(version: str) -> dict:
    \"\"\"The model and the features of a version; a version never changes.\"\"\"
    return joblib.load(path_of(version))


def current() -> str:
    \"\"\"The version that serves.\"\"\"
    return champion()""",
            "",
            "The key is the version, so a new champion is loaded, and the old model leaves the memory.",
        ),
    ],
    "body": [
        Change(
            """def predict(scan: dict) -> dict:
    scan = {"card_id": "", **scan}""",
            "validation",
            "`dict` in place of `Scan`: a missing stat or a text reaches the model.",
        ),
        Change(
            """def predict(scan: Scan) -> dict:
    scan = {name: value or 0 for name, value in scan.model_dump().items()}""",
            "coercion",
            "`value or 0` turns “not read” into the number 0, which the features take for a stat.",
            ("skew",),
        ),
        Change(
            """def predict(scan: Scan) -> dict:
    scan = scan.model_dump(mode="json")""",
            "",
            "Numbers and texts are the same in both modes.",
        ),
    ],
    "seen": [
        Change(
            """    parts = loaded(current())
    table = table.with_columns(pl.col(stat).fill_null(0) for stat in ("hp", "attack", "defense", "speed"))
    seen = parts["features"].transform(table).to_numpy()""",
            "skew",
            "The service fills gaps with 0 before the features can fill them with the median.",
            ("coercion",),
        ),
        Change(
            """    version = current()
    parts = loaded(version)
    seen = parts["features"].transform(table.select("hp", "attack", "defense", "speed")).to_numpy()""",
            "",
            "`Scan` has no other field that the features read.",
        ),
    ],
    "answer": [
        Change(
            """    try:
        card_type = parts["model"].predict(seen)[0]
    except ValueError:
        card_type = "Colorless\"""",
            "swallowed",
            "When the model fails, the card is Colorless, and no log or metric shows it.",
        ),
        Change(
            """    try:
        card_type = parts["model"].predict(seen)[0]
    except ValueError:
        print(f"the model does not fit the columns {table.columns}")  # for the log
        raise""",
            "",
            "The error is raised again: the caller gets a 500, and the log says more.",
        ),
    ],
    "tested": [
        Change(
            """

def test_a_row_alone_has_the_same_features(fitted) -> None:
    table = pl.DataFrame({stat: [10, 50, 90] for stat in STATS})
    assert fitted.transform(table[1:2]).rows() == fitted.transform(table).rows()[1:2]""",
            "",
            "One more test, of a property that the service needs.",
        )
    ],
}


def change(seed: int) -> Request:
    """Return the pull request of a seed: five faults of different kinds, and three odd changes that are right."""
    rng = generator(seed, "changes")
    chosen: dict[str, Change] = {}
    for kind in rng.permutation(list(KINDS)):
        faults = [(place, one) for place, several in CHANGES.items() for one in several if one.kind == kind]
        free = [(place, one) for place, one in faults if place not in chosen]
        if len(chosen) < FAULTS and free:
            place, one = free[int(rng.integers(len(free)))]
            chosen[place] = one
    right = {place: one for place, several in CHANGES.items() for one in several if not one.kind}
    for place in rng.permutation([place for place in right if place not in chosen])[:ODD]:
        chosen[str(place)] = right[str(place)]
    files, findings = [], []
    for name, text in FILES.items():
        before, _ = _filled(text, OLD)
        after, lines = _filled(text, OLD | {place: one.text for place, one in chosen.items()})
        files.append(File(name, before, after))
        for place, where in lines.items():
            if one := chosen.get(place):
                kinds = (one.kind, *one.also) if one.kind else ()
                findings.append(Finding(name, where, kinds, one.why))
    return Request(files, findings)


def _filled(text: str, places: dict[str, str]) -> tuple[list[str], dict[str, range]]:
    """The lines of a file, and for each place those that it has, counted from 1."""
    lines, where = [], {}
    for line in text.splitlines():
        name = line.strip("{}")
        if line != f"{{{name}}}" or name not in places:
            lines.append(line)
        elif places[name]:
            start = len(lines) + 1
            lines += places[name].splitlines()
            where[name] = range(start, len(lines) + 1)
    return lines, where
