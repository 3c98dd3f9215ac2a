"""5.2: the answers of the slow service, at a tenth of its time. Both are measured from outside, in the same run.

The fast way to be wrong is to keep what changes: the model's file is replaced while the service runs.
"""

import time

import numpy as np

from cardshop.scorer import FILE, STAGES, STATS, Scorer
from cardshop.world import species
from checks.shared.services import PATH, drawn, not_raised, same
from grader.engine import Mismatch, Response, checks, expect

REPLACED = "the model's file was replaced, and the old model answers"
TIME = "Where do the milliseconds go?"
NUMBERS = species.FILE.read_text(encoding="utf-8")
QUICKER = 10  # times
CARDS = 40  # in a request that is timed
ROUNDS = 2
SHORTEST = 1e-4  # seconds: what is less cannot be told from the way of a request to the worker and back


def base() -> dict[int, dict[str, int]]:
    """The stats of each species."""
    names, *rows = [line.split(",") for line in NUMBERS.splitlines()]
    tables = (dict(zip(names, row, strict=False)) for row in rows)
    return {int(row["number"]): {stat: int(row[stat]) for stat in STATS} for row in tables}


BASE = base()
NOBODY = dict.fromkeys(STATS, 70)


def cards(rng: np.random.Generator, number: int, gaps: float = 0.2, known: float = 0.9) -> list[dict]:
    """Cards that no catalogue has; a share of their stats is null, and a few belong to no species."""
    found = []
    for at in range(number):
        stats = {stat: None if rng.random() < gaps else int(rng.integers(20, 250)) for stat in STATS}
        kind = int(rng.integers(1, 152) if rng.random() < known else rng.integers(200, 999))
        found.append(
            {"card_id": f"NEW-{at:03}", "species_number": kind, "stage": str(rng.choice(STAGES)), **stats}
        )
    return found


def content(scorer: Scorer) -> bytes:
    """The model's file. All are equally long, so that nobody can tell them by their size."""
    return scorer.content.ljust(2_000)


def files(scorer: Scorer) -> dict[str, object]:
    return {FILE: content(scorer), "species.csv": NUMBERS}


def right(response: Response, asked: list[dict], scorer: Scorer, before: tuple[Scorer, ...] = ()) -> None:
    """Expect the answers of the slow service; `before` are the models whose file was replaced."""
    not_raised(response, "the status 200")
    expect(response.status == 200, "the status 200", got=f"{response.status}: {response.text:.150}")
    whole = [
        card | {stat: BASE.get(card["species_number"], NOBODY)[stat] for stat in STATS if card[stat] is None}
        for card in asked
    ]
    body = response.json()
    found = body.get("predictions") if isinstance(body, dict) else None
    if not isinstance(found, list) or len(found) != len(asked):
        raise Mismatch(f"{len(asked)} predictions", got=f"{response.text:.150}")
    old = [one.predict(whole) for one in before]
    for at, (card, one, true) in enumerate(zip(asked, found, scorer.predict(whole), strict=True)):
        if not same(one, true):
            because = next(
                (
                    f"gaps were filled with {usual} and not with the stats of the species"
                    for usual in (70, 0)
                    if same(
                        one,
                        scorer.predict([{**card, **{stat: usual for stat in STATS if card[stat] is None}}])[
                            0
                        ],
                    )
                ),
                "",
            )
            raise Mismatch(
                f"{true}",
                got=f"{one!r:.200}",
                because=REPLACED if any(same(one, stale[at]) for stale in old) else because,
                reread=TIME,
            )
    expect(
        body.get("version") == scorer.version,
        f"version {scorer.version!r}",
        got=f"{body.get('version')!r:.60}",
    )


@checks("5.2", weight=0)
def test_answers(submission):
    """Answers a request without gaps as the slow service does."""
    rng, scorer = np.random.default_rng(1), drawn(1)
    asked = cards(rng, 3, gaps=0, known=1)
    with submission.asgi("quick_app", submission.folder(files(scorer))) as client:
        right(client.post(PATH, json={"cards": asked}), asked, scorer)


@checks("5.2", weight=2)
def test_gaps(submission):
    """Fills gaps as the slow service does, also for a species that nobody knows."""
    fills(submission, 2)


def fills(submission, seed: int) -> None:
    """Several requests with gaps, the largest first."""
    rng, scorer = np.random.default_rng(seed), drawn(seed % 2**32)
    with submission.asgi("quick_app", submission.folder(files(scorer))) as client:
        for number, gaps in ((100, 0.2), (1, 1.0), (7, 0.5), (1, 0.0)):
            asked = cards(rng, number, gaps, known=0.7)
            right(client.post(PATH, json={"cards": asked}), asked, scorer)


@checks("5.2", weight=2)
def test_new_model(submission):
    """Answers with the new model as soon as its file is there."""
    follows(submission, 3)


def follows(submission, seed: int) -> None:
    """Replace the model's file twice, once by an older version."""
    rng = np.random.default_rng(seed)
    scorer = drawn(seed % 2**32)
    folder, asked = submission.folder(files(scorer)), cards(rng, 5)
    with submission.asgi("quick_app", folder) as client:
        right(client.post(PATH, json={"cards": asked}), asked, scorer)
        before = ()
        for version in ("2", "3", "2"):
            time.sleep(0.05)  # the clock of files ticks in steps of some milliseconds
            before, scorer = (*before, scorer), drawn(int(rng.integers(2**32)), version)
            submission.folder({FILE: content(scorer)}, folder, dated=True)
            for _ in range(2):
                right(client.post(PATH, json={"cards": asked}), asked, scorer, before)


def ratio(submission, seed: int) -> float:
    """How many times faster than the given service; a request of each size warms both up."""
    rng, times = np.random.default_rng(seed), {"slow_app": [], "quick_app": []}
    for _ in range(ROUNDS):
        scorer, (warm, asked) = drawn(int(rng.integers(2**32))), (cards(rng, 1), cards(rng, CARDS))
        for name, side in (("slow_app", submission.shipped), ("quick_app", submission)):
            submission.close()  # nothing of it is there that could keep the processor busy
            with side.asgi(name, side.folder(files(scorer))) as client:
                client.post(PATH, json={"cards": warm})
                response = client.post(PATH, json={"cards": asked})
                times[name].append(client.seconds)
            if name == "quick_app":
                right(response, asked, scorer)
            side.close()
    return min(times["slow_app"]) / max(min(times["quick_app"]), SHORTEST)


@checks("5.2", weight=11, timed=True, public=False)
def test_quick(submission, seed, record_property):
    """Takes a tenth of the time of the slow service, with the same answers."""
    fills(submission, seed)
    follows(submission, seed)
    found = ratio(submission, seed)
    record_property("speedup", found)
    expect(
        found >= QUICKER,
        f"{QUICKER} times the speed of `slow_app` for {CARDS} cards, or more",
        got=f"{found:.1f} times",
        because="it is too slow: count what happens for each card, and what for each feature of a card",
        reread=TIME,
    )
