"""The files of a submission: copied before anything looks at them, so that they are regular, few and do not change."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

from .assignment import ARTIFACTS, Submitted

MOST = 1000  # files
TEXT = 2**20  # bytes of one text file that a check may see
TEXTS = 8 * 2**20  # bytes of all of them
LEFT_OUT = ("__pycache__", "__marimo__")  # and what begins with a dot


@contextmanager
def snapshot(submitted: Submitted, handed_out: Mapping[str, str]) -> Iterator[Submitted]:
    """Yield the submission with a copy of its files, and their texts in `contents`.

    A file that was handed out and is missing is taken as it was handed out. Too many or too large files are
    left out altogether; `problem` says so.
    """
    texts = {**handed_out, **submitted.contents}
    if submitted.files is None and not texts:
        yield submitted
        return
    place = Path(tempfile.mkdtemp(prefix="dojo-files-"))
    try:
        given = submitted.files or {}
        problem = _copy(listed(given) if isinstance(given, Path) else given, place)
        for name, text in texts.items():
            target = place / name
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(text.encode())
        for path in (place, *place.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)  # workers are other users
        yield replace(submitted, files=place, contents=_contents(place), problem=problem)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def listed(folder: Path) -> dict[str, Path]:
    """Return the regular files of a folder by their paths in it, one more than MOST at most; none for a link."""
    if folder.is_symlink():
        return {}
    return {path.relative_to(folder).as_posix(): path for path in islice(_regular(folder), MOST + 1)}


def _copy(files: Mapping[str, Path], target: Path) -> str:
    """Copy files; return why nothing was copied, if nothing was."""
    size = sum(path.lstat().st_size for path in files.values())
    if len(files) > MOST:
        return f"the submission has more than {MOST:,} files, which is the most that is graded"
    if size > ARTIFACTS:
        return (
            f"the files of the submission have {size / 2**20:.0f} MB; at most {ARTIFACTS >> 20} MB are graded"
        )
    for name, path in files.items():
        place = target / os.fsencode(name).decode(errors="replace")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place, follow_symlinks=False)
    return ""


def _regular(source: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in LEFT_OUT)
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _contents(place: Path) -> dict[str, str | None]:
    """The text of each file by its path; None for what is not text, or is too long."""
    contents: dict[str, str | None] = {}
    left = TEXTS
    for path in _regular(place):
        size = path.stat().st_size
        text = None
        if size <= min(TEXT, left):
            text = _text(path.read_bytes())
            left -= size if text is not None else 0
        contents[path.relative_to(place).as_posix()] = text
    return contents


def _text(content: bytes) -> str | None:
    try:
        return None if b"\0" in content else content.decode()
    except UnicodeDecodeError:
        return None
