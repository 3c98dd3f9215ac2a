"""Make `.venv`, the course's own environment: exactly the locked packages, checked by their hashes.

    python install.py                 what a learner needs
    python install.py --dev           what the tests need as well
    python install.py --extra NAME    what some units need as well (requirements-NAME.lock)
    python install.py --lab NAME      the separate environment of a lab (environments/NAME.lock)

Does nothing when the environment is complete. Uses uv where it is on the path, pip otherwise.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

VERSIONS = ((3, 11), (3, 12), (3, 13))
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "complete"  # what the environment was made from; written last


def main(dev: bool) -> None:
    if sys.version_info[:2] not in VERSIONS:
        start_again_with_another_python()
    for wanted in (True,) if dev else (False, True):  # the tests' environment serves a learner too
        if STAMP.is_file() and STAMP.read_text() == origin(wanted) and interpreter(VENV).exists():
            return
    STAMP.unlink(missing_ok=True)
    install(VENV, lock_file(dev), ROOT)
    STAMP.write_text(origin(dev))


def add_extra(name: str) -> None:
    """Install the packages of an extra into the course's environment."""
    lock = existing(ROOT / f"requirements-{name}.lock")
    main(dev=False)
    install(VENV, lock)


def add_lab(name: str) -> None:
    """Make the separate environment of a lab."""
    if sys.version_info[:2] not in VERSIONS:
        start_again_with_another_python()
    install(ROOT / ".venvs" / name, existing(ROOT / "environments" / f"{name}.lock"))


def install(venv: Path, lock: Path, project: Path | None = None) -> None:
    """Install the locked packages, and the project itself where it is named; make the environment if there is none."""
    start = time.monotonic()
    print(f"Installing into {venv} ...", flush=True)
    python = interpreter(venv)
    if uv := shutil.which("uv"):
        if not python.exists():
            run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(venv))
        command, more = [uv, "pip", "install", "--python", str(python)], ["--compile-bytecode"]
    else:
        if (
            not python.exists()
            or subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode
        ):
            run(sys.executable, "-m", "venv", "--clear", str(venv))
        command, more = [str(python), "-m", "pip", "install", "--disable-pip-version-check"], []
    run(*command, *more, "--no-deps", "--require-hashes", "-r", str(lock))  # a lock names everything
    if project is not None:
        run(*command, "--quiet", "--no-deps", "--editable", str(project))
    print(f"Installed in {time.monotonic() - start:.0f} seconds.", flush=True)


def interpreter(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def lock_file(dev: bool) -> Path:
    return ROOT / ("requirements-dev.lock" if dev else "requirements.lock")


def existing(lock: Path) -> Path:
    if not lock.is_file():
        sys.exit(f"There is no {lock.relative_to(ROOT)}, so there is nothing to install under this name.")
    return lock


def origin(dev: bool) -> str:
    """A text that changes when the environment has to be rebuilt."""
    files = lock_file(dev).read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return f"{hashlib.sha256(files).hexdigest()} {ROOT}\n"


def start_again_with_another_python() -> None:
    for major, minor in VERSIONS:
        other = shutil.which(f"python{major}.{minor}")
        if other and subprocess.run([other, "-c", ""], capture_output=True).returncode == 0:
            sys.exit(subprocess.run([other, *sys.argv]).returncode)
    names = ", ".join(f"{major}.{minor}" for major, minor in VERSIONS)
    sys.exit(
        f"This is Python {sys.version.split()[0]}; the course needs one of {names}. Install one and try again."
    )


def run(*command: str) -> None:
    if subprocess.run(command).returncode:
        sys.exit(
            f"Installing stopped at: {' '.join(command[:4])} ... The message above says why. Fix that, "
            "then run the same command again; it continues from here."
        )


if __name__ == "__main__":
    try:
        match sys.argv[1:]:
            case ["--lab", name]:
                add_lab(name)
            case ["--extra", name]:
                add_extra(name)
            case [] | ["--dev"]:
                main(dev=bool(sys.argv[1:]))
            case _:
                sys.exit(__doc__.strip())
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run the same command again; it continues from here.")
