"""What the tests cost when the course has grown: every unit is copied until there are eighteen.

    python benchmarks/growth.py [--units 18] [--all]

Copies the project into a folder beside it, with an environment that shares its files, and runs there what depends on
the number of units; with `--all` the whole of `make test`. First with the evidence of the copies current, as on a
normal day, then (`--stale 6`) with so many units changed. The folder is removed afterwards.
"""

import argparse
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from grader.course.manifest import Unit, course

ROOT = Path(__file__).parents[1]
PART = [
    "tests/units",
    "tests/notebooks/test_contract.py",
    "tests/course",
    "tests/authoring",
    "tests/test_cheatsheets.py",
]
NOTE = """
from grader.authoring import evidence, housekeeping
from grader.course.manifest import assignments

for assignment in assignments():
    for task in assignment.tasks:
        figures = {"mutants": {"alive": []}, "variants": 0, "misconceptions": 0}
        evidence.write_task(assignment, task, figures, evidence.task_rests_on(assignment, task))
    for page in housekeeping.notebooks(assignment):
        evidence.write_page(page)
evidence.write_page(evidence.ROOT / "notebooks" / "home.py")
"""  # evidence of nothing: it is to be current, so that the tests choose as they do on a normal day


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--units", type=int, default=18)
    options.add_argument("--stale", type=int, default=0, help="units that have changed since their proof")
    options.add_argument("--all", action="store_true", help="run all tests")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT.parent, prefix="growth-") as folder:
        tree = Path(folder) / "course"
        copy_project(tree)
        units = course().units
        for number in range(len(units) + 1, chosen.units + 1):
            copy_unit(tree, units[(number - 1) % len(units)], number)
        python = str(tree / ".venv/bin/python")
        timed("evidence noted", [python, "-c", NOTE], tree)
        for unit in sorted(tree.glob("solutions/[0-9]*.py"))[: chosen.stale]:
            unit.write_text(unit.read_text(encoding="utf-8").replace("return ", "return  "), encoding="utf-8")
        tests = ["tests"] if chosen.all else PART
        command = [python, "-m", "pytest", "-n", "auto", "--dist", "loadgroup", "--durations", "15", *tests]
        timed(f"{chosen.units} units, {chosen.stale} changed", command, tree)


def copy_project(tree: Path) -> None:
    """Copy the files of the project, and its environment by links; the environment's own files point at the copy."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    shutil.copytree(ROOT / ".venv", tree / ".venv", copy_function=os.link, symlinks=True)
    for file in tree.glob(".venv/lib/*/site-packages/__editable__*"):
        if file.is_file():
            text = file.read_text(encoding="utf-8").replace(str(ROOT), str(tree))
            file.unlink()
            file.write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)


def copy_unit(tree: Path, unit: Unit, number: int) -> None:
    """Copy a unit with everything that belongs to it, under another number and with other names of functions."""
    old = int(unit.name[:2])
    names = {task.entry for assignment in unit.assignments for task in assignment.tasks}

    def renamed(text: str) -> str:
        text = text.replace(unit.name, f"{number:02}{unit.name[2:]}")
        text = re.sub(rf"\bCP-{old}(?!\d)", f"CP-{number}", text)
        text = re.sub(rf"(?<![\w.]){old}\.(?=\d[a-z]?\b|\d[a-z]?_)", f"{number}.", text)
        text = re.sub(rf'key="{old:02}-', f'key="{number:02}-', text)
        return re.sub(rf"\b({'|'.join(sorted(names))})\b", rf"\1_{number}", text)

    manifest = tree / "course.toml"
    text = manifest.read_text(encoding="utf-8")
    start = text.index(f'[[units]]\nname = "{unit.name}"')
    end = text.find("\n[[units]]\n", start + 1)
    section = text[start : end if end > 0 else len(text)]
    manifest.write_text(f"{text.rstrip()}\n\n{renamed(section)}", encoding="utf-8")
    places = [f"checks/{unit.name}", f"checks/{unit.checkpoint.id}"]
    files = [file for place in places for file in (ROOT / place).rglob("*.*")]
    files += [
        file
        for room in ("notebooks", "solutions", "exercises", "assessments", "cheatsheets")
        for file in (ROOT / room).rglob(f"{unit.name}.*")
    ]
    for file in files:
        if file.suffix == ".pyc" or not file.is_file():
            continue
        target = tree / renamed(file.relative_to(ROOT).as_posix())
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(renamed(file.read_text(encoding="utf-8")), encoding="utf-8")


def timed(what: str, command: list[str], tree: Path) -> None:
    start, before = time.monotonic(), os.times()
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    print(f"{what}: {time.monotonic() - start:.0f} s, {cpu:.0f} s of processor time, exit {done.returncode}")
    print("\n".join(done.stdout.splitlines()[-40:]), done.stderr[-2000:], flush=True)


if __name__ == "__main__":
    main()
