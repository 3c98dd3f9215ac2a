"""6.1: who gets the new model, and when a canary ends."""

from grader.engine import checks, expect

CANARY = "WRITE: a section of the lesson"


@checks("6.1a", weight=0)
def test_nobody_and_everybody(submission):
    """Gives nobody the challenger with a share of 0, and everybody with 1."""
    answers = [submission.arm("1", share, "spring") for share in (0.0, 1.0)]
    expect(answers == ["champion", "challenger"], "champion and challenger", got=f"{answers!r:.80}")
