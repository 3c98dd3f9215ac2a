"""What every command shares: how results read on a terminal, and how a command says that it cannot continue.

Names, messages and titles come from submissions, and a terminal obeys what it is sent. Everything printed
through `console` and `errors` is cleaned on its way out; what is shown within a line goes through `line` as well.
"""

import shlex
import shutil
import sys
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.markup import escape
from rich.segment import Segment

from grader.course.manifest import ROOT

WORDS = {
    "passed": ("passed", "green"),
    "review": ("passed, awaiting review", "green"),
    "failed": ("failed", "red"),
    "error": ("error", "red"),
    "timed_out": ("timed out", "red"),
    "blocked": ("blocked", "yellow"),
    "not_attempted": ("not attempted", "dim"),
    "not_run": ("not run", "dim"),
    "not_run_here": ("not run here", "dim"),
}
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, direction marks, lone surrogates, line separators
HARMLESS = "\u200c\u200d"  # some scripts and emoji are joined by these


def clean(text: str) -> str:
    """Return the text with everything that a terminal would obey spelled out (`\\x1b`); its lines remain lines."""
    return "".join(one if one == "\n" else _spelled(one) for one in text)


def line(text: object) -> str:
    """Return a name or title for use within a line: cleaned, its line breaks spelled out too."""
    return "".join(map(_spelled, str(text)))


def _spelled(one: str) -> str:
    if unicodedata.category(one) in UNSEEN and one not in HARMLESS:
        return one.encode("unicode_escape").decode()
    return one


class _Cleaned:
    """Something to print, cleaned after it was laid out: styles are added later and stay."""

    def __init__(self, inner: ConsoleRenderable):
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for text, style, control in console.render(self._inner, options):
            yield Segment(text if control else clean(text), style, control)


class _Cleaning(RenderHook):
    def process_renderables(self, renderables: Iterable[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Cleaned(renderable) for renderable in renderables]


def _console(**options: bool) -> Console:
    made = Console(highlight=False, soft_wrap=True, emoji=False, **options)
    made.push_render_hook(_Cleaning())
    return made


console = _console()
errors = _console(stderr=True)


def stop(sentence: str) -> NoReturn:
    """Say why the command cannot continue, and end it with exit code 2."""
    warn(sentence)
    raise typer.Exit(2)


def warn(sentence: str) -> None:
    """Say on standard error what did not go as asked; the command continues."""
    errors.print(sentence, markup=False)


def nearest(given: str, known: list[str]) -> str:
    """A sentence that suggests what may have been meant."""
    near = [name for name in known if name.startswith(given)] or get_close_matches(given, known, 1, 0.3)
    if near:
        return f"Did you mean {' or '.join(near[:4])}?"
    few = len(known) <= 8
    return f"There are {', '.join(known)}." if few else f"`{dojo('list')}` shows what there is."


def dojo(arguments: str) -> str:
    """Return a command as it can be typed here: `dojo next`, or with its path where `dojo` is not on the path."""
    own = Path(sys.executable).with_name("dojo.exe" if sys.platform == "win32" else "dojo")
    if shutil.which("dojo") or not own.exists():
        return f"dojo {arguments}"
    return f"{short(own) if Path.cwd() == ROOT else own} {arguments}"


def activation() -> str:
    """Return the command that puts `dojo` on the path of a terminal."""
    if sys.platform == "win32":
        return str(Path(sys.prefix) / "Scripts" / "activate")
    return f"source {shlex.quote(str(Path(sys.prefix) / 'bin' / 'activate'))}"


def short(path: Path) -> str:
    """Return a path as people read it: relative to the course where it lies in there."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def show(result: dict) -> None:
    """Print one graded submission."""
    console.print(
        f"[bold]{escape(line(result['submission']))}[/bold]  {result['unit']}, isolation {result['isolation']}, "
        f"{result['seconds']:.1f} s"
    )
    if "problem" in result:
        console.print(f"Graded without its files: {result['problem']}.", markup=False)
    for task in result["tasks"]:
        word, style = WORDS[task["verdict"]]
        console.print(
            f"\n[bold]{task['id']}[/bold] {escape(line(task['title']))}: [{style}]{word}[/{style}], "
            f"{task['score']:g} of {task['max_score']:g} points"
        )
        for check in task["checks"]:
            word, style = WORDS[check["verdict"]]
            console.print(f"  [{style}]{word:>9}[/{style}]  {escape(line(check['name']))}")
            if check["message"]:
                console.print(
                    "\n".join(f"             {one}" for one in check["message"].splitlines()), markup=False
                )
    console.print(f"\n{result['score']:g} of {result['max_score']:g} points", style="bold")
    if result["review"]:
        console.print(f"plus up to {result['review']['max']:g} points from a reviewer")
