"""What kubectl makes of a kustomization: the objects that would be applied, as YAML."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from .. import programs
from ..notebook import LoadError


def read(path: Path, files: dict[str, str] | None = None) -> str:
    """Return what `kubectl kustomize` renders for the folder of a kustomization. Raises LoadError where it refuses.

    `files` stand in for the submission's files of these names.
    """
    program = programs.find("kubectl")
    if program is None:
        raise LoadError("kubectl is not installed, and it renders overlays: see `dojo doctor`")
    root = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        if files:
            root = Path(folder)
            shutil.copytree(Path.cwd(), root, copy_function=shutil.copyfile, dirs_exist_ok=True)
            for name, text in files.items():
                (root / name).write_text(text, encoding="utf-8")
        done = subprocess.run(
            [program, "kustomize", str(path.parent)],
            cwd=root,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    if done.returncode:
        told = " ".join(done.stderr.split()).removeprefix("error: ").replace(f"{root}/", "")
        raise LoadError(f"kubectl cannot render {path.parent}: {told}"[:600])
    return done.stdout
