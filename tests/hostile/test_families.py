"""Every attack on every ground: the deserved score, a stated verdict, an unharmed host, an unharmed next submission."""

import os
from importlib import import_module

import pytest

from .attack import GROUNDS, due

FAMILIES = (
    "hangs",
    "memory",
    "processes",
    "answers",
    "sources",
    "protocol",
    "prying",
    "persistence",
    "gaming",
    "namespaces",
    "stopwatch",
    "artifacts",
)
ATTACKS = {
    name: {attack.name: attack for attack in import_module(f"tests.hostile.families.{name}").family}
    for name in FAMILIES
}
# What runs on the host itself shares its sockets and processes: those two grounds never run beside one another.
GROUPS = {"sandbox": "hostile sandbox", "process": "hostile host", "spawned": "hostile host"}
USUAL = 1  # attacks of each family that the usual run tries on each ground, with each commit the next ones


def _due(ground: str) -> list[str]:
    every = os.environ.get("DOJO_ATTACKS") == "all"
    return [
        name
        for attacks in ATTACKS.values()
        for name in due(
            [name for name, one in attacks.items() if ground in one.grounds and (every or not one.slow)],
            USUAL,
        )
    ]


DUE = [
    pytest.param(ground, name, marks=pytest.mark.xdist_group(GROUPS[ground]))
    for ground in GROUNDS
    for name in _due(ground)
]


@pytest.mark.parametrize(("ground", "name"), DUE, indirect=["ground"], scope="session")
def test_an_attack_is_held(ground, name):
    (attack,) = (attacks[name] for attacks in ATTACKS.values() if name in attacks)
    if complaints := ground.complaints(attack):
        pytest.fail("\n".join([f"{ground.name}, {name}:", *complaints]), pytrace=False)
