"""6.2: alert rules over recordings with incidents planted: the right alert in time, and none where nobody is needed.

What fires when is Prometheus's own answer. Names, windows and thresholds are free: alerts are judged by their severity
and by the minutes at which they fire. What is due is known here alone (cardshop/recordings.py draws it from the seed).
"""

from cardshop import recordings
from checks.shared.alerting import Rules, expect_rules, judge
from grader.engine import checks

BURN = "When does it wake somebody?"

FALSE = {  # why an alert that nobody needs fires, by task and recording
    (
        "6.2a",
        "few errors",
    ): "at this rate the month's budget lasts about a week: that is soon enough in the morning",
    (
        "6.2a",
        "few slow",
    ): "at this rate the month's budget lasts about a week: that is soon enough in the morning",
    ("6.2a", "blip"): "a window of five minutes keeps three bad minutes for eight",
    ("6.2a", "night"): "at night one bad call is a large share of the calls, and still one call",
    ("6.2a", "release"): "while a replica restarts, its counters begin at 0 and `/ready` answers 503, "
    "which is no call under `/v1/`",
    ("6.2a", "replica"): "the other replica answers every call, so no customer notices",
    ("6.2a", "idle"): "0 / 0 is NaN, which no comparison lets through, so something has made a number of it",
    ("6.2a", "refused"): "a 422 is the client's mistake: the service has answered as promised",
    ("6.2b", "spike"): "it is over after twenty minutes, before anybody could look",
    ("6.2b", "client"): "the client has given up after three minutes",
    ("6.2b", "night"): "at night one refused call is a large share of the calls, and still one call",
    ("6.2b", "pause"): "nobody scans at that time, and the scanner works",
    ("6.2b", "promotion"): "the alias has moved to a version that answers",
    ("6.2b", "few labels"): "150 labels are no evidence: the task asks for 200",
    ("6.2b", "unsure"): "the interval says that the accuracy may well be above 0.6",
    ("6.2b", "restart"): "a monitor that restarts is back after three minutes",
    ("6.2b", "drift"): "drift is a reason to look, and not yet a loss",
    ("6.2b", "stale"): "old labels are a reason to look, and not yet a loss",
    ("6.2b", "blind"): "the service goes on without its monitor",
}
MISSED = {  # why an alert that is due does not fire
    (
        "6.2a",
        "bursts",
    ): "`for` begins anew whenever the condition does not hold, and between bursts it does not",
    (
        "6.2a",
        "crashes",
    ): "a counter begins at 0 whenever its replica restarts: `rate` and `increase` allow for that, "
    "a subtraction and `delta` do not",
    ("6.2a", "slow"): "count the predictions above 0.5 s: many slow ones among quick ones hardly move a mean",
    (
        "6.2a",
        "some slow",
    ): "count the predictions above 0.5 s: many slow ones among quick ones hardly move a mean",
    ("6.2a", "away"): "while nobody answers Prometheus there are no calls to count, only `up`",
    ("6.2b", "no model"): "the series ends with the model, and what is not there equals nothing, not even 0",
    ("6.2b", "no cards"): "the time of the last card stays as it is while `time()` goes on",
    ("6.2b", "quality"): "compare the upper end of the interval with 0.6",
    ("6.2b", "drift"): "PSI is a gauge: it says how far a feature has moved, so compare it as it is",
    ("6.2b", "stale"): "the time of the last label stays as it is while `time()` goes on",
    ("6.2b", "blind"): "the monitor's gauges are missing now, so no comparison with them holds: `up` knows",
}


def of_task(task: str, reasons: dict[tuple[str, str], str]) -> dict[str, str]:
    """The reasons of one task, by recording."""
    return {name: why for (one, name), why in reasons.items() if one == task}


SERVICE, MODEL = (
    Rules(file, kinds, draw, of_task(task, FALSE), of_task(task, MISSED), BURN)
    for task, file, kinds, draw in (
        ("6.2a", "alerts/service.yaml", recordings.SERVICE, recordings.service),
        ("6.2b", "alerts/model.yaml", recordings.MODEL, recordings.model),
    )
)


@checks("6.2a", weight=0)
def test_one_incident(submission, seed):
    """Prometheus takes the rules. They page while many calls fail, and not while clients are refused."""
    expect_rules(submission, SERVICE)
    judge(submission, SERVICE, ["errors", "refused"], seed)


@checks("6.2a", weight=2)
def test_fast(submission, seed):
    """Pages within 25 minutes: errors in bursts, errors between restarts, slow predictions."""
    judge(submission, SERVICE, ["bursts", "crashes", "slow"], seed)


@checks("6.2a", weight=1)
def test_soon(submission, seed):
    """Pages within the hour where a smaller share is bad; each page ends soon after its cause."""
    judge(submission, SERVICE, ["some errors", "some slow"], seed)


@checks("6.2a", weight=1)
def test_away(submission, seed):
    """Pages when no replica answers, and not when one is away or both restart in turn."""
    judge(submission, SERVICE, ["away", "replica", "release"], seed)


@checks("6.2a", weight=2)
def test_quiet(submission, seed):
    """Lets everybody sleep through a blip, a night with few calls, and an hour without any."""
    judge(submission, SERVICE, ["blip", "night", "idle"], seed)


@checks("6.2a", weight=2)
def test_days(submission, seed):
    """Writes a ticket, and no page, where the budget burns slowly all day; nothing on a good day."""
    judge(submission, SERVICE, ["few errors", "few slow", "well"], seed)


@checks("6.2a", weight=10, public=False, live=False)
def test_other_hours(submission, seed):
    """Holds in other recordings of every kind."""
    judge(submission, SERVICE, list(recordings.SERVICE), seed)


@checks("6.2b", weight=0)
def test_refused(submission, seed):
    """Prometheus takes the rules. They page while many calls are refused, and not while nobody scans."""
    expect_rules(submission, MODEL)
    judge(submission, MODEL, ["refused", "pause"], seed)


@checks("6.2b", weight=2)
def test_pages(submission, seed):
    """Pages when no model is the champion, when no card comes, and when the predictions are surely worse."""
    judge(submission, MODEL, ["no model", "no cards", "quality"], seed)


@checks("6.2b", weight=2)
def test_tickets(submission, seed):
    """Writes a ticket, and no page, for drift, for old labels, and for a monitor that is away."""
    judge(submission, MODEL, ["drift", "stale", "blind"], seed)


@checks("6.2b", weight=2)
def test_short(submission, seed):
    """Is silent about what is over in a moment: a broken client, a promotion, a restart, a spike."""
    judge(submission, MODEL, ["client", "promotion", "restart", "spike"], seed)


@checks("6.2b", weight=2)
def test_evidence(submission, seed):
    """Is silent without evidence: a night, few labels, an interval that reaches above 0.6, a good day."""
    judge(submission, MODEL, ["night", "few labels", "unsure", "well"], seed)


@checks("6.2b", weight=10, public=False, live=False)
def test_other_days(submission, seed):
    """Holds in other recordings of every kind."""
    judge(submission, MODEL, list(recordings.MODEL), seed)
