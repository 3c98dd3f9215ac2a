"""How far an incident has come, on disk: not what is broken."""

import json
import shutil
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

from cardshop.stack.settings import Settings

Phase = Literal["filling", "usual", "broken"]


class NotAnIncident(ValueError):
    """The file of the incident cannot be read; the message says what to do."""


@dataclass(frozen=True)
class State:
    """An incident. Times are ISO texts with an offset, None before they have come.

    `filling`: healthy traffic makes the monitor's reference. `usual`: Prometheus learns the usual level. `broken`: the
    fault is there; `alert` is what woke the person on call. `before` has the release and the champion before the fault,
    `registered` the versions that came during the incident.
    """

    seed: int
    symptom: str
    before: dict[str, str]
    phase: Phase = "filling"
    registered: list[str] = field(default_factory=list)
    began: str | None = None
    alerted: str | None = None
    quiet: str | None = None
    alert: dict[str, str] | None = None


def read(settings: Settings) -> State | None:
    """The incident that runs. Raises NotAnIncident for a broken file."""
    try:
        return State(**json.loads(_file(settings).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (TypeError, ValueError) as error:
        raise NotAnIncident(f"{_file(settings)} cannot be read ({error}): stop the incident.") from None


def draft(settings: Settings) -> Path:
    """An empty folder for what an incident begins with."""
    home = _home(settings).with_suffix(".new")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    return home


def begin(settings: Settings, state: State) -> None:
    """Let the incident be there with what is in the draft: all of it, or nothing where this is interrupted."""
    home = _home(settings).with_suffix(".new")
    shutil.rmtree(_home(settings), ignore_errors=True)  # what a service that ended late has written
    (home / _file(settings).name).write_text(json.dumps(asdict(state), indent=1), encoding="utf-8")
    home.rename(_home(settings))


def update(settings: Settings, state: State, **changes: object) -> State:
    """Write down how far it has come, and return it. Raises FileNotFoundError where the incident was stopped."""
    changed = replace(state, **changes)
    _file(settings).stat()
    fresh = _file(settings).with_suffix(".fresh")
    fresh.write_text(json.dumps(asdict(changed), indent=1), encoding="utf-8")
    fresh.replace(_file(settings))
    return changed


def end(settings: Settings) -> Path:
    """Take the incident away from the stack, and return the folder to be deleted."""
    gone = _home(settings).with_suffix(".gone")
    shutil.rmtree(gone, ignore_errors=True)
    _home(settings).rename(gone)
    return gone


def _home(settings: Settings) -> Path:
    return settings.folder / "incident"


def _file(settings: Settings) -> Path:
    return _home(settings) / "incident.json"
