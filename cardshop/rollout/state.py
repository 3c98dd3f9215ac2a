"""Where a rollout stands, on disk: the plan that runs, and an audit log of every decision."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from cardshop.rollout.policies import Plan


@dataclass(frozen=True)
class Rollout:
    """A plan with the versions it is about."""

    plan: Plan
    champion: str
    challenger: str


class State:
    """The rollout of one folder. Several processes may look; whoever writes replaces the whole file."""

    def __init__(self, folder: Path):
        self._file = folder / "rollout.json"
        self._audit = folder / "audit.jsonl"

    def read(self) -> Rollout | None:
        """The rollout that runs, if one does. Raises ValueError for a file that is not one."""
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            return Rollout(Plan(**found["plan"]), found["champion"], found["challenger"])
        except FileNotFoundError:
            return None
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"{self._file} is not a rollout ({error}): delete it to end the rollout."
            ) from None

    def begin(self, rollout: Rollout, by: str) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(rollout), indent=1), encoding="utf-8")
        fresh.replace(self._file)
        self.note("begin", f"{rollout.plan.kind} of version {rollout.challenger}", by)

    def end(self, action: str, reason: str, by: str) -> None:
        """End the rollout, and write down why."""
        self._file.unlink(missing_ok=True)
        self.note(action, reason, by)

    def note(self, action: str, reason: str, by: str) -> None:
        self._audit.parent.mkdir(parents=True, exist_ok=True)
        line = {"at": datetime.now(UTC).isoformat(), "action": action, "reason": reason, "by": by}
        with self._audit.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def audit(self) -> list[dict]:
        """Every decision so far, the oldest first."""
        try:
            return [json.loads(line) for line in self._audit.read_text(encoding="utf-8").splitlines()]
        except FileNotFoundError:
            return []
