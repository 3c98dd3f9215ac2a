"""6.1: who gets the new model, and when a canary ends.

An arm that depends on the process gives a customer two models on one page; one that ignores the salt experiments on the
same customers every time. Canaries are simulated here. Chance takes an equal challenger below the champion sooner or
later, so those that try the patience of a judge are searched for: an ordinary interval takes back every one of them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from grader.engine import Mismatch, Raised, checks, expect, kind_of

WHO = "Who gets the new model?"
WHEN = "When do you decide?"
ARMS = ("champion", "challenger")
ACTIONS = ("wait", "promote", "rollback")


def many(submission, entry: str, asked: Sequence[tuple]) -> list[str]:
    """What a function says to many arguments, asked about at once. A wrong one is called again alone, to be shown."""
    batch, words = {"arm": ("arms", ARMS), "decide": ("decisions", ACTIONS)}[entry]
    try:
        answers = getattr(submission, batch)(list(asked))
    except Raised as error:
        if not error.missing:
            getattr(submission, entry)(*_raising(getattr(submission, batch), asked))
        raise
    if not isinstance(answers, list) or len(answers) != len(asked):
        raise Mismatch(f"a list of {len(asked)} answers: leave `{batch}` as it is", got=kind_of(answers))
    for arguments, answer in zip(asked, answers, strict=True):
        if not isinstance(answer, str) or answer not in words:
            getattr(submission, entry)(*arguments)
            raise Mismatch(", ".join(words[:-1]) + f" or {words[-1]}", got=f"{answer!r:.60}")
    return answers


def _raising(batch: Callable, asked: Sequence[tuple]) -> tuple:
    """The first arguments that raise an error."""
    while len(asked) > 1:
        first, second = asked[: len(asked) // 2], asked[len(asked) // 2 :]
        try:
            batch(list(first))
            asked = second
        except Raised:
            asked = first
    return asked[0]


# --- 6.1a

CHANCE = 5  # standard errors
SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.9, 1.0)


def chosen(submission, keys: Sequence[str], share: float, salt: str) -> list[bool]:
    """Which customers get the challenger."""
    return [one == "challenger" for one in many(submission, "arm", [(key, share, salt) for key in keys])]


def customers(rng: np.random.Generator, number: int) -> dict[str, list[str]]:
    """Ids of customers, in the forms that shops use."""
    first = int(rng.integers(10**3, 10**6))
    rows = range(first, first + number)
    letters = [*"äñøßłçабвжшαβγδλ漢字仮名कखगพฟ"]
    return {
        "numbers in a row": [str(row) for row in rows],
        "padded numbers": [f"{row:012d}" for row in rows],
        "emails": [f"user.{row}@example.org" for row in rows],
        "names in several scripts": ["".join(rng.choice(letters, 12)) for _ in rows],
        "random ids": [rng.bytes(8).hex() for _ in rows],
        "long ids that differ at the end": [f"customer-of-the-marketplace-in-lagos/{row}" for row in rows],
    }


def close(count: int, number: int, share: float) -> bool:
    """Whether a count is a share of a number, within chance."""
    return abs(count - number * share) <= CHANCE * math.sqrt(number * share * (1 - share))


def fair(submission, rng: np.random.Generator, salt: str, number: int, small: int) -> None:
    """Expect the share among customers of each form; among `small` customers where it is 0.004, 0 or 1."""
    rows = [f"customer {row}" for row in range(small)]
    groups = [(share, *group) for group in customers(rng, number).items() for share in (0.1, 0.5)]
    extremes = [(share, "customers", rows) for share in (0.004, 0.0, 1.0)]
    for share, form, keys in [*groups, *extremes]:
        count = sum(chosen(submission, keys, share, salt))
        if close(count, len(keys), share):
            continue
        submission.arm(keys[0], share, salt)  # the call that the learner is shown
        coarse = "; a hundred parts, or 256, are too coarse for it" if share == 0.004 else ""
        raise Mismatch(
            f"the challenger for about {len(keys) * share:g} of {len(keys)} {form}",
            got=f"{count}",
            because=f"a share of {share:g} became {count / len(keys):.2g} of {form}, such as {keys[0]!r}{coarse}",
            reread=WHO,
        )


def grows(submission, keys: Sequence[str], salt: str) -> None:
    """Expect that a customer keeps the challenger while the share grows, and the arm when asked again."""
    before = [False] * len(keys)
    for share in SHARES:
        twice = chosen(submission, [*keys, *keys], share, salt)
        now, again = twice[: len(keys)], twice[len(keys) :]
        for key, had, has, other in zip(keys, before, now, again, strict=True):
            if has == other and (has or not had):
                continue
            submission.arm(key, share, salt)  # the call that the learner is shown
            because = f"the share grew to {share:g}, and {key!r} lost the challenger"
            if has != other:
                because = f"{key!r} was asked about twice, and got both arms"
            raise Mismatch("the same arm as before", because=because, reread=WHO)
        before = now


def shuffles(submission, keys: Sequence[str], salts: Sequence[str]) -> None:
    """Expect that who has the challenger under one salt says nothing about another salt."""
    for share in (0.1, 0.5):
        picked = [np.array(chosen(submission, keys, share, salt)) for salt in salts]
        for at in range(1, len(salts)):
            first, second = picked[at - 1], picked[at]
            number, both = int(first.sum()), int((first & second).sum())
            if close(both, number, share):
                continue
            submission.arm(keys[int(first.argmax())], share, salts[at])  # the call that the learner is shown
            why = (
                f"with a share of {share:g}, {number} customers have the challenger under {salts[at - 1]!r}, "
            )
            why += f"and {both} of them under {salts[at]!r}, too"
            if (first == second).all():
                why += ": the salt changes nobody's arm"
            raise Mismatch(
                f"about {number * share:.0f} customers who have the challenger under both salts",
                got=f"{both}",
                because=why,
                reread=WHO,
            )


def everywhere(submission, keys: Sequence[str], salt: str) -> None:
    """Expect the same arms in fresh interpreters with other hash seeds."""
    found = []
    for hash_seed in ("1", "2"):
        with submission.cold({"PYTHONHASHSEED": hash_seed}) as other:
            found.append(chosen(other, keys, 0.5, salt))
    for key, *arms in zip(keys, *found, strict=True):
        if arms[0] == arms[1]:
            continue
        submission.arm(key, 0.5, salt)  # the call that the learner is shown
        raise Mismatch(
            "the same arm in every process",
            because=f"{key!r} gets the {ARMS[arms[0]]} in one process and the {ARMS[arms[1]]} in another: `hash()` "
            "of a text, random numbers and what a process remembers do that",
            reread=WHO,
        )


@checks("6.1a", weight=0)
def test_nobody_half_and_everybody(submission):
    """Gives the challenger to nobody with a share of 0, to everybody with 1, to some with 0.5."""
    keys = [f"customer {row}" for row in range(60)]
    for share, least, most in ((0.0, 0, 0), (0.5, 10, 50), (1.0, 60, 60)):
        count = sum(chosen(submission, keys, share, "spring"))
        submission.arm(keys[0], share, "spring")  # the call that the learner is shown
        about = f"the challenger for {'about ' * (most > least)}{60 * share:g} of 60 customers"
        expect(least <= count <= most, about, got=f"{count}", reread=WHO)


@checks("6.1a")
def test_share(submission):
    """Gives the challenger to its share of customers, whatever their ids look like."""
    fair(submission, np.random.default_rng(1), "spring", 1_000, 10_000)


@checks("6.1a")
def test_growing_share(submission):
    """Leaves customers with the challenger when the share grows."""
    grows(submission, [str(row) for row in range(500)], "spring")


@checks("6.1a")
def test_salts(submission):
    """Chooses other customers when the salt changes."""
    shuffles(submission, [f"customer {row}" for row in range(2_000)], ["spring", "summer", "autumn"])


@checks("6.1a", cold=True)
def test_processes(submission):
    """Gives a customer the same arm in every process."""
    everywhere(submission, [f"customer {row}" for row in range(300)], "spring")


@checks("6.1a", weight=6, public=False, cold=True)
def test_all_of_arm(submission, seed):
    """All rules together, with other customers and salts."""
    rng = np.random.default_rng(seed)
    salts = [rng.bytes(4).hex(), "canary 1", "canary 2", "", rng.bytes(16).hex()]
    forms = [*customers(rng, 2_000).values()]
    fair(submission, rng, salts[0], 2_000, 20_000)
    shuffles(submission, forms[0], salts)
    shuffles(submission, forms[2], salts[:3])
    grows(submission, [key for form in forms for key in form[:200]], salts[0])
    keys = [key for form in forms for key in form[:50]]
    everywhere(submission, keys, salts[1])
    batch = chosen(submission, keys[:40], 0.5, salts[0])
    single = [submission.arm(key, 0.5, salts[0]) == "challenger" for key in keys[:40]]
    expect(batch == single, "what `arm` says", because="`arms` says something else: leave it as it is")


# --- 6.1b

LOOKS = 150  # as in the notebook
COUNTS = ("requests", "errors", "slow", "labels", "right")
RATES = {"right": "labels", "errors": "requests", "slow": "requests"}
WORSE = {"right": -1, "errors": 1, "slow": 1}  # the sign of a difference that is bad
BATCH = 40  # requests that the challenger answers
HOUR = 6  # batches
ORDINARY = 1.96  # standard errors: half of an ordinary interval
CLEARLY = 2.2  # and so many that every formula for such an interval agrees
MARGIN = 0.02  # as in the notebook
LATE = 600  # labels of the challenger
FEWEST = 20  # labels
ROUND = 25  # batches that are asked about together


@dataclass(frozen=True)
class Canary:
    """What was counted of champion and challenger (first axis) after each batch (last axis), in the order of COUNTS."""

    kind: str
    counts: np.ndarray

    def look(self, at: int) -> tuple[dict[str, int], dict[str, int]]:
        champion, challenger = self.counts[:, :, at].tolist()
        return dict(zip(COUNTS, champion, strict=True)), dict(zip(COUNTS, challenger, strict=True))

    def apart(self, what: str) -> tuple[np.ndarray, np.ndarray]:
        """How much worse the challenger's rate looks after each batch, and the standard error of it."""
        number = self.counts[:, COUNTS.index(RATES[what])] + 2
        rate = (self.counts[:, COUNTS.index(what)] + 1) / number
        return WORSE[what] * (rate[1] - rate[0]), np.sqrt((rate * (1 - rate) / number).sum(axis=0))


