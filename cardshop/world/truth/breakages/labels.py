"""Faults of the labels that come back."""

import numpy as np

from cardshop.world.truth.breakages.fault import SOUND, Fault

SPELLINGS = {
    "lower": (str.lower, "str.title"),
    "upper": (str.upper, "str.title"),
    "spaces": (lambda label: f" {label} ", "str.strip"),
    "suffix": (lambda label: f"{label} type", 'lambda label: label.removesuffix(" type")'),
}
READ = "    return sent\n"


def _spelling(rng: np.random.Generator, **names: str) -> Fault:
    spell, undo = SPELLINGS[str(rng.choice(list(SPELLINGS)))]
    mended = f'    if path == "/v1/feedback":\n        sent["card_type"] = ({undo})(sent["card_type"])\n'
    return Fault(
        change="labels",
        shows=("accuracy",),
        after={"accuracy": (0, 0.6)},
        repaired=SOUND.but(((READ, mended + READ),)),
        spell=spell,
        **names,
    )


FAULTS = {"spelling": ("worse", _spelling)}
