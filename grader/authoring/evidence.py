"""What was proved of an assignment, kept in `evidence/<assignment>.json` beside a hash of all that the proof rests on.

There are two proofs, and each is repeated only when its own files change: `content` (the checks are fair) and `pages`
(the notebooks can be read).
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from grader.course.manifest import ROOT, Assignment

Proof = Literal["content", "pages"]

BOTH = ("cardshop", "datasets/species.csv", "requirements.lock")
DEPENDS: dict[Proof, tuple[str, ...]] = {
    "content": (
        *BOTH,
        "grader/engine",
        *(f"grader/authoring/{name}.py" for name in ("answers", "build", "mutants", "proof")),
    ),
    "pages": (*BOTH, "grader/page", "grader/course/quizzes.py", "grader/authoring/browser.py"),
}


def pages(assignment: Assignment) -> list[Path]:
    """Return the notebooks that people read: the lesson of a unit, what is handed out, the solution."""
    lesson = ROOT / "notebooks" / f"{assignment.name}.py"
    return [*([lesson] if lesson.exists() else []), assignment.exercise, assignment.solution]


def is_current(assignment: Assignment, proof: Proof) -> bool:
    """Whether the proof was given and nothing that it rests on has changed since."""
    return _read(assignment).get(proof) == digest(assignment, proof)


def write(assignment: Assignment, proof: Proof, figures: dict[str, object]) -> None:
    """Note that the proof was given now, and its figures."""
    file = _file(assignment)
    file.parent.mkdir(exist_ok=True)
    noted = {**_read(assignment), proof: digest(assignment, proof), **figures}
    file.write_text(json.dumps(noted, indent=2) + "\n", encoding="utf-8")


def digest(assignment: Assignment, proof: Proof) -> str:
    """A hash of everything that the proof rests on."""
    whole = hashlib.sha256(str(assignment).replace(str(ROOT), "").encode())
    for file in [*_own(assignment, proof), *_shared(proof)]:
        whole.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return whole.hexdigest()


def _own(assignment: Assignment, proof: Proof) -> Iterable[Path]:
    if proof == "pages":
        return [
            *pages(assignment),
            *sorted((ROOT / "assessments" / "quizzes").glob(f"{assignment.name}.toml")),
        ]
    checks = sorted(assignment.checks.rglob("*.py"))
    used = "".join(file.read_text(encoding="utf-8") for file in checks)
    shared = [
        file for file in sorted((assignment.checks.parent / "shared").glob("*.py")) if file.stem in used
    ]
    return [
        assignment.solution,
        assignment.exercise,
        *checks,
        *shared,
        *sorted(assignment.checks.glob("*.toml")),
    ]


def _shared(proof: Proof) -> Iterable[Path]:
    for part in DEPENDS[proof]:
        place = ROOT / part
        yield from (
            sorted(f for f in place.rglob("*") if f.suffix in (".py", ".css")) if place.is_dir() else [place]
        )


def _read(assignment: Assignment) -> dict[str, object]:
    try:
        return dict(json.loads(_file(assignment).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _file(assignment: Assignment) -> Path:
    return ROOT / "evidence" / f"{assignment.name}.json"
