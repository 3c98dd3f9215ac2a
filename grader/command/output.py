"""What every command shares: how results read on a terminal, and how a command says that it cannot go on."""

from difflib import get_close_matches
from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

WORDS = {
    "passed": ("passed", "green"),
    "review": ("passed; a person reads the rest", "green"),
    "failed": ("failed", "red"),
    "error": ("error", "red"),
    "timed_out": ("timed out", "red"),
    "blocked": ("blocked", "yellow"),
    "not_attempted": ("not attempted", "dim"),
    "not_run": ("not run", "dim"),
    "not_run_here": ("not run here", "dim"),
}


def stop(sentence: str) -> NoReturn:
    """Say why the command cannot go on, and end it with exit code 2."""
    warn(sentence)
    raise typer.Exit(2)


def warn(sentence: str) -> None:
    """Say on standard error what did not go as asked; the command goes on."""
    errors.print(sentence, markup=False)


def nearest(given: str, known: list[str]) -> str:
    """A sentence that suggests what may have been meant."""
    near = get_close_matches(given, known, 1, 0.3)
    return f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."


def show(result: dict) -> None:
    """Print one graded submission."""
    console.print(
        f"[bold]{escape(result['submission'])}[/bold]  {result['unit']}, isolation {result['isolation']}, "
        f"{result['seconds']:.1f} s"
    )
    for task in result["tasks"]:
        word, style = WORDS[task["verdict"]]
        console.print(
            f"\n[bold]{task['id']}[/bold] {task['title']}: [{style}]{word}[/{style}], "
            f"{task['score']:g} of {task['max_score']:g} points"
        )
        for check in task["checks"]:
            word, style = WORDS[check["verdict"]]
            console.print(f"  [{style}]{word:>9}[/{style}]  {escape(check['name'])}")
            if check["message"]:
                console.print(
                    "\n".join(f"             {line}" for line in check["message"].splitlines()), markup=False
                )
    console.print(f"\n{result['score']:g} of {result['max_score']:g} points", style="bold")
    if result["review"]:
        console.print(f"and up to {result['review']['max']:g} points for the part that a person reads")
