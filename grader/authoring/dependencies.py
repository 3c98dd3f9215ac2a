"""What code rests on, read off its text: files of the course and installed distributions, as far as imports lead.

Imports inside functions count too, so the answer does not depend on which lines happened to run.
"""

import ast
import hashlib
import io
import json
import os
import subprocess
import sys
import tokenize
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import packages_distributions, version
from pathlib import Path

from grader.course.manifest import ROOT

ENGINE = "grader/engine"  # stands in evidence by its behaviour, not by its text
FACE = "grader/__init__.py"  # only looks names up, in PAGE, when they are first used
PAGE = "grader/page"
DATA = "datasets"
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

Names = frozenset[str]


def used(roots: Iterable[Path], *texts: str, without: tuple[str, ...] = ()) -> tuple[dict[str, str], Names]:
    """Return the files that `roots` and `texts` lead to, roots included, with their hashes; and foreign modules.

    Files are named relative to the course's root. Packages in `without` are not followed.
    """
    pending = [*roots]
    files: set[Path] = set()
    foreign: set[str] = set()
    for text in texts:
        _sort(_imports(text, ""), without, pending, foreign)
    while pending:
        file = pending.pop()
        if file in files or _name(file).startswith((ENGINE, FACE)):
            continue
        files.add(file)
        if file.suffix == ".py":
            imports, data = _leads_to(file, file.read_text(encoding="utf-8"))
            _sort(imports, without, pending, foreign)
            pending += data
    return {_name(file): digest_of(file) for file in sorted(files)}, frozenset(foreign)


@cache
def _leads_to(file: Path, text: str) -> tuple[list[tuple[str, tuple[str, ...]]], list[Path]]:
    """What a module with this text imports, and the files at rest that it names."""
    return list(_imports(text, ".".join(file.relative_to(ROOT).parts[:-1]))), _data(text)


def digest_of(file: Path) -> str:
    """Return the short hash of what a file says; of Python only the code counts, not its comments and docstrings."""
    content = file.read_bytes()
    return digest(_code(content.decode()).encode() if file.suffix == ".py" else content)


@cache
def _code(text: str) -> str:
    """A module without its docstrings, its comments and its empty lines."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            lines[first.lineno - 1 : first.end_lineno] = [""] * (first.end_lineno - first.lineno + 1)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return "\n".join(line.rstrip() for line in lines if line.strip())


def digest(content: bytes) -> str:
    """Return the short hash that evidence holds of a content."""
    return hashlib.sha256(content).hexdigest()[:16]


def distributions(modules: Names) -> dict[str, str]:
    """Return the versions of all distributions that are imported when `modules` are."""
    with ThreadPoolExecutor(os.cpu_count()) as jobs:
        names = {name for brought in jobs.map(_brought, sorted(modules)) for name in brought}
    return {name: version(name) for name in sorted(names) if name != "ml-dojo"}


@cache
def _brought(module: str) -> Names:
    """The distributions that one module brings: asked once of each, in an interpreter that has imported nothing."""
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import importlib, json\n"
        "importlib.import_module(sys.argv[1])\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules.keys() - before})))"
    )
    command = [sys.executable, "-c", program, module]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return frozenset(
        owner for name in json.loads(done.stdout.splitlines()[-1]) for owner in _owners().get(name, ())
    )


_owners = cache(packages_distributions)  # reads the metadata of all that is installed


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def _imports(text: str, package: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each module that a text imports and the names taken from it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*parts, *([node.module] if node.module else [])])
            yield module, tuple(alias.name for alias in node.names)


def _sort(
    imports: Iterable[tuple[str, tuple[str, ...]]],
    without: tuple[str, ...],
    pending: list[Path],
    foreign: set[str],
) -> None:
    for module, names in imports:
        top = module.partition(".")[0]
        if top in without:
            continue
        if not (ROOT / top).is_dir() and not (ROOT / f"{top}.py").exists():
            if top not in sys.stdlib_module_names:
                foreign.add(module)
            continue
        for name in (module, *(f"{module}.{one}" for one in names)):
            pending += _files(name)
        if module == "grader" and names:
            pending += [file for file in (ROOT / PAGE).iterdir() if file.is_file()]


def _files(module: str) -> list[Path]:
    """The files that are executed when `module` is imported; its last part may be a name inside of one."""
    parts = module.split(".")
    packages = [ROOT.joinpath(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)]
    return [file for file in (*packages, ROOT.joinpath(*parts).with_suffix(".py")) if file.exists()]


def _data(text: str) -> list[Path]:
    """The files at rest that a text names."""
    return [file for file in (ROOT / DATA).rglob("*.*") if f'"{file.name}"' in text]
