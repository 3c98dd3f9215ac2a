"""What can be a release of the service, and what is said of the rest."""

import pytest

from cardshop.stack.releases import FIRST, ReleaseError, Releases, check, parsed


def test_a_release_is_read_as_it_was_made(tmp_path):
    releases = Releases(tmp_path)
    releases.begin()
    made = releases.add(FIRST, {"CARDSHOP_TIMEOUT": "2", "CARDSHOP_API_KEYS": '["a=b"]'}, "a test")
    assert (made.number, made.before, releases.current()) == (2, 1, 1)
    releases.choose(2)
    assert releases.read(releases.current()) == made and [one.number for one in releases.every()] == [1, 2]
    releases.choose(1)
    assert releases.add(FIRST, {"CARDSHOP_RATE": "5"}, "a test").before == 1, (
        "it is made from the one that runs"
    )
    releases.begin()
    assert releases.current() == 1 and len(releases.every()) == 3, "a second start changes nothing"


@pytest.mark.parametrize(
    ("service", "settings", "words"),
    [
        ("def create_app(:", {}, "not Python"),
        ("app = 1", {}, "has no `create_app`"),
        (FIRST, {"TIMEOUT": "2"}, "settings look like"),
        (FIRST, {"CARDSHOP_KEPT": "elsewhere"}, "set by the stack"),
        (FIRST, {"CARDSHOP_WAITING": "0"}, "CARDSHOP_WAITING cannot be '0'"),
        (FIRST, {"CARDSHOP_API_KEYS": "secret"}, "JSON list"),
    ],
)
def test_what_cannot_run_is_refused_with_a_sentence(service, settings, words):
    with pytest.raises(ReleaseError, match=words.replace("(", r"\(")):
        check(service, settings)


def test_settings_are_lines_with_a_name_and_a_value():
    assert parsed("# why\n\nCARDSHOP_RATE = 2 \nCARDSHOP_X=a=b\n") == {
        "CARDSHOP_RATE": "2",
        "CARDSHOP_X": "a=b",
    }
    with pytest.raises(ReleaseError, match="Line 1 of the settings"):
        parsed("CARDSHOP_RATE 2")


@pytest.mark.parametrize(
    ("file", "text"), [("current", "two"), ("2/made.json", "{"), ("2/settings.env", "x")]
)
def test_a_broken_file_is_named(tmp_path, file, text):
    releases = Releases(tmp_path)
    releases.begin()
    releases.add(FIRST, {}, "a test")
    (tmp_path / file).write_text(text)
    with pytest.raises(ReleaseError, match=r"current is not a number|Release 2 cannot be read"):
        releases.read(2) if file != "current" else releases.current()
