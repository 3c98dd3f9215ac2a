"""What stands around every notebook: header, footer, the reference shelf, the way to the next task."""

import pytest

from grader.course import manifest
from grader.page import bars, front, onward, shelf

STEPS = [(unit, part) for unit in manifest.course().units for part in front.parts(unit)]


@pytest.mark.parametrize("place", range(len(STEPS)))
def test_every_page_says_where_it_is_and_leads_on(place):
    unit, part = STEPS[place]
    around = bars.around(part.file.relative_to(manifest.ROOT).as_posix())
    assert f"aria-current=page>{part.name}<" in around["header"] and unit.title in around["header"]
    expected = STEPS[place + 1][1].link if place + 1 < len(STEPS) else bars.HOME
    assert f'href="{expected}"' in around["footer"]


def test_a_page_outside_the_course_has_the_way_home_only():
    around = bars.around("notebooks/nothing.py")
    assert bars.HOME in around["header"] and "<nav" not in around["header"] and around["footer"] == ""


def test_a_passed_task_leads_to_the_next_one():
    assert 'href="#11b-' in onward.after("1.1a")
    assert "checkpoints/01_data_engineering.py" in onward.after("1.3")
    assert onward.after("no task") == ""


def test_terms_lead_to_entries_that_exist():
    text = shelf.document("glossary")
    for word in shelf.glossary():
        link = shelf.term(word)
        anchor = link.partition("#")[2].partition('"')[0]
        assert f'id="{anchor}"' in text, word
    with pytest.raises(KeyError):
        shelf.term("no such term")


@pytest.mark.parametrize("name", ["../course", "no_sheet", "", "glossary.md"])
def test_the_shelf_shows_nothing_else(name):
    assert shelf.document(name) is None
