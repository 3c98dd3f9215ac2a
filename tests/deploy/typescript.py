"""Objects against their types: TypeScript refuses a field that a type has not, and one that is missing."""

import subprocess
from pathlib import Path

TYPES = Path(__file__).parent / "types"


def refused(source: str, folder: Path) -> str:
    """What the compiler has against a module. Empty where it has nothing."""
    node(folder)
    (folder / "all.mts").write_text(source)
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext"]
    command = ["node", "node_modules/typescript/bin/tsc", *options, "all.mts"]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert all("all.mts(" in line for line in found.stdout.splitlines() if line[:1].strip()), found.stdout
    assert bool(found.returncode) == bool(found.stdout), found.stderr
    return found.stdout


def node(folder: Path) -> None:
    """Let node's programs in this folder find the packages."""
    assert (TYPES / "node_modules").is_dir(), f"The types are not installed: npm ci --prefix {TYPES}"
    link = folder / "node_modules"
    if not link.exists():
        link.symlink_to(TYPES / "node_modules")
