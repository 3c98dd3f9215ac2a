"""The board of a competition: only held-out worlds count, and handing in again does not climb it.

A changed entry replaces the last one of the same person only when it is more accurate in enough of the worlds. For
10 of 12, luck alone does that once in fifty tries (a sign test at two per cent), and the next entry has to beat the
replaced one. So somebody who tries many variants learns next to nothing about the worlds from the board (the Ladder
of Blum and Hardt, 2015, with a sign test for its step).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean, stdev

from .manifest import Competition


@dataclass(frozen=True)
class Entry:
    """What counts for one person: the accuracy in each held-out world, and how often they have handed in."""

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

    def after(self, accuracy: Iterable[float], wins: int) -> "Entry":
        """Return what counts after handing in once more: the new accuracy, if it is higher in so many worlds."""
        new = tuple(accuracy)
        higher = sum(now > before for now, before in zip(new, self.accuracy, strict=True))
        return Entry(self.who, new if higher >= wins else self.accuracy, self.tries + 1)


def standings(entries: Iterable[dict], worlds: str, rules: Competition) -> list[Entry]:
    """Return the ranking in these worlds, the best first, from the history's entries of kind "competition"."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if (
            entry.get("kind") == "competition"
            and entry.get("worlds") == worlds
            and _sound(entry, rules.worlds)
        ):
            who, accuracy = entry["who"], entry["accuracy"]
            new = Entry(who, tuple(accuracy))
            found[who] = found[who].after(accuracy, rules.wins) if who in found else new
    return sorted(found.values(), key=lambda standing: -standing.mean)


def _sound(entry: dict, worlds: int) -> bool:
    """Whether an entry is one that was measured: a name, and a number for each world."""
    who, accuracy = entry.get("who"), entry.get("accuracy")
    return (
        isinstance(who, str)
        and isinstance(accuracy, list)
        and len(accuracy) == worlds
        and all(isinstance(one, int | float) for one in accuracy)
    )
