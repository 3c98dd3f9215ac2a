"""A quiz in a cell: each question answered by itself, with the reason for every option at once."""

from dataclasses import dataclass
from difflib import get_close_matches
from html import escape
from typing import Any

import marimo as mo

from grader.course import quizzes
from grader.page import recording
from grader.page.card import Card, button, page, prose

_ASK = {"single": "Choose one.", "multiple": "Choose all that apply.", "ordering": "Give each its place."}


@dataclass
class Question:
    """One item as it stands on the page: what was drawn, and what was answered."""

    item: quizzes.Item
    options: list[quizzes.Option]
    answer: Any = None
    right: bool | None = None  # None until answered

    def controls(self) -> dict[str, Any]:
        kind, texts = self.item.kind, [option.text for option in self.options]
        if kind == "single":
            return {"choice": mo.ui.radio({_plain(text): text for text in texts})}
        if kind == "multiple":
            return {text: mo.ui.checkbox(label=text) for text in texts}
        if kind == "ordering":
            places = {str(place): place for place in range(1, len(texts) + 1)}
            return {text: mo.ui.dropdown(places, label=text) for text in texts}
        unit = f" ({self.item.unit})" if self.item.unit else ""
        return {"number": mo.ui.text(label=f"Answer{unit}", placeholder="a number")}

    def read(self, chosen: dict[str, Any]) -> tuple[Any, str | None]:
        """The answer that the controls hold, or what is missing."""
        kind = self.item.kind
        if kind == "single":
            return chosen["choice"], None if chosen["choice"] else "Choose one first."
        if kind == "multiple":
            return {text for text, on in chosen.items() if on}, None
        if kind == "ordering":
            if None in chosen.values() or len(set(chosen.values())) < len(chosen):
                return None, "Give each a place of its own first."
            return sorted(chosen, key=chosen.__getitem__), None
        try:
            return float(str(chosen["number"]).replace(",", ".").replace("_", "").strip(" %")), None
        except ValueError:
            return None, "Write a number first, such as 12 or 0.5."


