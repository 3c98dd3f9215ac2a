"""Every notebook keeps to the contract (grader/authoring/contract.py says what it is)."""

import subprocess
import sys
from collections import Counter

import pytest

from grader.authoring import contract, rehearsal

from .conftest import ROOT, Subject, _written, subjects


def test_texts(pytestconfig: pytest.Config) -> None:
    assert [fault for one in subjects(pytestconfig) for fault in contract.faults(one.parse())] == []


def test_keys_are_used_once() -> None:
    """Answers are recorded under their card's key."""
    count = Counter(key for subject in _written() for key in contract.keys(subject.parse()))
    assert [key for key, times in count.items() if times > 1] == []


def test_marimo_check(pytestconfig: pytest.Config) -> None:
    """marimo's own linter has nothing to say, not even a warning."""
    command = [
        sys.executable,
        "-m",
        "marimo",
        "check",
        "--strict",
        *(str(one.path) for one in subjects(pytestconfig)),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_run(subject: Subject) -> None:
    """It runs within its time, without network, at the extremes of every control.

    Those that have changed, and a few others in turn.
    """
    assert rehearsal.rehearsed(subject.path, gates="closed" if subject.unsolved else "open") == []
