"""Faults of a release that changes nothing but settings."""

import json
from functools import partial

import numpy as np

from cardshop.quality import CARD_TYPES
from cardshop.world.truth.breakages.fault import SOUND, Fault


def _wait(rng: np.random.Generator, **names: str) -> Fault:
    seconds = round(float(rng.uniform(0.8, 1.4)), 1)
    broken = SOUND.but(gather=f"{seconds}")
    return Fault(
        change="settings", shows=("release",), after={"p99_seconds": (0.5, 5)}, broken=broken, **names
    )


def _temperature(rng: np.random.Generator, **names: str) -> Fault:
    broken = SOUND.but(temperature=f"{rng.uniform(3, 6):.1f}")
    after = {"confidence": (0.2, 0.75), "confidence_psi": (0.2, 20)}
    return Fault(change="settings", shows=("release",), after=after, broken=broken, **names)


def _fallback(rng: np.random.Generator, **names: str) -> Fault:
    kind = str(rng.choice(CARD_TYPES))
    broken = SOUND.but(weights=json.dumps({kind: f"1,{rng.integers(1, 5)}"}))  # a decimal comma
    after = {"share_top_type": (0.95, 1), "type_psi": (0.2, 50)}
    return Fault(change="settings", shows=("release",), after=after, broken=broken, **names)


def _failing(rng: np.random.Generator, status: int, setting: str, values: list[str], **names: str) -> Fault:
    broken = SOUND.but(**{setting: str(rng.choice(values))})
    shown = f"share_{status}"
    return Fault(
        change="settings", shows=(shown, "release"), after={shown: (0.05, 1)}, broken=broken, **names
    )


FAULTS = {
    "wait": ("latency", _wait),
    "temperature": ("confidence", _temperature),
    "fallback": ("fire", _fallback),
    "timeout": (
        "errors",
        partial(_failing, status=504, setting="timeout", values=["0.001", "0.002", "0.003"]),
    ),
    "queue": ("errors", partial(_failing, status=503, setting="waiting", values=["1"])),
}