class Quiz(Card):
    """Questions with immediate feedback. `answered`, `right`, `total` and `done` are for other cells."""

    def __init__(self, unit: str, items: list[quizzes.Item], more: dict[str, Any] | None = None):
        self._unit = unit
        self._questions = {item.id: self._recalled(item) for item in items}
        controls: dict[str, Any] = dict(more or {})
        for name, question in self._questions.items():
            controls |= {f"{name}/{part}": control for part, control in question.controls().items()}
            controls[f"{name} answer"] = button("Answer", lambda name=name: self._commit(name))
            controls[f"{name} again"] = button("Try again", lambda name=name: self._again(name))
        self._notes: dict[str, str] = {}
        super().__init__(f"{unit}/{','.join(self._questions)}", controls)

    @property
    def total(self) -> int:
        return len(self._questions)

    @property
    def answered(self) -> int:
        return sum(question.right is not None for question in self._questions.values())

    @property
    def right(self) -> int:
        return sum(bool(question.right) for question in self._questions.values())

    @property
    def done(self) -> bool:
        return self.answered == self.total

    def _key_of(self, name: str) -> str:
        """The name of a question in the history."""
        return f"{self._unit}/{name}"

    def _recalled(self, item: quizzes.Item) -> Question:
        before = recording.remembered("quiz", self._key_of(item.id))
        seed = before[-1].get("seed", len(before)) if before else 0
        question = self._drawn(item, seed)
        if before:
            answer = before[-1]["answer"]
            question.answer = set(answer) if item.kind == "multiple" else answer
            question.right = question.item.right(question.answer)
        return question

    def _drawn(self, item: quizzes.Item, seed: int) -> Question:
        self._seeds = {**getattr(self, "_seeds", {}), item.id: seed}
        return Question(item.drawn(seed), item.shuffled())

    def _commit(self, name: str) -> None:
        self._stale = True
        question = self._questions[name]
        chosen = {
            control.removeprefix(f"{name}/"): self._chosen(control)
            for control in self.elements
            if control.startswith(f"{name}/")
        }
        answer, missing = question.read(chosen)
        self._notes[name] = missing or ""
        if missing:
            return
        question.answer, question.right = answer, question.item.right(answer)
        self._note = recording.record(
            "quiz",
            key=self._key_of(name),
            right=question.right,
            seed=self._seeds[name],
            answer=sorted(answer) if isinstance(answer, set) else answer,
        )

    def _again(self, name: str) -> None:
        self._stale = True
        item = next(item for item in quizzes.load(self._unit) if item.id == name)
        options = self._questions[name].options
        self._questions[name] = self._drawn(item, self._seeds[name] + 1)
        self._questions[name].options = options

    def _repeat(self, name: str) -> str:
        return self.elements[f"{name} again"].text

    def _body(self) -> str:
        head = ""
        if self.total > 1:
            state = f"{self.answered} of {self.total} answered, {self.right} right"
            head = f'<p class="dojo-kind">Quiz <span class="dojo-count" role="status">{state}</span></p>'
        return head + "".join(map(self._question, self._questions))

    def _question(self, name: str) -> str:
        question = self._questions[name]
        item = question.item
        code = prose(f"```python\n{item.code.strip()}\n```") if item.code else ""
        head = f"{prose(item.stem)}{code}"
        below = self._open(name, question) if question.right is None else self._answered(name, question)
        label = f"Question {[*self._questions].index(name) + 1} of {self.total}"
        return f'<section class="dojo-question" aria-label="{label}">{head}{below}</section>'

    def _open(self, name: str, question: Question) -> str:
        rows = "".join(
            f'<div class="dojo-row">{control.text}</div>'
            for key, control in self.elements.items()
            if key.startswith(f"{name}/")
        )
        note = self._notes.get(name, "")
        missing = f'<p class="dojo-note" role="status">{escape(note)}</p>' if note else ""
        ask = f'<p class="dojo-ask">{_ASK[question.item.kind]}</p>' if question.item.kind in _ASK else ""
        return f"{ask}{rows}{missing}{self.elements[f'{name} answer'].text}"

    def _answered(self, name: str, question: Question) -> str:
        item, answer = question.item, question.answer
        verdict = (
            '<p class="dojo-verdict good">Right.</p>'
            if question.right
            else ('<p class="dojo-verdict bad">Not yet.</p>')
        )
        if item.kind == "numeric":
            unit = f" {escape(item.unit)}" if item.unit else ""
            lines = (
                f'<p class="dojo-mine">You: <strong>{answer:g}{unit}</strong>; '
                f"the answer: <strong>{item.answer:.6g}{unit}</strong>.</p>{prose(item.explanation)}"
            )
        elif item.kind == "ordering":
            rows = "".join(
                _line(
                    option,
                    "good" if answer[place] == option.text else "bad",
                    "" if answer[place] == option.text else "you had it elsewhere",
                )
                for place, option in enumerate(item.options)
            )
            lines = f"<ol>{rows}</ol>"
        else:
            chosen = answer if isinstance(answer, set) else {answer}
            lines = (
                f"<ul>{''.join(_marked(option, option.text in chosen) for option in question.options)}</ul>"
            )
        again = "" if question.right else self._repeat(name)
        return f"{verdict}{lines}{again}"


class Missing:
    """Stands where a quiz cannot: says why."""

    answered = right = total = 0
    done = True

    def __init__(self, why: str):
        self.why = why

    def _display_(self) -> mo.Html:
        return mo.Html(page(f'<p class="dojo-note">{escape(self.why)}</p>'))


def quiz(unit: str, *ids: str, group: str | None = None) -> Quiz | Missing:
    """Ask the questions of a unit's bank with these ids, or those of a group, or all."""
    try:
        items = quizzes.load(unit)
    except (OSError, ValueError) as error:
        return Missing(f"The questions of {unit} cannot be read: {error}")
    known = {item.id: item for item in items}
    for name in ids:
        if name not in known:
            near = get_close_matches(name, known, 1, 0)
            return Missing(f"{unit} has no question “{name}”; the nearest is “{near[0] if near else '-'}”.")
    wanted = [known[name] for name in ids] or [item for item in items if group in (None, item.group)]
    if not wanted:
        return Missing(f"{unit} has no questions in the group “{group}”.")
    return Quiz(unit, wanted)


def _marked(option: quizzes.Option, chosen: bool) -> str:
    if option.correct:
        return _line(option, "good", "correct, and your answer" if chosen else "correct")
    return _line(option, "bad" if chosen else "", "your answer" if chosen else "")


def _line(option: quizzes.Option, tone: str, tag: str) -> str:
    mark = f'<span class="dojo-tag {tone}">{tag}</span>' if tag else ""
    return (
        f'<li class="dojo-option {tone}">{prose(option.text)}{mark}'
        f'<div class="dojo-because">{prose(option.explanation)}</div></li>'
    )


def _plain(text: str) -> str:
    return text.replace("`", "").replace("**", "")
