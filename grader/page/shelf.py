"""The reference shelf: cheat sheets and the glossary, as pages and as links to them."""

import re
from functools import cache
from html import escape
from pathlib import Path

import marimo as mo

from grader.course.manifest import ROOT

FOLDER = ROOT / "cheatsheets"
_STYLE = Path(__file__).with_name("page.css")


def document(name: str, style: str = "") -> str | None:
    """Return a page of the shelf (`01_data_engineering`, `glossary`) as an HTML document; None if there is none.

    `style` is CSS that comes before the page's own.
    """
    file = FOLDER / f"{name}.md"
    if not re.fullmatch(r"\w+", name) or not file.is_file():
        return None
    text = file.read_text(encoding="utf-8")
    title, _, rest = text.partition("\n")
    listed = f'<nav class="d-terms" aria-label="Terms">{_terms()}</nav>' if name == "glossary" else ""
    return _document(title.strip("# "), f"{mo.md(title).text}{listed}{mo.md(rest).text}", style)


def missing() -> str:
    """The document for a page that does not exist."""
    return _document("Not found", "<p>There is no such page. The front page lists everything.</p>")


def link(name: str, text: str) -> str:
    """A link to a page of the shelf; nothing where there is no such page."""
    if not (FOLDER / f"{name}.md").is_file():
        return ""
    return f'<a href="/dojo/shelf/{name}" target="dojo-shelf">{escape(text)}</a>'


def term(word: str, shown: str = "") -> str:
    """A term of the glossary, for a Markdown text: its meaning on hover, its entry on click. KeyError if unknown."""
    meaning = glossary()[word.lower()]
    return (
        f'<a class="d-term" href="/dojo/shelf/glossary#{_anchor(word)}" target="dojo-shelf" '
        f'title="{escape(meaning)}">{escape(shown or word)}</a>'
    )


@cache
def glossary() -> dict[str, str]:
    """The first paragraph of every entry of the glossary, by its term in lower case."""
    return {
        name.strip().lower(): " ".join(text.strip().split("\n\n")[0].split())
        for name, _, text in (entry.partition("\n") for entry in _entries())
    }


def _entries() -> list[str]:
    text = (FOLDER / "glossary.md").read_text(encoding="utf-8")
    return re.split(r"^## ", text, flags=re.MULTILINE)[1:]


def _terms() -> str:
    words = (entry.partition("\n")[0].strip() for entry in _entries())
    return " ".join(f'<a href="#{_anchor(word)}">{escape(word)}</a>' for word in words)


def _anchor(word: str) -> str:
    """The name that Markdown gives to a heading."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", word.lower()))


def _document(title: str, body: str, style: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{style} :root {{ color-scheme: light dark }} {_STYLE.read_text(encoding='utf-8')}</style>"
        f'<main class="d-sheet output"><p><a href="/?view-as=present">Front page</a></p>{body}</main></html>'
    )
