"""The report at the end: what happened when, what it cost, what was decided and why.

Every number comes from the journal and the audit log. What was planted comes from the world's own record.
"""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from cardshop.monitoring.journal import Tail
from cardshop.monitoring.quality import Quality, quality
from cardshop.world.truth.traffic import Trouble


class Period(NamedTuple):
    """Some answers of the service: how many cards, on which days, and how many labelled ones were right."""

    name: str
    days: int
    cards: int
    quality: Quality

    @property
    def wrong(self) -> float:
        """The wrong answers among all cards, if those without a label are wrong as often as those with one."""
        return self.cards * (1 - self.quality.accuracy)


class Moment(NamedTuple):
    """A line of the audit log with its place in the story."""

    day: int
    seconds: float  # since the first answer
    line: dict


def read(journal: Path) -> pl.DataFrame:
    """Every answer of the journal: `at` (seconds since 1970), `day`, `version`, and whether it was `right`.

    `right` is null without a label. The day is in the request id that `cardshop traffic` gives.
    """
    labels = {(line["request_id"], line["card_id"]): line["card_type"] for line in Tail(journal, "feedback")}
    rows = []
    for line in Tail(journal, "predictions"):
        label = labels.get((line["request_id"], line["card"]["card_id"]))
        right = None if label is None else label == line["card_type"]
        rows.append((_seconds(line), int(line["request_id"].split("-")[2]), line["version"], right))
    schema = {"at": pl.Float64, "day": pl.Int64, "version": pl.String, "right": pl.Boolean}
    return pl.DataFrame(rows, schema, orient="row").sort("at")


def report(answers: pl.DataFrame, audit: list[dict], trouble: Trouble, sent: list[int]) -> str:
    """Return the report as Markdown. `answers` are those of `read`, `sent` counts the cards scanned on each day.

    The audit log has to tell the whole story: a notice, a training, a promotion, a bypass and a rollback.
    """
    moments = [_moment(answers, line) for line in audit]
    first = {one.line["action"]: one for one in reversed(moments)}
    noticed, trained, promoted = first["notice"], first["retrain"], first["promote"]
    spoiled, back = first["bypass"], first["rollback"]
    troubled, late = pl.col("day") >= trouble.day, pl.col("at") >= _seconds(promoted.line)
    bad = pl.col("version") == _spoiled(answers, spoiled)
    before = _period("before the trouble", answers.filter(~troubled))
    during = _period("trouble, until the promotion", answers.filter(troubled, ~late))
    after = _period("after the promotion", answers.filter(late, ~bad))
    spoilt = _period("the bad model", answers.filter(bad))
    usual = before.quality.accuracy
    begins = Moment(trouble.day, answers.filter(troubled)["at"][0] - answers["at"][0], {})
    return "\n".join(
        [
            f"# {answers['day'].max() + 1} days of card scans",
            "",
            f"On day {trouble.day} a scanner stopped reading {_name(trouble.feature)} on {trouble.strength:.0%} of the "
            f"cards. Before, the service was right on {_share(before)} of the labelled cards; then it was right on "
            f"{_share(during)}. The monitor noticed on day {noticed.day}. The system trained a new model by itself, "
            f"tried it on a part of the customers, and promoted it on day {promoted.day}. Since then {_share(after)} "
            f"are right. Until the promotion the trouble cost about {_extra(during, usual)} more wrong answers than "
            "usual.",
            "",
            f"On day {spoiled.day} the demo rolled out a bad model on purpose, past the gates. The bad model gave "
            f"{spoilt.cards:,} answers, about {spoilt.wrong:,.0f} of them wrong. The service took it back by itself on "
            f"day {back.day}.",
            "",
            _served(answers, sent),
            "",
            "## What it cost",
            "",
            "| period | days | cards | labelled | right | 95 % interval | wrong, about | more than usual |",
            "|---|--:|--:|--:|--:|---|--:|--:|",
            *(_row(one, usual) for one in (before, during, after, spoilt)),
            "",
            "Only a labelled card shows whether the answer was right. The numbers of wrong answers assume that the "
            f"other cards were wrong as often. Usual is the share of wrong answers before day {trouble.day}.",
            "",
            "## How long it took",
            "",
            "| from | to | days | seconds |",
            "|---|---|--:|--:|",
            _took("the trouble begins", "the monitor notices", begins, noticed),
            _took("the monitor notices", "there are enough labels, and a training begins", noticed, trained),
            _took("the training begins", "the new model has passed its gates", trained, first["gates"]),
            _took("the canary begins", "the new model is promoted", first["begin"], promoted),
            _took("the bad model is rolled out", "the bad model is taken back", spoiled, back),
            "",
            "## What was decided, and why",
            "",
            "| day | minute | what | by | why |",
            "|--:|--:|---|---|---|",
            *(
                f"| {one.day} | {max(one.seconds, 0) / 60:.1f} | {one.line['action']} | {one.line['by']} | "
                f"{one.line['reason'].replace('|', '/')} |"
                for one in moments
            ),
            "",
            "## What is left to do",
            "",
            _left(trouble, before, during, after),
            "",
        ]
    )


