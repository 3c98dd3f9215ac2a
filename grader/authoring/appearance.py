"""Proof that notebooks can be read: in a real browser, wide and narrow, light and dark, nobody has to complain."""

from grader.course.manifest import ROOT, Assignment

from . import browser, evidence
from .proof import Say

RENDER_LIMIT = 180  # seconds that a notebook may take until all its cells have run, on a busy machine


def look(assignment: Assignment, say: Say) -> list[str]:
    """Look at every notebook of an assignment; return what is wrong with one. Without a fault, evidence is written."""
    if reason := browser.why_not():
        return [f"{assignment.name}: its notebooks were not looked at: {reason}"]
    faults = []
    for notebook in evidence.pages(assignment):
        lesson = notebook.parent.name == "notebooks"  # where somebody would have to answer before it goes on
        seen = browser.render(
            notebook, environment={"DOJO_GATES": "open"} if lesson else {}, patience=RENDER_LIMIT
        )
        faults += [f"{notebook.relative_to(ROOT)}: {complaint}" for complaint in seen.complaints()]
    if not faults:
        evidence.write(assignment, "pages", {})
    say(
        f"{assignment.name}: its notebooks can be read, wide and narrow, light and dark: "
        f"{'proved' if not faults else f'{len(faults)} faults'}"
    )
    return faults
