"""Every notebook keeps to the contract (grader/authoring/contract.py says what it is)."""

import subprocess
import sys
from collections import Counter

from grader.authoring import contract, rehearsal

from .conftest import ROOT, Subject, _written


def test_text(subject: Subject) -> None:
    assert contract.faults(subject.parse()) == []


def test_run(subject: Subject) -> None:
    """It runs within its time, without network, at the extremes of every control."""
    assert rehearsal.rehearsed(subject.path, gates="closed" if subject.unsolved else "open") == []


def test_keys_are_used_once() -> None:
    """Answers are recorded under their card's key."""
    count = Counter(key for subject in _written() for key in contract.keys(subject.parse()))
    assert [key for key, times in count.items() if times > 1] == []


def test_marimo_check(subject: Subject) -> None:
    """marimo's own linter has nothing to say, not even a warning."""
    command = [sys.executable, "-m", "marimo", "check", "--strict", str(subject.path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
