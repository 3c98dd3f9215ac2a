"""The board of the feature competition: held-out worlds alone count, and handing in again does not climb it.

A changed entry replaces the last one of the same person only when it is more accurate in WINS of the twelve worlds.
By luck that happens once in fifty tries (a sign test at two per cent), and the next step starts from there: what is
asked of the board is hardly ever answered with anything that could be learned from (the Ladder of Blum and Hardt, 2015,
with a sign test for its step).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean, stdev

TASK = "CP-2a"
WORLDS = 12
WINS = 10  # of these


@dataclass(frozen=True)
class Entry:
    """Where somebody stands: the accuracy in each held-out world, and how often they have handed in."""

    who: str
    accuracy: tuple[float, ...]
    tries: int = 1

    @property
    def mean(self) -> float:
        return mean(self.accuracy)

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        return stdev(self.accuracy) / len(self.accuracy) ** 0.5

    def after(self, accuracy: Iterable[float]) -> "Entry":
        """The standing after handing in once more."""
        new = tuple(accuracy)
        wins = sum(now > before for now, before in zip(new, self.accuracy, strict=True))
        return Entry(self.who, new if wins >= WINS else self.accuracy, self.tries + 1)


def standings(entries: Iterable[dict], worlds: str) -> list[Entry]:
    """Return who stands where in these worlds, the best first, from the history's entries of kind "competition"."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.get("kind") == "competition" and entry.get("worlds") == worlds and _sound(entry):
            who, accuracy = entry["who"], entry["accuracy"]
            found[who] = found[who].after(accuracy) if who in found else Entry(who, tuple(accuracy))
    return sorted(found.values(), key=lambda standing: -standing.mean)


def _sound(entry: dict) -> bool:
    """Whether an entry is one that was measured: a name, and a number for each world."""
    who, accuracy = entry.get("who"), entry.get("accuracy")
    return (
        isinstance(who, str)
        and isinstance(accuracy, list)
        and len(accuracy) == WORLDS
        and all(isinstance(one, int | float) for one in accuracy)
    )