@dataclass(frozen=True)
class Kind:
    """A kind of challenger: what is different about it, and how its canary should end."""

    says: str
    end: str  # "promoted", "not promoted", "taken back", "not taken back"
    within: int = LOOKS  # batches
    allowed: float = 0.1  # the share of canaries that may end otherwise


KINDS = {
    "better": Kind("is right more often", "promoted"),
    "worse": Kind("is right less often", "taken back", 100),
    "a little worse": Kind("is right less often by 3 points", "not promoted"),
    "errors": Kind("fails more often", "taken back", 30),
    "slow": Kind("is slow more often", "taken back", 30),
    "outage": Kind("is as good as the champion, and both have a bad hour", "not taken back", allowed=0.25),
    "unlucky": Kind("is as good as the champion, and looks worse for a while", "not taken back", allowed=0.5),
    "startled": Kind(
        "fails no more than the champion, and looks so for a while", "not taken back", allowed=0.5
    ),
}


def simulated(kind: str, rng: np.random.Generator) -> Canary:
    """A canary of LOOKS batches, ten minutes each. Labels come one to three hours after the requests."""
    rates = {
        "right": rng.uniform(0.75, 0.9),
        "errors": rng.uniform(0.002, 0.01),
        "slow": rng.uniform(0.005, 0.02),
    }
    theirs = dict(rates)
    if kind == "better":
        theirs["right"] += rng.uniform(0.04, 0.07)
    elif kind == "worse":
        theirs["right"] -= rng.uniform(0.06, 0.12)
    elif kind == "a little worse":
        theirs["right"] -= 0.03
    elif kind in ("errors", "slow"):
        theirs[kind] += rng.uniform(0.04, 0.1)
        theirs["right"] += rng.choice([0.0, 0.05])  # a larger model is often both
    trouble = np.zeros((2, LOOKS))
    if kind == "outage":
        start = int(rng.integers(3, 30))
        trouble[rng.integers(2), start : start + HOUR] = rng.uniform(0.1, 0.25)
    when = np.arange(LOOKS) + rng.integers(HOUR, 3 * HOUR, LOOKS)
    share, labelled, found = rng.uniform(0.15, 0.3), rng.uniform(0.5, 0.7), []
    for own, requests in ((rates, BATCH * (1 - share) / share), (theirs, BATCH)):
        asked = rng.poisson(requests, LOOKS)
        errors = rng.binomial(asked, own["errors"] + trouble[0])
        slow = rng.binomial(asked - errors, own["slow"] + trouble[1])
        labels = rng.binomial(asked - errors, labelled)
        back, right = np.zeros((2, LOOKS + 3 * HOUR), int)
        np.add.at(back, when, labels)
        np.add.at(right, when, rng.binomial(labels, own["right"]))
        found.append(np.cumsum([asked, errors, slow, back[:LOOKS], right[:LOOKS]], axis=1))
    return Canary(kind, np.array(found))


