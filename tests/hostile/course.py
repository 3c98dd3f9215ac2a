"""A small course that is there to be attacked: quick to grade, with something to steal behind every door."""

from pathlib import Path

from grader.engine import Assignment, Budget, Task

TOY = Path(__file__).parent / "toy"
BUDGET = Budget(call=1.5, first=4, total=5)
ROOMY = Budget(call=6, first=8, total=15)  # for answers that take a moment to make
COURSE = Assignment(
    "hostile",
    (
        Task("sum", "Add up", "total", 10, live=BUDGET, full=BUDGET),
        Task("echo", "Return the text", "echo", 5, live=BUDGET, full=BUDGET),
        Task("table", "Double a table", "double", 10, live=ROOMY, full=ROOMY),
        Task("files", "Count lines", "count", 10, live=BUDGET, full=BUDGET),
        Task("race", "Be quick", "unique", 10, live=ROOMY, full=ROOMY),
    ),
    checks=TOY / "checks",
    shipped=(TOY / "shipped.py").read_text(encoding="utf-8"),
    packages=(TOY / "shop",),
    hidden=("shop/truth",),
    preload=(),
)
RIGHT = {
    "total": "def total(numbers):\n    return sum(numbers)\n",
    "echo": "def echo(text):\n    return text\n",
    "double": "def double(table):\n    return table.with_columns(a=table['a'] * 2)\n",
    "count": (
        "def count(folder):\n"
        "    return sum(len(f.read_text().splitlines()) for f in folder.rglob('*') if f.is_file())\n"
    ),
    "unique": "def unique(path):\n    return list(dict.fromkeys(path.read_text().split()))\n",
}


def notebook(setup: str = "pass", extra: str = "", **definitions: str) -> str:
    """The notebook with these definitions and the right ones of everything else, as marimo saves it.

    `setup` are the statements of its setup cell, `extra` is more text of the file.
    """
    lines = "\n    ".join(setup.splitlines())
    functions = "".join(f"@app.function\n{text}\n\n" for text in (RIGHT | definitions).values())
    return (
        f"import marimo\n\napp = marimo.App()\n\nwith app.setup:\n    {lines}\n\n\n{functions}{extra}\n\n"
        'if __name__ == "__main__":\n    app.run()\n'
    )
