"""The stopwatch: how many times faster an answer is than the slow version that was handed out."""

import io
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from .declarations import Mismatch
from .submission import Call, Submission
from .worker import GraderBroken, WorkerLost

SLOW_CALL = 30  # seconds that one call of the slow version may take
SHORTEST = (
    1  # seconds that a measured call may take in any case: a busy moment of the machine must not end it
)


@dataclass(frozen=True)
class Round:
    """The data of one measured call: files (text, bytes, frames as Parquet), and arguments that may name them.

    `Round({"sales.parquet": sales}, (File("sales.parquet"), 7))` calls `f(Path("…/sales.parquet"), 7)`.
    """

    files: Mapping[str, object] = field(default_factory=dict)
    args: tuple = ()


def speedup(
    submission: Submission,
    *,
    slow: str,
    fast: str,
    rounds: Iterable[Round],
    warm: Round,
    enough: float,
    compare: Callable[[object, object], None],
    glance: Round | None = None,
) -> float:
    """Return how many times faster `fast` of the submission is than `slow` of the shipped notebook.

    Each round has data of its own, and each of its two calls a process that has seen none of it: the files are
    sent with the call, while the clock runs. `warm` is a small round that the process answers before, so that
    no import is measured. `compare(answer, given)` gets what `fast` and what `slow` returned, and raises
    Mismatch when the answer is wrong. The slow version is measured while no process of the submission exists.
    The best time of each side counts. Later rounds are left out once the ratio is above twice `enough` or
    below half of it. `glance` is a smaller round before them, after which they are left out if the ratio is above
    twice `enough`: what does not depend on the data can only make a small round's ratio smaller. Raises Mismatch when
    the ratio stays below `enough`.
    """
    wanted = f"{enough:g} times the speed of the given version, or more"

    def measured(one: Round, given_best: float) -> tuple[float, float]:
        """The seconds of both sides; infinitely many where the answer took too long."""
        given = _given(submission, slow, warm, one)
        limit = max(SHORTEST, 2 * min(given_best, given.seconds) / enough)
        answer = _measured(submission, fast, warm, one, limit)
        if answer is None:
            return given.seconds, math.inf
        compare(answer.value, given.value)
        return given.seconds, answer.seconds

    if glance is not None:
        given_time, time = measured(glance, math.inf)
        if given_time / time >= 2 * enough:
            return given_time / time
    given_best = best = ratio = math.inf
    for one in rounds:
        given_time, time = measured(one, given_best)
        given_best = min(given_best, given_time)
        if time == math.inf:
            limit = max(SHORTEST, 2 * given_best / enough)
            raise Mismatch(
                wanted, got=f"it was stopped after {limit:.2g} s; the given version takes {given_best:.2g} s"
            )
        best = min(best, time)
        ratio = given_best / best
        if ratio >= 2 * enough or ratio < enough / 2:
            break
    if ratio < enough:
        raise Mismatch(
            wanted,
            got=f"it took {best:.2g} s where the given version takes {given_best:.2g} s: "
            f"{ratio:.2g} times as fast; {enough:g} are asked for",
        )
    return ratio


def _given(submission: Submission, name: str, warm: Round, one: Round) -> Call:
    submission.close()  # nothing of it is there that could keep the processor busy
    call = _measured(submission.shipped, name, warm, one, SLOW_CALL)
    if call is None:
        raise GraderBroken(f"the given version, {name}, takes more than {SLOW_CALL} seconds on this machine")
    return call


def _measured(side: Submission, name: str, warm: Round, one: Round, limit: float) -> Call | None:
    """Make one call in a process of its own, which is ended afterwards; None when it took too long."""
    side.close()
    side.call_on_files(name, warm.args, _ready(warm.files))
    try:
        side.call_on_files(name, one.args, _ready(one.files), limit)
    except WorkerLost as error:
        if error.reason != "timed_out":
            raise
        return None
    call = side.last
    side.close()
    return call


def _ready(files: Mapping[str, object]) -> dict[str, bytes]:
    """The bytes of the files, so that nothing is left to do but to write them."""
    return {name: _bytes(content) for name, content in files.items()}


def _bytes(content: object) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return content.encode()
    sink = io.BytesIO()
    content.write_parquet(sink) if hasattr(content, "write_parquet") else content.to_parquet(sink)
    return sink.getvalue()
