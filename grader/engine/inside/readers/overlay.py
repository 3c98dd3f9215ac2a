"""What kubectl makes of a kustomization: the objects that would be applied, as YAML."""

import subprocess
from pathlib import Path

from .. import programs
from ..notebook import LoadError


def read(path: Path) -> str:
    """Return what `kubectl kustomize` renders for the folder of a kustomization. Raises LoadError where it refuses."""
    program = programs.find("kubectl")
    if program is None:
        raise LoadError("kubectl is not installed, and it renders overlays: see `dojo doctor`")
    done = subprocess.run(
        [program, "kustomize", str(path.parent)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        told = " ".join(done.stderr.split()).removeprefix("error: ").replace(f"{Path.cwd()}/", "")
        raise LoadError(f"kubectl cannot render {path.parent}: {told}"[:600])
    return done.stdout
