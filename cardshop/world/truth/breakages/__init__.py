"""What breaks in an incident of the running stack, and the truth about it: a module for each kind of change.

`FAULTS` has a function for each cause: from a generator of random numbers to a `Fault`. `drawn(seed, symptom)` chooses
one. The same seed gives the same fault on the learner's machine and where the repair is graded.
"""

from cardshop.incidents import SYMPTOMS
from cardshop.world.truth.breakages import code, labels, models, settings, traffic
from cardshop.world.truth.breakages.fault import EARLIER, SOUND, Fault, Release
from cardshop.world.truth.breakages.models import trained
from cardshop.world.truth.breakages.requests import Asked, answers, requests
from cardshop.world.truth.randomness import generator

__all__ = [
    "EARLIER",
    "FAULTS",
    "SOUND",
    "Asked",
    "Fault",
    "Release",
    "answers",
    "drawn",
    "fault",
    "requests",
    "trained",
]
FAULTS = {**code.FAULTS, **settings.FAULTS, **models.FAULTS, **traffic.FAULTS, **labels.FAULTS}


def drawn(seed: int, symptom: str = "") -> Fault:
    """Return the fault of a seed; without `symptom` the seed decides that, too."""
    symptom = symptom or str(generator(seed, "symptoms").choice(list(SYMPTOMS)))
    rng = generator(seed, "breakages", symptom)
    causes = [name for name, (of, _) in FAULTS.items() if of == symptom]
    return fault(seed, str(rng.choice(causes)))


def fault(seed: int, cause: str) -> Fault:
    """Return the fault of a seed with this cause."""
    symptom, make = FAULTS[cause]
    return make(generator(seed, "breakage", cause), cause=cause, symptom=symptom)
