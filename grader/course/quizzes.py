"""The quiz bank: `assessments/quizzes/NN_slug.toml`, one file for each unit.

    [[items]]
    id = "schema-drift"            # lower-case words joined by hyphens, unique in the file
    group = "lesson"               # which quiz it belongs to: placement, lesson, drill, exam-1, ...
    kind = "single"                # single | multiple | numeric | ordering
    objective = "Name the three ways a schema changes"
    stem = "Which of these changes breaks a reader that selects columns by name?"      # Markdown
    code = '''print("shown below the stem")'''                    # optional; "spot the bug" is code + single
    options = [
      { text = "A column is renamed", correct = true, explanation = "The name it asks for is gone." },
      { text = "A column is added", explanation = "It is not asked for, so nothing happens." },
    ]

- `single` has one correct option, `multiple` at least one and at least one wrong. Every option has an
  explanation; all of them are shown after answering. Options are shown shuffled.
- `ordering`: the options are listed in the right order; each explanation says why its option has this place.
- `numeric`: no options, but `answer`, `tolerance` (absolute, default 0), `unit` (a word) and `explanation`.
- `snippet`: Python that computes the key and leaves it in `answer`: the text of the correct option
  (single), a list of texts (multiple, in any order; ordering, in order), a number (numeric). It is run
  by the tests, from the course's root, and sees `code` and the parameters as variables.
- `parameters` (numeric only): `{ rows = [10, 20], share = [0.1, 0.25] }`. One value of each is drawn;
  `{rows}` in stem, code, unit, explanation stands for it. The answer then comes from the snippet, and
  `{answer}` may be used in the explanation.

Options are shown as plain text before answering (code marks are dropped) and as Markdown afterwards.
"""

import itertools
import math
import random
import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

ROOT = Path(__file__).parents[2]
_VAGUE = re.compile(r"\b(all|none|both) of the(se| above)?\b", re.IGNORECASE)