def fooled(canary: Canary) -> tuple[str, int]:
    """What would fool a judge with an ordinary interval, and the batch; nothing if it promotes first, or waits."""
    gap, error = canary.apart("right")
    promoted = np.append(gap + ORDINARY * error < MARGIN, True).argmax()
    for what in RATES:
        gap, error = canary.apart(what)
        worse = np.append(gap > CLEARLY * error, True).argmax()
        if worse < min(promoted, LOOKS):
            return what, int(worse)
    return "", LOOKS


def canaries(seed: int, numbers: dict[str, int]) -> list[Canary]:
    """So many canaries of each kind."""
    rng = np.random.default_rng(seed)
    return [drawn(kind, at, rng) for kind, number in numbers.items() for at in range(number)]


def drawn(kind: str, at: int, rng: np.random.Generator) -> Canary:
    """A canary of a kind. Every other one that is unlucky looks worse late, and so does every other one by `slow`."""
    while True:
        canary = simulated(kind, rng)
        what, batch = fooled(canary)
        late = bool(what) and canary.counts[1, COUNTS.index("labels"), batch] >= LATE
        if kind == "unlucky" and (what != "right" or late != at % 2):
            continue
        if kind == "startled" and what != ("errors", "slow")[at % 2]:
            continue
        return canary


