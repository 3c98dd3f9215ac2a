"""What holds for the whole tree: who imports whom, links, locks, the README's table."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from grader.authoring.new import row
from grader.course.manifest import course

ROOT = Path(__file__).parents[1]
LISTING = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
ROOMS = (
    "cardshop",
    "checks",
    "grader",
    "notebooks",
    "solutions",
    "tests",
    "benchmarks",
    "docs",
    "cheatsheets",
    "datasets",
)


def files() -> list[Path]:
    """The files of the project; without git (a downloaded archive) those in its rooms."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            LISTING, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.splitlines()
        return [ROOT / name for name in listed if (ROOT / name).is_file()]
    return [
        *ROOT.glob("*.*"),
        *(file for room in ROOMS for file in (ROOT / room).rglob("*.*") if file.is_file()),
    ]


FILES = files()
PYTHON = [file for file in FILES if file.suffix == ".py"]
TEXT = [
    file
    for file in FILES
    if file.suffix in (".py", ".md", ".toml", ".lock", ".json", "") and file != Path(__file__)
]
# room -> what its files may not import
FORBIDDEN = {
    "cardshop": ("grader", "notebooks", "tests"),
    "grader/engine": ("cardshop", "checks", "grader.course", "grader.page", "grader.command", "marimo"),
    "grader": ("notebooks", "exercises", "solutions", "tests"),
    "grader/command": ("cardshop",),
    "solutions": ("cardshop.world.truth",),
}


def imports(file: Path) -> set[str]:
    """The modules that a file imports, absolute ones."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("room", FORBIDDEN)
def test_rooms_import_only_what_they_may(room):
    for file in PYTHON:
        if file.relative_to(ROOT).as_posix().startswith(room + "/"):
            for module in imports(file):
                for banned in FORBIDDEN[room]:
                    assert module != banned and not module.startswith(banned + "."), (
                        f"{file} imports {module}"
                    )


def test_the_workers_package_stands_alone():
    for file in (ROOT / "grader/engine/inside").glob("*.py"):
        assert not any(module.startswith("grader") for module in imports(file)), file


@pytest.mark.parametrize(
    "lock", [*ROOT.glob("requirements*.lock"), *ROOT.glob("environments/*.lock")], ids=lambda lock: lock.name
)
def test_every_locked_package_has_its_hashes(lock):
    entries = re.split(r"\n(?=\S)", lock.read_text().strip())
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry) and len(entries) > 10


def test_no_file_names_a_registry_or_a_path_of_a_machine():
    for file in TEXT:
        text = file.read_text(encoding="utf-8", errors="replace")
        for banned in (
            r"https?://[^\s)\"']*(pypi|pythonhosted|artifactory|nexus)",
            r"(?<![\w.])/(home|Users|root)/\w+",
            r"(?<![\w.])/work/",
        ):
            assert not re.search(banned, text), f"{file} has {re.search(banned, text)[0]}"


def test_links_between_documents_lead_somewhere():
    for file in FILES:
        if file.suffix == ".md":
            for target in re.findall(r"\]\(([^)#\s]+)", file.read_text(encoding="utf-8")):
                assert target.startswith("http") or (file.parent / target).exists(), f"{file}: {target}"


def test_the_readme_lists_the_units():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.partition("<!-- units -->")[2].partition("<!-- end of units -->")[0].strip().splitlines()
    assert table[2:] == [row(unit) for unit in course().units]
