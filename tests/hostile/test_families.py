"""Every attack on every ground: the deserved score, a stated verdict, an unharmed host, an unharmed next submission."""

from importlib import import_module

import pytest

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
    attack.name: attack
    for name in FAMILIES
    for attack in import_module(f"tests.hostile.families.{name}").family
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_held(ground, name):
    attack = ATTACKS[name]
    if ground.name in attack.grounds and (complaints := ground.complaints(attack)):
        pytest.fail("\n".join([f"{ground.name}, {name}:", *complaints]), pytrace=False)
