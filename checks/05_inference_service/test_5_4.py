"""5.4: the faults of a pull request, by file, line and kind. A false alarm takes away what a find gives.

The pull request is drawn by the seed that the answer names; who grades sees it.
"""

from cardshop.review import KINDS
from cardshop.world.truth.changes import FAULTS, Finding, Request, change
from checks.shared.seeds import seed_of, told
from grader.engine import Mismatch, checks, expect, kind_of

REVIEW = "What do you look for in a pull request?"
SOME, ENOUGH = 2, 4  # faults that are found, after false alarms are taken off


def answered(submission) -> tuple[Request, list[dict]]:
    """The pull request that a submission is about, and its findings; their form is right."""
    answer = told(submission, "findings")
    if not isinstance(answer, dict) or not {"seed", "findings"} <= set(answer):
        raise Mismatch("a dict with seed and findings", got=kind_of(answer))
    seed, found = seed_of(answer), answer["findings"]
    if not isinstance(found, list | tuple):
        raise Mismatch("a list of findings", got=kind_of(found))
    request = change(seed)
    lengths = {file.name: len(file.after) for file in request.files}
    for at, one in enumerate(found, start=1):
        if not isinstance(one, dict) or not {"file", "line", "kind"} <= set(one):
            raise Mismatch(f"file, line and kind in finding {at}", got=f"{one!r:.120}")
        if one["file"] not in lengths:
            raise Mismatch(
                f"one of the files {', '.join(lengths)} in finding {at}", got=f"{one['file']!r:.60}"
            )
        line, last = one["line"], lengths[one["file"]]
        if isinstance(line, bool) or not isinstance(line, int) or not 1 <= line <= last:
            raise Mismatch(f"a line from 1 to {last} of {one['file']} in finding {at}", got=f"{line!r:.40}")
        if one["kind"] not in KINDS:
            raise Mismatch(f"one of the kinds {', '.join(KINDS)} in finding {at}", got=f"{one['kind']!r:.60}")
    return request, list(found)


def balance(request: Request, found: list[dict]) -> tuple[int, int]:
    """Faults that are found, and findings that name none. A second finding about the same fault is neither."""
    faults: set[Finding] = set()
    false = 0
    for one in found:
        about = [
            fault
            for fault in request.findings
            if fault.file == one["file"] and one["line"] in fault.lines and one["kind"] in fault.kinds
        ]
        faults |= set(about)
        false += not about
    return len(faults), false


def expect_found(submission, enough: int) -> tuple[int, int]:
    request, claimed = answered(submission)
    found, false = balance(request, claimed)
    expect(
        found - false >= enough,
        f"{enough} of {FAULTS} faults, each false alarm taken off",
        got=f"{found} found, {false} false",
        because="a false alarm takes away what a find gives: read what the change does, not how it looks"
        if false >= found
        else "",
        reread=REVIEW,
    )
    return found, false


@checks("5.4", weight=0)
def test_one(submission):
    """Names a fault by file, line and kind."""
    request, claimed = answered(submission)
    found, false = balance(request, claimed)
    expect(found, "a fault that is there", got=f"none in {len(claimed)} findings", reread=REVIEW)
    expect(
        len(claimed) <= 3 * FAULTS,
        f"at most {3 * FAULTS} findings",
        got=f"{len(claimed)}",
        because="whoever reports every line has read none",
    )


@checks("5.4", weight=3)
def test_some(submission):
    """Finds two faults, after false alarms are taken off."""
    expect_found(submission, SOME)


@checks("5.4", weight=5)
def test_most(submission, record_property):
    """Finds four of five faults, after false alarms are taken off."""
    request, claimed = answered(submission)
    found, false = balance(request, claimed)
    record_property("review", {"seed": told(submission, "findings")["seed"], "found": found, "false": false})
    expect_found(submission, ENOUGH)