def ends(submission, chosen: Sequence[Canary]) -> list[tuple[str, int]]:
    """How each canary ends, and after which batch, counted from 0. A round of batches is asked about at once."""
    found: dict[int, tuple[str, int]] = {}
    for first in range(0, LOOKS, ROUND):
        batches = range(first, min(first + ROUND, LOOKS))
        running = [number for number in range(len(chosen)) if number not in found]
        answers = iter(
            many(submission, "decide", [chosen[number].look(at) for number in running for at in batches])
        )
        for number in running:
            said = [next(answers) for _ in batches]
            for at, one in zip(batches, said, strict=True):
                if one != "wait" and number not in found:
                    found[number] = one, at
    return [found.get(number, ("wait", LOOKS - 1)) for number in range(len(chosen))]


def is_right(kind: Kind, action: str, at: int) -> bool:
    """Whether a canary of a kind may end like this."""
    if kind.end.startswith("not"):
        return action != {"not promoted": "promote", "not taken back": "rollback"}[kind.end]
    return action == {"promoted": "promote", "taken back": "rollback"}[kind.end] and at < kind.within


def told(canary: Canary, action: str, at: int) -> str:
    """How a canary ended that should have ended otherwise, with the numbers of that batch."""
    kind, (champion, challenger) = KINDS[canary.kind], canary.look(at)

    def rates(what: str) -> str:
        of, said = RATES[what], []
        for one in (challenger, champion):
            share = f"{one[what] / one[of]:.1%}" if one[of] else "none"
            said.append(f"{one[what]} of {one[of]} {of} ({share})")
        return f"{what}: {said[0]}, the champion {said[1]}"

    after = f"after batch {at + 1}"
    if kind.end == "taken back" or action != "rollback":
        what = "right" if canary.kind in ("better", "worse", "a little worse") else canary.kind
        still = "still waited" if kind.end == "promoted" else "still answered"
        ended = "was promoted" if action == "promote" else still
        why = f": it may be worse by more than {MARGIN:g}" if kind.end == "not promoted" else ""
        return f"a challenger that {kind.says} {ended} {after} ({rates(what)}){why}"
    seen = {what: float(gap[at] / error[at]) for what in RATES for gap, error in [canary.apart(what)]}
    what = max(seen, key=seen.get)
    if seen[what] > ORDINARY:
        why = f"an ordinary 95 % interval calls it worse, but it is meant for one look, and this was look {at + 1}"
    elif canary.kind == "outage":
        what = max(("errors", "slow"), key=lambda one: challenger[one])
        why = "both had the same bad hour"
    else:
        why = "with so few, two equal models are as far apart by chance"
    return f"a challenger that isn't worse was taken back {after} ({rates(what)}): {why}"


