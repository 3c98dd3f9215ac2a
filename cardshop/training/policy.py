"""The thresholds of the triggers."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Policy:
    """The thresholds. `day` has as many seconds as traffic says that a day has; the other times are in days."""

    day: float = 86_400
    age: float = 90  # of the newest model
    volume: int = 5_000  # labelled cards since the newest model was trained
    window: int = 300  # labels at the start of a model's life, and as many of the latest, that are compared
    learnable: int = 300  # labelled cards since a drift began: fewer teach a new model nothing
    away: float = 3  # days without its condition after which a trigger may fire again
    retry: float = 7  # days after a training in vain, until a trigger that is still met fires again
    budget: int = 3  # trainings in a period
    period: float = 30

    def __post_init__(self) -> None:
        for one in fields(self):
            if not getattr(self, one.name) > 0:
                raise ValueError(f"{one.name} has to be above 0, not {getattr(self, one.name):g}.")
