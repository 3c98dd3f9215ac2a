"""`dojo drill`: a few questions against the clock, what was wrong or long ago first; and timed drills."""

import threading
import time
from typing import Annotated

import typer
from rich.markdown import Markdown
from rich.progress import BarColumn, Progress, TimeRemainingColumn
from rich.syntax import Syntax

from grader.course import drills, progress
from grader.course.quizzes import Item, Option

from .output import console, stop

app = typer.Typer()


@app.command()
def drill(
    items: Annotated[int, typer.Option(min=1, help="How many questions.")] = drills.SOME,
    timed: Annotated[bool, typer.Option("--timed", help="A timed drill of a mastery list instead.")] = False,
) -> None:
    """Practise: a few quiz questions, those you got wrong or answered long ago first."""
    try:
        _against_the_clock() if timed else _ask_all(items)
    except (EOFError, KeyboardInterrupt):
        console.print("\nStopped. What you answered is recorded.")


def _ask_all(some: int) -> None:
    asked = drills.questions(progress.history(), some=some)
    if not asked:
        stop("There is nothing to practise yet.")
    begun, right = time.monotonic(), 0
    for number, question in enumerate(asked, start=1):
        item = question.drawn()
        console.print(f"\n[bold]{number} of {len(asked)}[/bold]  {_clock(begun)}", style="cyan")
        console.print(Markdown(item.stem))
        if item.code:
            console.print(Syntax(item.code.strip(), "python", background_color="default"))
        options = item.shuffled(question.asked)
        answer = _answer(item, options)
        correct = item.right(answer)
        right += correct
        _explain(item, options, correct)
        stored = sorted(answer) if isinstance(answer, set) else answer
        progress.record("quiz", key=question.key, right=correct, seed=question.asked, answer=stored)
    console.print(f"\n{right} of {len(asked)} right in {_clock(begun)}.", style="bold")


def _answer(item: Item, options: list[Option]) -> object:
    """Ask until the answer can be read."""
    for number, option in enumerate(options, start=1):
        console.print(f"  {number}  {option.text}", markup=False)
    how = {
        "single": "The number of your answer",
        "multiple": "The numbers of all that apply, such as 1 3",
        "ordering": "The numbers in order, such as 2 1 3",
        "numeric": f"A number{f' ({item.unit})' if item.unit else ''}",
    }[item.kind]
    while True:
        given = console.input(f"[dim]{how}:[/dim] ").replace(",", "." if item.kind == "numeric" else " ")
        try:
            if item.kind == "numeric":
                return float(given)
            chosen = [options[int(word) - 1] for word in given.split() if 0 < int(word) <= len(options)]
        except (ValueError, IndexError):
            chosen = []
        texts = [option.text for option in chosen]
        if item.kind == "single" and len(texts) == 1:
            return texts[0]
        if item.kind == "multiple" and texts:
            return set(texts)
        if item.kind == "ordering" and len(set(texts)) == len(options) == len(texts):
            return texts
        console.print(_misread(item, len(options), given), style="yellow", markup=False)


def _misread(item: Item, options: int, given: str) -> str:
    """What was wrong with an answer that cannot be read."""
    if item.kind == "numeric":
        return f"“{given}” is not a number. Type digits, such as 12 or 0.5."
    wanted = {"single": "one number", "multiple": "one number or more", "ordering": "each number once,"}[
        item.kind
    ]
    return f"“{given}” is not an answer to this question. Type {wanted} from 1 to {options}."


def _explain(item: Item, options: list[Option], correct: bool) -> None:
    console.print("Right." if correct else "Not yet.", style="bold green" if correct else "bold red")
    if item.kind == "numeric":
        console.print(Markdown(f"The answer is {item.answer:.6g} {item.unit}. {item.explanation}"))
    shown = item.options if item.kind == "ordering" else options
    for number, option in enumerate(shown, start=1):
        mark = f"{number}." if item.kind == "ordering" else "✓" if option.correct else "·"
        console.print(Markdown(f"{mark} **{option.text}**  \n{option.explanation}"))


def _against_the_clock() -> None:
    waiting = drills.timed(progress.history())
    if not waiting:
        stop("There are no timed drills yet. A lesson's mastery list names them.")
    task = waiting[0]
    console.print(f"[bold]{task.text}[/bold], in {task.minutes} minutes. Press Enter when you are done.")
    begun, done = time.monotonic(), threading.Event()
    threading.Thread(target=_wait_for_enter, args=(done,), daemon=True).start()
    columns = BarColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        line = bar.add_task("", total=task.minutes * 60)
        while not done.wait(0.5) and time.monotonic() - begun < task.minutes * 60:
            bar.update(line, completed=time.monotonic() - begun)
    seconds = round(time.monotonic() - begun)
    in_time = done.is_set()
    console.print(f"Done in {_clock(begun)}." if in_time else "Time is up.", style="bold")
    progress.record("drill", key=task.key, done=in_time, seconds=seconds)


def _wait_for_enter(done: threading.Event) -> None:
    try:
        input()
    except EOFError:
        return
    done.set()


def _clock(begun: float) -> str:
    minutes, seconds = divmod(round(time.monotonic() - begun), 60)
    return f"{minutes}:{seconds:02}"
