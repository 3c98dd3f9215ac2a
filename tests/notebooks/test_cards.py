"""The cards: what they show, what they record, and that nothing happens where nobody can click."""

from typing import Any

import marimo as mo
import pytest

from grader import aha, journal, mastery, predict, rate, reveal
from grader.course import drills, progress, quizzes
from grader.page import drill, recording, weekly
from grader.page import quiz as quiz_module
from grader.page.card import Card

ITEMS = [
    quizzes.Item(
        id="one",
        kind="single",
        objective="o",
        stem="Which?",
        options=(
            quizzes.Option(text="`right`", correct=True, explanation="It is **so**."),
            quizzes.Option(text="wrong", explanation="It is not."),
        ),
    ),
    quizzes.Item(
        id="many",
        kind="multiple",
        objective="o",
        stem="Which ones?",
        options=(
            quizzes.Option(text="a", correct=True, explanation="A."),
            quizzes.Option(text="b", correct=True, explanation="B."),
            quizzes.Option(text="c", explanation="C."),
        ),
    ),
    quizzes.Item(
        id="half",
        kind="numeric",
        objective="o",
        stem="Half of {n}?",
        explanation="It is {answer}.",
        parameters={"n": [2, 4, 8]},
        snippet="answer = n / 2",
    ),
    quizzes.Item(
        id="order",
        kind="ordering",
        objective="o",
        stem="In order?",
        options=tuple(
            quizzes.Option(text=text, explanation=f"{text}.") for text in ("read", "check", "publish")
        ),
    ),
]


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """An editor session whose history is a list."""
    entries: list[dict] = []
    monkeypatch.setattr(recording, "interactive", lambda: True)
    monkeypatch.setattr(recording, "record", lambda kind, **fields: entries.append({"kind": kind, **fields}))
    monkeypatch.setattr(
        recording, "journal", lambda prompt, words: entries.append({"kind": "journal", "words": words})
    )
    monkeypatch.setattr(
        recording,
        "remembered",
        lambda kind, key: [entry for entry in entries if entry["kind"] == kind and entry.get("key") == key],
    )
    return entries


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quizzes, "load", lambda unit: ITEMS)


def use(card: Card, **values: Any) -> None:
    """Change controls as the browser does; a button's value is the number of its clicks."""
    card._update({name.replace("__", " "): value for name, value in values.items()})


def test_predict(history: list[dict]) -> None:
    guess = predict("How *many*?", options=["none", "some"], key="k")
    with pytest.raises(mo.MarimoStopError):
        guess.gate()
    use(guess, commit=1)
    assert guess.value is None and "Choose one first" in guess.text
    use(guess, guess="some")
    use(guess, commit=2)
    assert guess.value == "some" and "You said" in guess.text and "<em>many</em>" in guess.text
    guess.gate()
    assert history == [{"kind": "predict", "key": "k", "value": "some"}]
    again = predict("How many?", options=["none", "some"], key="k")
    assert again.value == "some"  # after a restart
    told = again.reveal("none", "The shop is new.").text
    assert "some" in told and "none" in told and "The shop is new." in told
    assert "right" in again.reveal("some", "The shop is old.").text


def test_predict_a_number(history: list[dict]) -> None:
    guess = predict("What share?", low=0, high=100, step=5, unit="%", key="k")
    use(guess, guess=15, commit=1)
    assert guess.value == 15 and "15 %" in guess.text
    with pytest.raises(ValueError, match="options"):
        predict("?", key="k")


def test_nobody_there() -> None:
    """In a script gates are open, with a value that cells can calculate with."""
    assert predict("?", options=["a", "b"], key="k").value == "a"
    assert predict("?", low=0, high=10, step=2, key="k").value == 4
    assert recording.record("predict", key="k") is None and recording.remembered("predict", "k") == []


def test_reveal(history: list[dict]) -> None:
    card = reveal("Why?", "Because `x`.", key="k")
    assert "Because" not in card.text
    use(card, thoughts="I <think>", show=1)
    assert "Because" in card.text and "I &lt;think&gt;" in card.text
    use(card, level="3 apply it", commit=1)
    assert "3 apply it" in card.text
    assert [entry["kind"] for entry in history] == ["reveal", "rate"]
    again = reveal("Why?", "Because `x`.", key="k")
    assert "Because" in again.text and "3 apply it" in again.text


def test_rate(history: list[dict]) -> None:
    card = rate("Could you?", key="k")
    use(card, commit=1)
    assert card.value is None
    use(card, level="4 teach it", commit=2)
    assert card.value == 4 and history[-1]["value"] == 4


