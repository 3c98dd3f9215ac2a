"""Faults of a release that changes the code."""

import numpy as np

from cardshop.world.species import STATS
from cardshop.world.truth.breakages.fault import SENT, SOUND, Fault

RETURNED = "    return shares / shares.sum(axis=1, keepdims=True)\n"


def _lookup(rng: np.random.Generator, **names: str) -> Fault:
    seconds = round(float(rng.uniform(0.025, 0.04)), 3)
    broken = SOUND.but(
        (
            (
                "time.sleep(0.001)  # it is in this building",
                f"time.sleep({seconds})  # it has moved to the cloud",
            ),
        )
    )
    return Fault(change="code", shows=("release",), after={"p99_seconds": (0.5, 5)}, broken=broken, **names)


def _cache(rng: np.random.Generator, **names: str) -> Fault:
    key = str(rng.choice(["stage", "legendary"]))
    kept = (
        f'    for row, key in enumerate(cards["{key}"].to_list()):  # the same card is asked for again and again\n'
        "        shares[row] = KEPT.setdefault(key, shares[row].copy())\n"
    )
    broken = SOUND.but(
        (
            (RETURNED, kept + RETURNED),
            ("\n\ndef reserve", "\nKEPT: dict[str | bool | None, np.ndarray] = {}\n\n\ndef reserve"),
        )
    )
    after = {"share_top_type": (0.35, 1), "type_psi": (0.2, 50)}
    return Fault(change="code", shows=("release",), after=after, broken=broken, **names)


def _crash(rng: np.random.Generator, **names: str) -> Fault:
    field = str(rng.choice(["text", "rarity", "stage", "name"]))
    broken = SOUND.but(((SENT, f'            card["{field}"] = card["{field}"].strip()\n' + SENT),))
    return Fault(
        change="code",
        shows=("share_500", "release"),
        after={"share_500": (0.05, 0.5)},
        broken=broken,
        **names,
    )


def _kept(rng: np.random.Generator, **names: str) -> Fault:
    key = str(rng.choice(["rarity", "stage", "set_code"]))
    stats = sorted(map(str, rng.choice(STATS, 3, replace=False)), key=STATS.index)
    again = (
        f'            first = SEEN.setdefault(card.get("{key}"), card)\n'
        f"            for stat in {tuple(stats)!r}:  # saves a call to the feature store\n".replace("'", '"')
        + "                card[stat] = first.get(stat)\n"
    )
    broken = SOUND.but(
        ((SENT, SENT + again), ("\n\ndef reserve", "\nSEEN: dict[str | None, dict] = {}\n\n\ndef reserve"))
    )
    return Fault(change="code", shows=("release",), after={"feature_psi": (0.2, 50)}, broken=broken, **names)


def _skew(rng: np.random.Generator, **names: str) -> Fault:
    order = list(STATS)
    while sum(one == two for one, two in zip(order, STATS, strict=True)) > 1:
        rng.shuffle(order)
    named = ", ".join(f'"{stat}"' for stat in order)
    told = (
        "    return cards.rename(dict(zip(cards.select(ORDER).columns, STATS, strict=True)))"
        ".select(cards.columns)  # as in the new table\n"
    )
    broken = SOUND.but(
        (
            ("    return cards\n", told),
            (
                "from cardshop.serving.hooks import Hooks\n",
                "from cardshop.serving.hooks import Hooks\nfrom cardshop.world.species import STATS\n",
            ),
            ("\n\ndef reserve", f"\nORDER = ({named})\n\n\ndef reserve"),
        )
    )
    return Fault(change="code", shows=("release",), after={"accuracy": (0, 0.6)}, broken=broken, **names)


FAULTS = {
    "lookup": ("latency", _lookup),
    "cache": ("fire", _cache),
    "crash": ("errors", _crash),
    "kept": ("stale", _kept),
    "skew": ("worse", _skew),
}
