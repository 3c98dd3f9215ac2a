"""The samples at the start of a task, `>>> rare_cards(cards)`, show what the reference solution returns."""

import doctest
import re
import runpy

import pytest

from grader.course.manifest import assignments

SAMPLE = re.compile(r"```python\n(\s*>>> .*?)```", re.DOTALL)


@pytest.mark.parametrize("assignment", assignments(), ids=lambda assignment: assignment.name)
def test_samples_show_what_the_solution_returns(assignment):
    text = assignment.solution.read_text(encoding="utf-8")
    samples = SAMPLE.findall(text)
    if not samples:
        return
    names, said = runpy.run_path(str(assignment.solution)), []
    for number, sample in enumerate(samples):
        sample = sample.replace("{{", "{").replace("}}", "}")  # as in the f-string
        test = doctest.DocTestParser().get_doctest(sample, dict(names), f"sample {number}", None, None)
        doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert not said, "".join(said)
