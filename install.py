"""Make `.venv`, the course's own environment: exactly the locked packages, checked by their hashes.

    python install.py            what a learner needs
    python install.py --dev      what the tests need too

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
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "complete"  # what the environment was made from; written last


def main(dev: bool) -> None:
    if sys.version_info[:2] not in VERSIONS:
        start_again_with_another_python()
    for wanted in (True,) if dev else (False, True):  # the tests' environment serves a learner too
        if STAMP.is_file() and STAMP.read_text() == origin(wanted) and PYTHON.exists():
            return
    start = time.monotonic()
    print(f"Installing into {VENV} ...", flush=True)
    STAMP.unlink(missing_ok=True)
    lock = str(lock_file(dev))
    if uv := shutil.which("uv"):
        if not PYTHON.exists():
            run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV))
        install = [uv, "pip", "install", "--python", str(PYTHON)]
        run(*install, "--compile-bytecode", "--require-hashes", "-r", lock)
        run(*install, "--quiet", "--no-deps", "--editable", str(ROOT))
    else:
        if (
            not PYTHON.exists()
            or subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode
        ):
            run(sys.executable, "-m", "venv", "--clear", str(VENV))
        install = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check"]
        run(*install, "--require-hashes", "-r", lock)
        run(*install, "--quiet", "--no-deps", "--editable", str(ROOT))
    STAMP.write_text(origin(dev))
    print(f"Installed in {time.monotonic() - start:.0f} seconds.", flush=True)


def lock_file(dev: bool) -> Path:
    return ROOT / ("requirements-dev.lock" if dev else "requirements.lock")


def origin(dev: bool) -> str:
    """A text that changes when the environment has to be made anew."""
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
            f"Installing stopped at: {' '.join(command[:4])} ... Its own message stands above; repair it and run "
            "the same command again, it goes on from here."
        )


if __name__ == "__main__":
    try:
        main(dev="--dev" in sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run the same command again, it goes on from here.")