def judged(submission, numbers: dict[str, int], seed: int) -> dict[str, str]:
    """Expect of the canaries of each kind that enough of them end as they should; return how many do."""
    chosen, figures = canaries(seed, numbers), {}
    found = [*zip(chosen, ends(submission, chosen), strict=True)]
    for canary, (action, at) in found:
        if action == "promote":
            enough(submission, canary.look(at))
    for name in numbers:
        kind = KINDS[name]
        own = [(canary, *end) for canary, end in found if canary.kind == name]
        wrong = [one for one in own if not is_right(kind, *one[1:])]
        figures[name] = f"{len(own) - len(wrong)} of {len(own)}"
        allowed = max(1, int(kind.allowed * len(own)))
        if len(wrong) > allowed:
            canary, action, at = wrong[0]
            if kind.end == "taken back" and action != "promote":
                at = kind.within - 1  # it is late since then
            submission.decide(*canary.look(at))  # the call that the learner is shown
            ending = f"taken back within {kind.within} batches" if kind.end == "taken back" else kind.end
            raise Mismatch(
                f"at least {len(own) - allowed} of {len(own)} {ending}: each challenger {kind.says}",
                got=figures[name],
                because=told(canary, action, at),
                reread=WHEN,
            )
    return figures


def enough(submission, look: tuple[dict[str, int], dict[str, int]]) -> None:
    """Expect of a promotion that both arms had labels."""
    labels = min(one["labels"] for one in look)
    if labels >= FEWEST:
        return
    submission.decide(*look)  # the call that the learner is shown
    came = f"{labels} labels had" if labels else "no label had"
    because = f"{look[1]['requests']} requests of the challenger were answered, and {came} come back"
    raise Mismatch("wait", got="promote", because=because, reread=WHEN)


