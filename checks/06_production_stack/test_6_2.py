"""6.2: alert rules over recordings with incidents planted: the right alert in time, and none where nobody is needed.

What fires when is Prometheus's own answer. Names, windows and thresholds are free: alerts are judged by their severity
and by the minutes at which they fire. What is due is known here alone (cardshop/recordings.py draws it from the seed).
"""

from cardshop import recordings
from checks.shared.alerting import AWAY, CLIENT, FALSE, Rules, expect_rules, judge
from grader.engine import checks

TIMES = (
    "cardshop_request_seconds",
    "no rule asks for `cardshop_request_seconds_…`, so slow predictions go unseen",
)
DOWN = (r"\bup\b", "while nobody answers Prometheus there are no calls to count, and no rule asks for `up`")
MEAN = "count the predictions above 0.5 s: many slow ones among quick ones hardly move a mean"
LOOK = "a reason to look, and not yet a loss"

SERVICE = Rules(
    "alerts/service.yaml",
    recordings.SERVICE,
    recordings.service,
    {
        **FALSE,
        "few slow": FALSE["few errors"],
        "release": "while a replica restarts, its counters begin at 0 and `/ready` answers 503, "
        "which is no call under `/v1/`",
        "refused": "a 422 is the client's mistake: the service has answered as promised",
    },
    {
        "bursts": "between two bursts the condition may not hold, and then `for` begins anew",
        "crashes": "a counter begins at 0 whenever its replica restarts: `rate` and `increase` allow for that, "
        "a subtraction and `delta` do not",
        "slow": MEAN,
        "some slow": MEAN,
        "away": AWAY,
    },
    asked={"slow": TIMES, "some slow": TIMES, "few slow": TIMES, "away": DOWN},
)
MODEL = Rules(
    "alerts/model.yaml",
    recordings.MODEL,
    recordings.model,
    {
        "spike": "it is over after twenty minutes, before anybody could look",
        "client": CLIENT,
        "night": "at night one refused call is a large share of the calls, and still one call",
        "pause": "nobody scans at that time, and the scanner works",
        "promotion": "the alias has moved to a version that answers",
        "few labels": "150 labels are no evidence: the task asks for 200",
        "unsure": "the interval says that the accuracy may well be above 0.6",
        "restart": "a monitor that restarts is back after three minutes",
        "drift": f"drift is {LOOK}",
        "stale": f"old labels are {LOOK}",
        "blind": "the service goes on without its monitor",
    },
    {
        "no model": "the series ends with the model, and what is not there equals nothing, not even 0",
        "no cards": "the time of the last card stays as it is while `time()` goes on",
        "quality": "compare the upper end of the interval with 0.6",
        "drift": "PSI is a gauge: it says how far a feature has moved, so compare it as it is, for every feature",
        "stale": "the time of the last label stays as it is while `time()` goes on",
        "blind": "the monitor's gauges are missing now, so no comparison with them holds: `up` knows",
    },
)


@checks("6.2a", weight=0)
def test_one_incident(submission, seed):
    """Prometheus takes the rules, and they page while many calls fail, not before."""
    expect_rules(submission, SERVICE)
    judge(submission, SERVICE, ["errors"], seed, ends=False)


@checks("6.2a", weight=2)
def test_fast(submission, seed):
    """Pages within 25 minutes: errors in bursts, slow predictions."""
    judge(submission, SERVICE, ["bursts", "slow"], seed)


@checks("6.2a", weight=1)
def test_soon(submission, seed):
    """Pages within the hour where a smaller share of the calls fails; the page ends soon after its cause."""
    judge(submission, SERVICE, ["some errors"], seed)


@checks("6.2a", weight=1)
def test_away(submission, seed):
    """Pages when no replica answers, and not when one is away."""
    judge(submission, SERVICE, ["away", "replica"], seed)


@checks("6.2a")
def test_quiet(submission, seed):
    """Lets everybody sleep through a blip and a night with few calls."""
    judge(submission, SERVICE, ["blip", "night"], seed)


@checks("6.2a")
def test_days(submission, seed):
    """Writes a ticket, and no page, where calls fail slowly all day; nothing on a good day."""
    judge(submission, SERVICE, ["well", "few errors"], seed)


@checks("6.2a", weight=2, live=False)  # a recording costs a second of computing
def test_the_others(submission, seed):
    """Does what is due in the rest of the table: crashes, slow predictions, releases, refused calls, an idle hour."""
    others = ["crashes", "some slow", "release", "refused", "idle", "few slow"]
    judge(submission, SERVICE, others, seed)


@checks("6.2a", weight=10, public=False, live=False)
def test_other_hours(submission, seed):
    """Holds in other recordings of every kind."""
    judge(submission, SERVICE, list(recordings.SERVICE), seed)


@checks("6.2b", weight=0)
def test_refused(submission, seed):
    """Prometheus takes the rules, and they page while many calls are refused, not before."""
    expect_rules(submission, MODEL)
    judge(submission, MODEL, ["refused"], seed)


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
    """Is silent about what goes by: a pause, a broken client, a promotion, a restart, a spike."""
    judge(submission, MODEL, ["pause", "client", "promotion", "restart", "spike"], seed)


@checks("6.2b", weight=2)
def test_evidence(submission, seed):
    """Is silent without evidence: a night, few labels, an interval that reaches above 0.6, a good day."""
    judge(submission, MODEL, ["night", "few labels", "unsure", "well"], seed)


@checks("6.2b", weight=10, public=False, live=False)
def test_other_days(submission, seed):
    """Holds in other recordings of every kind."""
    judge(submission, MODEL, list(recordings.MODEL), seed)
