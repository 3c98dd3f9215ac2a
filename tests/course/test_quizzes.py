"""The quiz bank: every committed question is sound and its key proved; every rule can fail."""

import pytest

from grader.course import quizzes

UNITS = sorted(path.stem for path in quizzes.path("x").parent.glob("*.toml"))
OPTIONS = (
    quizzes.Option(text="yes", correct=True, explanation="so"),
    quizzes.Option(text="no", explanation="not so"),
)


def item(**fields: object) -> quizzes.Item:
    given = {"id": "a", "kind": "single", "objective": "o", "stem": "?", "options": OPTIONS} | fields
    return quizzes.Item.model_validate(given)


def number(**fields: object) -> quizzes.Item:
    given = {"kind": "numeric", "options": (), "answer": 4, "explanation": "because"} | fields
    return item(**given)


@pytest.mark.parametrize("unit", UNITS)
def test_the_bank_is_sound(unit: str) -> None:
    assert quizzes.lint(unit) == []


@pytest.mark.parametrize("unit", UNITS)
def test_every_key_is_proved(unit: str) -> None:
    assert [fault for question in quizzes.load(unit) if (fault := quizzes.prove(question))] == []


@pytest.mark.parametrize(
    ("question", "fault"),
    [
        (item(options=OPTIONS[:1]), "fewer than two"),
        (item(options=(*OPTIONS, OPTIONS[0])), "same text"),
        (item(options=(OPTIONS[0], quizzes.Option(text="no"))), "no explanation"),
        (item(options=(*OPTIONS, quizzes.Option(text="All of the above", explanation="x"))), "shuffled"),
        (
            item(options=OPTIONS[1:] * 1 + (quizzes.Option(text="neither", explanation="x"),)),
            "one correct option",
        ),
        (
            item(kind="multiple", options=(OPTIONS[0],) * 1 + (OPTIONS[0].model_copy(update={"text": "b"}),)),
            "at least one",
        ),
        (item(kind="ordering"), "their order is the key"),
        (item(objective=" "), "no objective"),
        (number(answer=None), "no answer"),
        (number(explanation=""), "no explanation"),
        (number(parameters={"n": [1]}, snippet="answer = n"), "cannot be fixed"),
        (number(answer=None, stem="{n}", parameters={"n": [1]}), "from a snippet"),
        (number(answer=None, stem="?", parameters={"n": [1]}, snippet="answer = n"), "not shown"),
        (number(answer=None, stem="{n} {m}", parameters={"n": [1]}, snippet="answer = n"), "not a parameter"),
    ],
)
def test_a_fault_is_found(question: quizzes.Item, fault: str) -> None:
    assert any(fault in found for found in quizzes.faults(question))


@pytest.mark.parametrize(
    "question",
    [
        item(snippet="answer = 'no'"),
        number(snippet="answer = 5"),
        item(snippet="1 / 0"),
        item(kind="multiple", snippet="answer = []"),
    ],
)
def test_a_wrong_key_is_found(question: quizzes.Item) -> None:
    assert quizzes.prove(question)


@pytest.mark.parametrize(
    "question",
    [
        item(snippet="answer = 'yes'"),
        number(snippet="answer = 2 + 2"),
        item(code="x = 'yes'", snippet="exec(code)\nanswer = x"),
    ],
)
def test_a_right_key_is_proved(question: quizzes.Item) -> None:
    assert quizzes.prove(question) is None


def test_parameters_are_drawn() -> None:
    question = number(
        answer=None,
        stem="Half of {n}?",
        explanation="{answer}",
        parameters={"n": [2, 4, 8]},
        snippet="answer = n / 2",
    )
    assert quizzes.faults(question) == []
    drawn = {question.drawn(seed).stem for seed in range(20)}
    assert len(drawn) == 3 and question.drawn(1) == question.drawn(1)
    assert all(question.drawn(seed).right(float(question.drawn(seed).explanation)) for seed in range(5))


def test_answers() -> None:
    assert number(tolerance=0.1).right(4.05) and not number().right(4.05) and not number().right(float("nan"))
    assert item().right("yes") and not item().right("no")
    ordering = item(kind="ordering", options=tuple(quizzes.Option(text=t, explanation="x") for t in "abc"))
    assert ordering.right(["a", "b", "c"]) and [option.text for option in ordering.shuffled()] != [
        "a",
        "b",
        "c",
    ]
