"""A slow handler with four causes that can be removed one by one, and a queue in front of it."""

import copy
import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import altair as alt
import numpy as np
import polars as pl

from cardshop.scorer import STAGES, STATS, Scorer
from cardshop.world.species import species
from grader.page.charts import AMBER, BLUE, framed

CAUSES = {
    "the model is read for each card": "load",
    "a table is made for each card": "frame",
    "one look-up for each stat": "lookup",
    "everything is copied before use": "copy",
}


def cards(rng: np.random.Generator, number: int) -> list[dict]:
    """Cards with a gap here and there."""
    return [
        {"card_id": f"C-{at}", "species_number": int(rng.integers(1, 152)), "stage": str(rng.choice(STAGES))}
        | {stat: None if rng.random() < 0.1 else int(rng.integers(20, 200)) for stat in STATS}
        for at in range(number)
    ]


class Handler:
    """Answers requests. `causes` are the ways in which it wastes time; without any it answers the same."""

    def __init__(self, folder, causes: frozenset[str]):
        self.folder, self.causes = folder, causes
        self.scorer = Scorer.read(folder)
        self.table = species()
        self.usual = {row["number"]: row for row in self.table.to_dicts()}

    def __call__(self, asked: list[dict]) -> list[dict]:
        whole = [self._whole(card) for card in asked]
        if "load" not in self.causes:
            return self.scorer.predict(whole)
        return [answer for card in whole for answer in Scorer.read(self.folder).predict([card])]

    def _whole(self, card: dict) -> dict:
        if "copy" in self.causes:
            card = copy.deepcopy(card)
            self.table = self.table.clone()
            copy.deepcopy(self.usual[card["species_number"]])
        if "lookup" in self.causes:
            usual = {
                stat: self.table.filter(pl.col("number") == card["species_number"])[stat][0] for stat in STATS
            }
        else:
            usual = self.usual[card["species_number"]]
        if "frame" in self.causes:
            row = pl.DataFrame([card], infer_schema_length=None)
            row = row.with_columns(pl.col(stat).cast(pl.Int64).fill_null(usual[stat]) for stat in STATS)
            return row.to_dicts()[0]
        return card | {stat: usual[stat] for stat in STATS if card[stat] is None}


@cache
def measured(causes: frozenset[str], requests: int = 40, number: int = 5) -> np.ndarray:
    """Milliseconds of each request of `number` cards, after a few that warm up."""
    rng, times = np.random.default_rng(0), []
    types = ["Fire", "Grass", "Psychic", "Water"]
    scorer = Scorer("1", types, rng.normal(size=(4, len(STATS) + len(STAGES))), np.zeros(4))
    with TemporaryDirectory() as place:
        scorer.write(Path(place))
        handler = Handler(Path(place), causes)
        for at in range(requests + 3):
            asked = cards(rng, number)
            start = time.perf_counter()
            handler(asked)
            if at >= 3:
                times.append(1000 * (time.perf_counter() - start))
    return np.array(times)


def histogram(times: np.ndarray, widest: float) -> alt.TopLevelMixin:
    """Requests by their milliseconds on a logarithmic axis, with lines at p50 and p99."""
    edges = np.geomspace(0.02, max(widest, 1), 45)
    counts, _ = np.histogram(np.clip(times, edges[0], edges[-1] * 0.999), edges)
    bars = pl.DataFrame({"from": edges[:-1], "to": edges[1:], "requests": counts})
    x = alt.Scale(type="log", domain=[float(edges[0]), float(edges[-1])], nice=False)
    chart = (
        alt.Chart(bars)
        .mark_bar(color=BLUE)
        .encode(
            alt.X("from:Q", scale=x, title="milliseconds"), x2="to:Q", y=alt.Y("requests:Q", title="requests")
        )
    )
    marks = pl.DataFrame({"ms": np.quantile(times, [0.5, 0.99]), "says": ["p50", "p99"]})
    rules = alt.Chart(marks).mark_rule(color=AMBER, strokeWidth=2).encode(alt.X("ms:Q", scale=x))
    names = rules.mark_text(align="left", dx=4, y=8, color=AMBER).encode(text="says:N")
    return framed(
        alt.layer(chart, rules, names),
        "Where the requests are",
        "A histogram of milliseconds, with lines where half and 99 of 100 requests end.",
        180,
    )


def queue(load: float, limit: int | None = None, seed: int = 0, requests: int = 6_000) -> dict[str, float]:
    """A service that answers one request at a time, 10 ms each on average, `load` of which it is busy.

    With a `limit`, a request that would be more than so many in the queue is refused at once. Returns p50 and p99 of
    the milliseconds of the answered ones, and the share that was refused.
    """
    rng = np.random.default_rng(seed)
    arrivals = np.cumsum(rng.exponential(10 / load, requests))
    work = rng.exponential(10, requests)
    ends: list[float] = []
    first, times, refused = 0, [], 0
    for arrived, needed in zip(arrivals.tolist(), work.tolist(), strict=True):
        while first < len(ends) and ends[first] <= arrived:
            first += 1
        if limit is not None and len(ends) - first >= limit:
            refused += 1
            continue
        end = max(arrived, ends[-1] if ends else 0.0) + needed
        ends.append(end)
        times.append(end - arrived)
    p50, p99 = np.quantile(times, [0.5, 0.99])
    return {"p50": float(p50), "p99": float(p99), "refused": refused / requests}


def queues(limit: int | None) -> alt.TopLevelMixin:
    """p50 and p99 over the load, from half busy to more than busy."""
    loads = [0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0, 1.1]
    rows = [
        {"load": load, "ms": found[name], "of the answered": name}
        for load in loads
        for found in [queue(load, limit)]
        for name in ("p50", "p99")
    ]
    chart = (
        alt.Chart(pl.DataFrame(rows))
        .mark_line(point=True)
        .encode(
            alt.X(
                "load:Q",
                title="requests that come, as a share of those it can answer",
                axis=alt.Axis(format="%"),
            ),
            alt.Y("ms:Q", title="milliseconds", scale=alt.Scale(type="log", domain=[5, 20_000])),
            alt.Color("of the answered:N", scale=alt.Scale(range=[BLUE, AMBER])),
        )
    )
    return framed(chart, "How long it takes", "p50 and p99 over the load, on a logarithmic axis.", 220)