class Option(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    explanation: str = ""
    correct: bool = False


class Item(BaseModel):
    """One question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    group: str = "lesson"
    kind: Literal["single", "multiple", "numeric", "ordering"]
    objective: str
    stem: str
    code: str = ""
    options: tuple[Option, ...] = ()
    answer: float | None = None
    tolerance: float = Field(0.0, ge=0)
    unit: str = ""
    explanation: str = ""
    snippet: str = ""
    parameters: dict[str, list[int | float | str]] = {}

    @property
    def key(self) -> Any:
        """The right answer: a text, a set or list of texts, or a number (None while it is not drawn)."""
        if self.kind == "numeric":
            return self.answer
        if self.kind == "ordering":
            return [option.text for option in self.options]
        right = [option.text for option in self.options if option.correct]
        return right[0] if self.kind == "single" and len(right) == 1 else set(right)

    def right(self, answer: Any) -> bool:
        """Whether an answer in the form of `key` is right."""
        if self.kind != "numeric":
            return answer == self.key
        return (
            self.answer is not None
            and math.isfinite(answer)
            and (abs(answer - self.answer) <= self.tolerance + 1e-9 * max(1.0, abs(self.answer)))
        )

    def drawn(self, seed: int | str = 0) -> "Item":
        """The item with its parameters drawn and its answer computed; the same for the same seed."""
        if not self.parameters:
            return self
        draw = random.Random(f"{self.id}/{seed}")
        return self.at({name: draw.choice(values) for name, values in self.parameters.items()})

    def at(self, values: dict[str, Any]) -> "Item":
        """The item with these values of its parameters."""
        answer = float(_run(self, values))
        words = {**values, "answer": f"{answer:.6g}"}
        filled = {
            field: _fill(getattr(self, field), words) for field in ("stem", "code", "unit", "explanation")
        }
        return self.model_copy(update={**filled, "answer": answer, "parameters": {}, "snippet": ""})

    def shuffled(self, seed: int | str = 0) -> list[Option]:
        """The options in the order to show; an ordering never in the right one."""
        options = list(self.options)
        draw = random.Random(f"{self.id}/{seed}")
        draw.shuffle(options)
        while self.kind == "ordering" and len(options) > 1 and options == list(self.options):
            draw.shuffle(options)
        return options


class Bank(BaseModel):
    model_config = ConfigDict(extra="forbid")

    items: list[Item]


def path(unit: str) -> Path:
    """Where the questions of a unit lie."""
    return ROOT / "assessments" / "quizzes" / f"{unit}.toml"


def load(unit: str) -> list[Item]:
    """Read the questions of a unit, in the order of the file.

    Raises FileNotFoundError, tomllib.TOMLDecodeError or pydantic.ValidationError.
    """
    return Bank.model_validate(tomllib.loads(path(unit).read_text(encoding="utf-8"))).items


def lint(unit: str) -> list[str]:
    """What is wrong with a unit's questions: a sentence each, empty when nothing is."""
    try:
        items = load(unit)
    except FileNotFoundError:
        return [f"{unit}: there is no {path(unit).relative_to(ROOT)}"]
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        return [f"{unit}: {error}"]
    ids = [item.id for item in items]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    return [
        *(f"{unit}: the id {name} is used twice" for name in twice),
        *(f"{unit}, {item.id}: {fault}" for item in items for fault in faults(item)),
    ]


def faults(item: Item) -> list[str]:
    """What is wrong with one question."""
    found = list(_faults_of_options(item)) if item.kind != "numeric" else list(_faults_of_number(item))
    if not item.objective.strip():
        found.append("it names no objective")
    if item.parameters and item.kind != "numeric":
        found.append("only a numeric question can have parameters")
    return found


def prove(item: Item) -> str | None:
    """Run the snippet and compare it with the key: a sentence when they disagree, else None."""
    if not item.snippet:
        return None
    try:
        if item.parameters:
            for values in _combinations(item):
                if not math.isfinite(item.at(values).answer):
                    return f"{item.id}: with {values} the answer is not a finite number"
            return None
        found = _run(item, {})
    except Exception as error:
        return f"{item.id}: the snippet raised {type(error).__name__}: {error}"
    if item.kind == "multiple":
        found = set(found)
    agrees = item.right(float(found)) if item.kind == "numeric" else found == item.key
    return None if agrees else f"{item.id}: the snippet gives {found!r}, the key says {item.key!r}"


def _faults_of_options(item: Item) -> list[str]:
    found = []
    texts = [option.text for option in item.options]
    if len(texts) < 2:
        found.append("it has fewer than two options")
    if len(set(texts)) < len(texts):
        found.append("two options have the same text")
    found += [
        f"the option “{option.text}” has no explanation"
        for option in item.options
        if not option.explanation.strip()
    ]
    found += [
        f"the option “{text}” speaks of other options, but they are shuffled"
        for text in texts
        if _VAGUE.search(text)
    ]
    right = [option for option in item.options if option.correct]
    if item.kind == "single" and len(right) != 1:
        found.append(f"a single question has one correct option; this one has {len(right)}")
    if item.kind == "multiple" and not 0 < len(right) < len(texts):
        found.append("a multiple question has at least one correct and one wrong option")
    if item.kind == "ordering" and right:
        found.append("an ordering has no correct options: their order is the key")
    if item.kind == "single" and len(right) == 1 and len(texts) > 2:
        longest = max(len(option.text) for option in item.options if not option.correct)
        if len(right[0].text) > 2 * longest:
            found.append("the correct option gives itself away: it is more than twice as long as any other")
    if item.answer is not None or item.explanation:
        found.append("`answer` and `explanation` of the whole item are for numeric questions")
    return found


def _faults_of_number(item: Item) -> list[str]:
    found = []
    if item.options:
        found.append("a numeric question has no options")
    if not item.explanation.strip():
        found.append("it has no explanation")
    if item.parameters and not item.snippet:
        found.append("with parameters the answer must come from a snippet")
    if item.parameters and item.answer is not None:
        found.append("with parameters `answer` cannot be fixed")
    if not item.parameters and item.answer is None:
        found.append("it has no answer")
    shown = item.stem + item.code
    words = set(re.findall(r"\{(\w+)", item.stem + item.explanation)) if item.parameters else set()
    found += [f"{{{word}}} is not a parameter" for word in sorted(words - {*item.parameters, "answer"})]
    found += [f"the parameter {name} is not shown" for name in item.parameters if f"{{{name}}}" not in shown]
    return found


def _combinations(item: Item, limit: int = 60) -> list[dict[str, Any]]:
    every = itertools.product(*item.parameters.values())
    return [dict(zip(item.parameters, values, strict=True)) for values in itertools.islice(every, limit)]


def _run(item: Item, values: dict[str, Any]) -> Any:
    names: dict[str, Any] = {"code": _fill(item.code, values), **values}
    exec(compile(item.snippet, f"<quiz {item.id}>", "exec"), names)  # noqa: S102 - the course's own file
    return names["answer"]


def _fill(text: str, words: dict[str, Any]) -> str:
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", f"{word:g}" if isinstance(word, float) else str(word))
    return text
