"""Releases of the service: numbered folders with the code and the settings that run, and which of them runs.

A release is `N/service.py` (a factory `create_app()`), `N/settings.env` (lines `CARDSHOP_…=…`) and `N/made.json`.
The file `current` has the number of the one that runs; the supervisor starts the service again when it changes.
"""

import ast
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from cardshop.serving.settings import Settings as Serving

FIRST = '"""The service of card types, as it is."""\n\nfrom cardshop.serving.app import create_app  # noqa: F401\n'
NAME = re.compile(r"CARDSHOP_[A-Z][A-Z0-9_]*")
OURS = {"CARDSHOP_REGISTRY", "CARDSHOP_KEPT", "CARDSHOP_JOURNAL", "CARDSHOP_ROLLOUT", "CARDSHOP_RELEASE"}
"""What the stack itself says to the service; a release that said otherwise would be lost to the monitor."""


class ReleaseError(ValueError):
    """A release cannot be made or found; the message says why, and what to do."""


@dataclass(frozen=True)
class Release:
    """A release: its texts, when and by whom it was made, and which one ran before it (0: none)."""

    number: int
    service: str
    settings: dict[str, str]
    at: str
    by: str
    before: int


class Releases:
    """The releases in a folder; `cardshop up` begins with the service as it is."""

    def __init__(self, folder: Path):
        self.folder = folder

    def begin(self, service: str = FIRST, settings: Mapping[str, str] | None = None) -> None:
        """Write the first release, where there is none."""
        if not (self.folder / "current").exists():
            self._write(Release(1, service, dict(settings or {}), _now(), "cardshop up", 0))
            self.choose(1)

    def current(self) -> int:
        """The number of the release that runs. Raises ReleaseError for a broken file."""
        file = self.folder / "current"
        try:
            return int(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return 1
        except ValueError:
            raise ReleaseError(
                f"{file} is not a number: write the number of the release that is to run into it."
            ) from None

    def every(self) -> list[Release]:
        """All releases, the oldest first."""
        if not self.folder.exists():
            return []
        numbers = sorted(int(one.name) for one in self.folder.iterdir() if one.name.isdecimal())
        return [self.read(number) for number in numbers]

    def read(self, number: int) -> Release:
        """A release. Raises ReleaseError where it is not there, or not whole."""
        home = self.folder / str(number)
        try:
            made = json.loads((home / "made.json").read_text(encoding="utf-8"))
            service = (home / "service.py").read_text(encoding="utf-8")
            settings = parsed((home / "settings.env").read_text(encoding="utf-8"))
            return Release(number, service, settings, **made)
        except FileNotFoundError as error:
            raise ReleaseError(f"There is no release {number}: {error.filename} is missing.") from None
        except (TypeError, ValueError) as error:
            raise ReleaseError(f"Release {number} cannot be read: {error}") from None

    def add(self, service: str, settings: Mapping[str, str], by: str) -> Release:
        """Write the next release; it does not run yet. Raises ReleaseError for code or settings that cannot run."""
        check(service, settings)
        made = Release(self.every()[-1].number + 1, service, dict(settings), _now(), by, self.current())
        self._write(made)
        return made

    def choose(self, number: int) -> None:
        """Let this release run."""
        fresh = self.folder / "current.new"
        fresh.write_text(f"{number}\n", encoding="utf-8")
        fresh.replace(self.folder / "current")

    def remove(self, number: int) -> None:
        """Delete a release that never got ready."""
        shutil.rmtree(self.folder / str(number))

    def _write(self, release: Release) -> None:
        home = self.folder / str(release.number)
        home.mkdir(parents=True, exist_ok=True)
        made = {name: value for name, value in asdict(release).items() if name in ("at", "by", "before")}
        lines = [f"{name}={value}\n" for name, value in release.settings.items()]
        (home / "service.py").write_text(release.service, encoding="utf-8")
        (home / "settings.env").write_text("".join(lines), encoding="utf-8")
        (home / "made.json").write_text(json.dumps(made), encoding="utf-8")


def check(service: str, settings: Mapping[str, str]) -> None:
    """Return if code and settings can be those of a release; whether it gets ready is another matter.

    Raises ReleaseError.
    """
    try:
        tree = ast.parse(service)
    except (SyntaxError, ValueError) as error:
        raise ReleaseError(f"The file is not Python: {error}.") from None
    if "create_app" not in _names(tree):
        raise ReleaseError(
            "The file has no `create_app`: a release is a file with a function `create_app()` that returns the service."
        )
    for name in settings:
        if not NAME.fullmatch(name):
            raise ReleaseError(f"{name!r} is no setting: settings look like CARDSHOP_TIMEOUT=2.")
        if name in OURS:
            raise ReleaseError(f"{name} is set by the stack: a release cannot change it.")
    known = {f"CARDSHOP_{field.upper()}": field for field in Serving.model_fields}
    try:
        Serving(**{known[name]: _value(name, value) for name, value in settings.items() if name in known})
    except ValidationError as error:
        first = error.errors()[0]
        name = f"CARDSHOP_{str(first['loc'][0]).upper()}"
        raise ReleaseError(f"{name} cannot be {settings[name]!r}: {first['msg']}.") from None


def parsed(text: str) -> dict[str, str]:
    """The settings of a file: a line `NAME=value` for each; empty lines and comments count for nothing.

    Raises ReleaseError.
    """
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            name, sign, value = line.partition("=")
            if not sign:
                raise ReleaseError(f"Line {number} of the settings, {line!r}, is not NAME=value.")
            found[name.strip()] = value.strip()
    return found


def _value(name: str, value: str) -> object:
    if name != "CARDSHOP_API_KEYS":
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ReleaseError(f"{name} has to be a JSON list, as in '[\"key\"]'; it is {value!r}.") from None


def _names(tree: ast.Module) -> set[str]:
    """What a module defines or imports on its top level."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
