"""Everybody has a turn."""

from grader.authoring.rotation import commits, turn


def test_after_some_commits_everything_was_tried():
    things = list("abcdefg")
    assert {thing for number in range(4) for thing in turn(things, 2, number)} == set(things)
    assert turn(things, 2, 3) == ["g", "a"]
    assert sorted(turn(things, 9, 5)) == things and turn([], 2, 1) == []


def test_commits_are_counted():
    assert commits() >= 0
