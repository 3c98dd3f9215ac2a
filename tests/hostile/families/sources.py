"""Source as bombs: what the text of a notebook costs before anything of it runs."""

from ..attack import Family
from ..course import RIGHT, notebook

BROKEN = "@app.cell\ndef _():\n    x = (\n    return\n\n"
CANNOT_READ = "Python cannot read this cell"
TOO_MANY = "at most 5,000 are read"
family = Family("sources", trusted=1300, seconds=25)


def text(name: str, source, verdict: str = "error", says: str = "", **more) -> None:
    family.text(name, source, verdict, says, **({"neighbour": 0} | more))


def total(body: str, before: str = "") -> str:
    """The notebook with this body of the attacked function and this text ahead of it."""
    return notebook(total=f"def total(numbers):\n    {body}\n", echo=before + RIGHT["echo"])


EACH = " + ".join(f"f{n}" for n in range(150))
CROWD = notebook(
    total=f"def total(numbers):\n    return sum(numbers) if True else {EACH}\n",
    extra="".join(f"@app.function\ndef f{n}():\n    return {EACH}\n\n\n" for n in range(150)),
)


text("nothing", "")
text("nothing but null bytes", "\0" * 1000)
text("a picture of a document", "%PDF-1.4 \ufffd\ufffd\x01" * 1000)
text(
    "forty-five thousand broken cells",
    "import marimo\napp = marimo.App()\n\n" + BROKEN * 45_000,
    says=TOO_MANY,
)
text("forty thousand broken cells beside right answers", notebook(extra=BROKEN * 40_000), says=TOO_MANY)
text(
    "almost five thousand broken cells beside right answers",
    notebook(extra=BROKEN * 4_900),
    "passed",
    score=10,
    neighbour=5,
)
text("cells that all need each other", CROWD, "passed", score=10, neighbour=5)
text("three megabytes", notebook(extra="# " + "x" * 3_000_000), "error", "2 MB")
text("two megabytes of numbers", "x = [" + "0," * 990_000 + "]\n", grounds=("sandbox",))
text("brackets, a hundred thousand deep", "(" * 100_000)
text("lists, five thousand deep", "[" * 5000 + "]" * 5000)
text("a sum of a hundred thousand", total("return " + "1 + " * 100_000 + "1"), neighbour=5)
text("a hundred thousand signs", total("return " + "-" * 100_000 + "1"), neighbour=5)
text("a path of a hundred thousand names", total("return numbers" + ".a" * 100_000), neighbour=5)
text("functions, ninety deep", total("return " + "lambda: " * 5000 + "1"), neighbour=5)
text("a number of a million digits", total("return " + "1" * 1_000_000), neighbour=5)
text("null bytes in the middle", total("return '\0\0'"), "failed error", neighbour=5)
text(
    "signs that turn and draw",
    total("raise ValueError('\x1b[2J\u202e\u2066')  # \x1b]0;owned\x07\u202e"),
    "error",
    "ValueError",
    neighbour=5,
)
text(
    "a line of a megabyte",
    total("raise ValueError(" + "'x'" * 300_000 + ")"),
    "error",
    "ValueError",
    neighbour=5,
)
text(
    "four thousand functions of one name",
    notebook(extra="@app.function\ndef total(numbers):\n    return sum(numbers)\n\n\n" * 4000),
    "error",
    "is defined in 4001 cells",
    neighbour=5,
)
text(
    "a hundred thousand empty lines in a broken cell",
    notebook(total="def total(numbers):\n    return (" + "\n" * 200_000 + "total\n"),
    neighbour=5,
    grounds=("sandbox",),
)
text("half of a character", [RIGHT["total"] + "'\ud800'", RIGHT["echo"]], "error passed failed", neighbour=5)
text("a hundred thousand cells", [*["x = 1"] * 100_000, RIGHT["total"], RIGHT["echo"]], says=TOO_MANY)
text(
    "a coding that does not exist",
    "# -*- coding: no-such -*-\n" + notebook(),
    "passed",
    score=10,
    neighbour=5,
)
text("a coding that hides code", "# -*- coding: utf-7 -*-\n" + notebook(), "passed", score=10, neighbour=5)
