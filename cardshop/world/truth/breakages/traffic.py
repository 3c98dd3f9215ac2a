"""Faults of what clients send. The service has to cope: nobody can change the clients at night."""

import numpy as np

from cardshop.world.species import STATS
from cardshop.world.truth.breakages.fault import SENT, SOUND, Fault

CLIENTS = ("app", "machine", "partner")
IN_ALL = '        for card in sent.get("cards", []):\n' + SENT
AT_ONCE = "        reserve({})  # one call for all cards\n"


def _large(rng: np.random.Generator, **names: str) -> Fault:
    repaired = SOUND.but(((IN_ALL, AT_ONCE),))
    return Fault(
        change="traffic",
        shows=("cards_per_batch",),
        after={"cards_per_batch": (30, 1_000), "p99_seconds": (0.5, 5)},
        repaired=repaired,
        clients=("partner",),
        cards=int(rng.integers(280, 360)),
        **names,
    )


def _schema(rng: np.random.Generator, **names: str) -> Fault:
    field = str(rng.choice([*STATS, "species_number", "rarity"]))
    other = f"{field}_{rng.choice(['value', 'read', 'scanned'])}"
    mended = f'            if "{other}" in card:\n                card["{field}"] = card.pop("{other}")\n'

    def send(card: dict) -> dict:
        return {other if name == field else name: value for name, value in card.items()}

    return Fault(
        change="traffic",
        shows=("share_422",),
        after={"share_422": (0.05, 1)},
        repaired=SOUND.but(((SENT, mended + SENT),)),
        send=send,
        clients=(str(rng.choice(CLIENTS)),),
        **names,
    )


def _unit(rng: np.random.Generator, **names: str) -> Fault:
    stats = sorted(map(str, rng.choice(STATS, 2, replace=False)), key=STATS.index)
    named = ", ".join(f'"{stat}"' for stat in stats)
    mended = (
        f"            for stat in ({named}):\n"
        "                if type(card.get(stat)) is int:  # the contract refuses the rest\n"
        "                    card[stat] = card[stat] // 2  # clients send half points\n"
    )

    def send(card: dict) -> dict:
        return card | {stat: 2 * card[stat] for stat in stats if card.get(stat) is not None}

    return Fault(
        change="traffic",
        shows=("feature_psi",),
        after={"feature_psi": (0.2, 50)},
        repaired=SOUND.but(((SENT, mended + SENT),)),
        send=send,
        clients=CLIENTS,
        **names,
    )


def _gap(rng: np.random.Generator, **names: str) -> Fault:
    mended = (
        '            if card.get("species_number") is None and card.get("name") in NUMBERS:\n'
        '                card["species_number"] = NUMBERS[card["name"]]\n'
    )
    numbers = '\nNUMBERS = dict(world.load("species").select("name", "number").iter_rows())\n\n\ndef reserve'

    def send(card: dict) -> dict:
        return {name: value for name, value in card.items() if name != "species_number"}

    return Fault(
        change="traffic",
        shows=("missing_share",),
        after={"missing_share": (0.5, 1), "feature_psi": (0.2, 50)},
        repaired=SOUND.but(
            (
                (SENT, mended + SENT),
                ("\n\ndef reserve", numbers),
                (
                    "from cardshop.serving import app\n",
                    "from cardshop import world\nfrom cardshop.serving import app\n",
                ),
            )
        ),
        send=send,
        clients=CLIENTS,
        **names,
    )


FAULTS = {
    "large": ("latency", _large),
    "schema": ("errors", _schema),
    "unit": ("stale", _unit),
    "gap": ("stale", _gap),
}
