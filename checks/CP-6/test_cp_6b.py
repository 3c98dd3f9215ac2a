"""CP-6b: alert rules for a service, over recordings of the metrics that CP-6a asks for."""

from cardshop import pilot
from checks.shared.alerting import AWAY, CLIENT, FALSE, Rules, expect_rules, judge
from grader.engine import checks

UNASKED = {  # metrics one of which the rules have to ask for
    "slow": (
        "sorter_request_seconds",
        "no rule asks for `sorter_request_seconds_…`, so slow calls go unseen",
    ),
    "away": (
        r"\bup\b",
        "while nobody answers Prometheus there are no calls to count, and no rule asks for `up`",
    ),
}
RULES = Rules(
    "alerts.yaml",
    pilot.ALERTS,
    pilot.recording,
    {
        **FALSE,
        "broken": "the last good model answers as before, so no customer notices",
        "two versions": "both versions were good enough to answer",
        "promotion": "after five minutes all replicas have followed",
        "client": CLIENT,
        "release": "a replica that restarts is back after two minutes, and its counters begin at 0",
    },
    {
        "bursts": "`for` begins anew whenever the condition does not hold, and between bursts it does not",
        "slow": "count the calls above 0.5 s: many slow ones among quick ones hardly move a mean",
        "away": AWAY,
        "key": "a 401 is no 5xx, and the partner's cards remain unsorted",
        "one type": "all calls are answered in time: only the cards by type say that something is wrong",
        "broken": "`sorter_champion_broken` is 1 at both replicas",
        "two versions": "each replica is well, so the versions of all of them have to be counted",
    },
    asked=UNASKED,
)


@checks("CP-6b", weight=0)
def test_one_incident(submission, seed):
    """Prometheus takes the rules, and they page while many calls fail, not before."""
    expect_rules(submission, RULES)
    judge(submission, RULES, ["errors"], seed)


@checks("CP-6b", weight=2)
def test_promises(submission, seed):
    """Pages for errors in bursts and for slow calls; writes a ticket where the budget burns slowly."""
    judge(submission, RULES, ["bursts", "slow", "few errors"], seed)


@checks("CP-6b", weight=2)
def test_gone(submission, seed):
    """Pages when no replica answers or no model does, and not when one replica is away."""
    judge(submission, RULES, ["away", "no model", "replica"], seed)


@checks("CP-6b", weight=2)
def test_of_no_use(submission, seed):
    """Pages when clients are refused for long, and when nearly all cards get the same type."""
    judge(submission, RULES, ["key", "one type"], seed)


@checks("CP-6b", weight=2)
def test_versions(submission, seed):
    """Writes a ticket for a promotion that isn't followed, by all or by one; nothing while one goes well."""
    judge(submission, RULES, ["broken", "two versions", "promotion"], seed)


@checks("CP-6b")
def test_quiet(submission, seed):
    """Lets everybody sleep through a night with few calls, and a good day."""
    judge(submission, RULES, ["night", "well"], seed)


@checks("CP-6b", live=False)  # a recording costs a second of computing
def test_the_others(submission, seed):
    """Lets everybody sleep through the rest of the table: a blip, a broken client, a release, an idle hour."""
    judge(submission, RULES, ["blip", "client", "release", "idle"], seed)


@checks("CP-6b", weight=12, public=False, live=False)
def test_other_hours(submission, seed):
    """Holds in other recordings of every kind."""
    judge(submission, RULES, list(pilot.ALERTS), seed)