def _moment(answers: pl.DataFrame, line: dict) -> Moment:
    """The line with the day of the last answer before it."""
    at = _seconds(line)
    return Moment(answers.filter(pl.col("at") <= at)["day"].max() or 0, at - answers["at"][0], line)


def _spoiled(answers: pl.DataFrame, planted: Moment) -> str:
    """The version that answers for the first time after the bad model was planted."""
    at = _seconds(planted.line)
    known = answers.filter(pl.col("at") < at)["version"].implode()
    new = answers.filter(pl.col("at") >= at, ~pl.col("version").is_in(known))["version"].unique()
    return new[0] if len(new) else ""


def _period(name: str, answers: pl.DataFrame) -> Period:
    hits = answers["right"].drop_nulls().to_list()
    return Period(name, answers["day"].n_unique(), answers.height, quality(hits))


def _served(answers: pl.DataFrame, sent: list[int]) -> str:
    """Whether every card was answered; the last day may have been cut off, so it does not count."""
    whole = answers["day"].max()
    answered, scanned = answers.filter(pl.col("day") < whole).height, sum(sent[:whole])
    missing = scanned - answered
    told = "every card was answered" if not missing else f"{missing:,} of {scanned:,} cards were not answered"
    return f"In the {whole} whole days {told}: {answered:,} answers to {scanned:,} cards."


def _row(period: Period, usual: float) -> str:
    found = period.quality
    known = (
        f"{found.accuracy:.1%} | {found.low:.1%} to {found.high:.1%} | {period.wrong:,.0f} | {_extra(period, usual)}"
        if found.labels
        else "– | – | – | –"
    )
    return f"| {period.name} | {period.days} | {period.cards:,} | {found.labels:,} | {known} |"


def _extra(period: Period, usual: float) -> str:
    return f"{period.wrong - period.cards * (1 - usual):,.0f}"


def _took(start: str, end: str, first: Moment, last: Moment) -> str:
    return f"| {start} | {end} | {last.day - first.day} | {last.seconds - first.seconds:.0f} |"


def _left(trouble: Trouble, before: Period, during: Period, after: Period) -> str:
    lost, remains = (100 * (before.quality.accuracy - one.quality.accuracy) for one in (during, after))
    side = "below" if remains > 0 else "above"
    return (
        f"Repair the scanner: it still leaves out {_name(trouble.feature)}. The trouble cost {lost:.1f} points of "
        f"accuracy. The new model has learned to do without that number, and is {abs(remains):.1f} points {side} what "
        "was usual."
    )


def _share(period: Period) -> str:
    return f"{period.quality.accuracy:.1%}" if period.quality.labels else "an unknown share"


def _name(feature: str) -> str:
    return feature.replace("_", " ")


def _seconds(line: dict) -> float:
    return datetime.fromisoformat(line["at"]).timestamp()