def evidence(submission, seed: int) -> None:
    """Expect that nobody is promoted while an arm has no labels, ten that are all right, or too few to say."""
    rng = np.random.default_rng(seed)
    looks = []
    for labels in (0, 0, 0, 10, 10, 10):
        requests = BATCH * int(rng.integers(1, 60))
        champion = {"requests": 5 * requests, "errors": requests // 50, "slow": requests // 20}
        champion |= {"labels": 30 * labels, "right": int(rng.uniform(24, 27) * labels)}
        challenger = {"requests": requests, "errors": 0, "slow": 0, "labels": labels, "right": labels}
        looks.append((champion, challenger))
    for look, said in zip(looks, many(submission, "decide", looks), strict=True):
        if said == "promote":
            enough(submission, look)
    champion = {"requests": 20_000, "errors": 60, "slow": 200, "labels": 10_000, "right": 8_500}
    challenger = {"requests": 5_000, "errors": 12, "slow": 45, "labels": 200, "right": 172}
    why = f"86 % of 200 labels are right, and 85 % of the champion's: it may well be worse by more than {MARGIN:g}"
    said = submission.decide(champion, challenger)
    expect(said == "wait", "wait", got=f"{said!r:.60}", because=why, reread=WHEN)


@checks("6.1b", weight=0)
def test_clear_cases(submission):
    """Is right where everybody sees what to do."""
    nothing = dict.fromkeys(COUNTS, 0)
    champion = {"requests": 20_000, "errors": 60, "slow": 200, "labels": 10_000, "right": 8_500}
    good = {"requests": 5_000, "errors": 12, "slow": 45, "labels": 2_500, "right": 2_350}
    cases = [
        ("nothing has been counted yet", nothing, nothing, "wait"),
        ("94 % of the challenger's labels are right, and 85 % of the champion's", champion, good, "promote"),
        (
            "60 % of the challenger's labels are right, and 85 % of the champion's",
            champion,
            good | {"right": 1_500},
            "rollback",
        ),
        (
            "half of the challenger's requests fail",
            champion,
            nothing | {"requests": 400, "errors": 200},
            "rollback",
        ),
    ]
    for what, ours, theirs, right in cases:
        said = submission.decide(ours, theirs)
        expect(isinstance(said, str) and said == right, right, got=f"{said!r:.60}", because=what, reread=WHEN)


@checks("6.1b", weight=2)
def test_bad_challengers(submission, seed):
    """Takes back challengers that are worse, fail or are slow, and soon."""
    judged(submission, {"worse": 10, "errors": 6, "slow": 6}, seed)


@checks("6.1b", weight=2)
def test_good_challengers(submission, seed):
    """Promotes better challengers, and doesn't take back equal ones, although it looks again and again."""
    judged(submission, {"better": 10, "unlucky": 10, "startled": 6, "outage": 6}, seed)


@checks("6.1b")
def test_evidence(submission):
    """Promotes nobody before enough labels have come back."""
    evidence(submission, 1)


@checks("6.1b", weight=7, public=False, live=False)
def test_all_of_decide(submission, seed, record_property):
    """All kinds of canaries, as many again and more; the same numbers always get the same answer."""
    numbers = {
        "better": 10,
        "worse": 10,
        "a little worse": 10,
        "errors": 10,
        "slow": 10,
        "outage": 8,
        "unlucky": 20,
        "startled": 12,
    }
    for kind, right in judged(submission, numbers, seed).items():
        record_property(kind, right)
    evidence(submission, seed)
    rng = np.random.default_rng(seed)
    others = canaries(seed + 1, {"worse": 3, "errors": 3, "better": 3})
    looks = [one.look(at) for one in others for at in range(0, LOOKS, 5)]
    order = rng.permutation(len(looks))
    first = many(submission, "decide", looks)
    submission.close()  # in a process that has seen nothing
    second = many(submission, "decide", [looks[at] for at in order])
    why = "in another order the same looks got other decisions: a decision rests on what was asked before"
    expect([first[at] for at in order] == second, "the same decisions", because=why, reread=WHEN)
    single = [submission.decide(*looks[at]) for at in order[:40]]
    why = "`decisions` says something else: leave it as it is"
    expect(single == second[:40], "what `decide` says", because=why)
