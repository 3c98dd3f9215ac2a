"""Pull requests: five faults of different kinds, changes that are right, and files that are Python before and after."""

import ast

import pytest

from cardshop.review import KINDS, diff, notes, pull_request
from cardshop.world.truth.changes import CHANGES, FAULTS, ODD, change


@pytest.mark.parametrize("seed", range(60))
def test_five_faults_and_three_odd_changes(seed) -> None:
    request = change(seed)
    faults = [one for one in request.findings if one.kinds]
    assert len(faults) == FAULTS == len({one.kinds[0] for one in faults})
    assert len(request.findings) == FAULTS + ODD
    for file in request.files:
        ast.parse("\n".join(file.before))
        ast.parse("\n".join(file.after))
    for one in request.findings:
        after = next(file.after for file in request.files if file.name == one.file)
        assert one.lines[-1] <= len(after) and any(after[line - 1].strip() for line in one.lines)


def test_each_kind_has_two_disguises() -> None:
    for kind in KINDS:
        assert sum(one.kind == kind for several in CHANGES.values() for one in several) >= 2


def test_a_diff_is_the_whole_new_file() -> None:
    for file in pull_request(3):
        lines = diff(file)
        assert [line.text for line in lines if line.mark != "-"] == file.after
        assert [line.number for line in lines if line.mark != "-"] == list(range(1, len(file.after) + 1))
        assert set(notes(3, file.name)) <= {line.number for line in lines}