def test_lists(history: list[dict]) -> None:
    card = aha(["First", "Second"], key="k")
    use(card, Second=True)
    assert history[-1] == {"kind": "aha", "key": "k", "ticked": ["Second"]} and "1 of 2" in card.text
    assert "1 of 2" in aha(["First", "Second"], key="k").text
    assert "Write a test (10 min)" in mastery({"Write a test": 10, "Explain": None}, key="k").text


def test_journal(history: list[dict]) -> None:
    card = journal("What?", key="k")
    use(card, keep=1)
    assert "Write a sentence first" in card.text and history == []
    use(card, words="My words", keep=2)
    assert history == [{"kind": "journal", "words": "My words"}] and "My words" in card.text


def test_a_quiz(history: list[dict], bank: None) -> None:
    card = quiz_module.quiz("01_x")
    assert (card.total, card.answered, card.right, card.done) == (4, 0, 0, False)
    assert "It is" not in card.text
    use(card, one__answer=1)
    assert "Choose one first" in card.text and card.answered == 0
    card._update({"one/choice": "wrong", "one answer": 2})
    assert (
        (card.answered, card.right) == (1, 0)
        and "It is not." in card.text
        and "<strong>so</strong>" in card.text
    )
    card._update({"one again": 1})
    card._update({"one/choice": "right", "one answer": 3})
    card._update({"many/a": True, "many/b": True, "many answer": 1})
    answer = card._questions["half"].item.answer
    card._update({"half/number": "x", "half answer": 1})
    assert "Write a number" in card.text
    card._update({"half/number": str(answer).replace(".", ","), "half answer": 2})
    card._update({"order/read": "1", "order/check": "1", "order/publish": "3", "order answer": 1})
    assert "place of its own" in card.text
    card._update({"order/read": ["1"], "order/check": ["2"], "order/publish": ["3"], "order answer": 2})
    assert card.done and card.right == 4
    assert [entry["right"] for entry in history] == [False, True, True, True, True]
    assert history[0]["key"] == "01_x/one"
    again = quiz_module.quiz("01_x")
    assert again.done and again.right == 4


def test_a_new_number_after_a_wrong_one(history: list[dict], bank: None) -> None:
    card = quiz_module.quiz("01_x", "half")
    seen = set()
    for turn in range(1, 12):
        seen.add(card._questions["half"].item.stem)
        card._update({"half/number": f"-{turn}", "half answer": turn})
        card._update({"half again": turn})
    assert len(seen) > 1


def test_a_quiz_that_is_not_there(bank: None) -> None:
    assert "nearest is “many”" in quiz_module.quiz("01_x", "mny").why
    assert "group “exam”" in quiz_module.quiz("01_x", group="exam").why


def test_an_unreadable_bank() -> None:
    assert "cannot be read" in quiz_module.quiz("99_nothing").why


def test_an_unwritable_history(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("the folder .dojo is read-only")

    monkeypatch.setattr(progress, "history", list)
    monkeypatch.setattr(progress, "record", refuse)
    monkeypatch.setattr(progress, "journal", refuse)
    monkeypatch.setattr(recording, "recording", lambda: True)
    monkeypatch.setattr(recording, "interactive", lambda: True)
    card = rate("Could you?", key="k")
    use(card, level="4 teach it", commit=1)
    assert card.value == 4 and "Not recorded: the folder .dojo is read-only" in card.text
    card = journal("What?", key="k")
    use(card, words="My words", keep=1)
    assert "Not written to progress.md: the folder .dojo is read-only" in card.text


def test_a_drill_asks_one_after_the_other(history: list[dict]) -> None:
    asked = [drills.Question("01_x", item) for item in ITEMS[:2]]
    card = drill.Drill(asked)
    use(card, begin=1)
    assert "Which?" in card.text and "Which ones?" not in card.text
    card._update({"one/choice": "right", "one answer": 1})
    card._update({"next": 1})
    card._update({"many/a": True, "many answer": 1})
    assert "1 of 2 right" in card.text and "Try again" not in card.text
    assert [(entry["key"], entry["right"]) for entry in history] == [("01_x/one", True), ("01_x/many", False)]


def test_a_timed_drill_is_recorded(history: list[dict]) -> None:
    card = drill.Stopwatch([drills.Timed("01_x", "Write a test", 10)])
    use(card, begin=1)
    assert "data-dojo-since" in card.text
    use(card, done=1)
    assert history == [{"kind": "drill", "key": "01_x/Write a test", "done": True, "seconds": 0}]


def test_the_week_goes_to_the_reflections(history: list[dict], monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    monkeypatch.setattr(recording, "journal", lambda *words: said.append(words))
    card = weekly.Weekly()
    use(card, keep=1)
    assert "Answer one of them first" in card.text
    card._update({weekly.QUESTIONS[2]: "Joins"})
    use(card, keep=2)
    assert said == [("My week", "**What clicked?** Joins", "Reflections")] and history[-1]["kind"] == "weekly"
