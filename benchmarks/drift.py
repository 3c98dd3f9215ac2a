"""How soon drift is found, and how often by mistake: 50 simulated months against what was planted in them.

Run `python -m benchmarks.drift`. Half a minute on two cores.
"""

import statistics

from cardshop.monitoring.drift import LARGE
from cardshop.monitoring.trial import FEATURES, alarms
from cardshop.world.truth.traffic import month

MONTHS = 50
DRIFTS = ("scale", "mix", "gap")
DETECTORS = {
    f"PSI > {LARGE:g} (ours)": lambda drift: any(one.is_large for one in drift),
    "PSI > 0.1": lambda drift: any(one.psi > 0.1 for one in drift),
    "p < 0.05, any feature": lambda drift: any(one.p < 0.05 for one in drift),
    "p < 0.001 / features": lambda drift: any(one.p < 0.001 / len(FEATURES) for one in drift),
}


def main() -> None:
    delays: dict[str, list[int]] = {name: [] for name in DETECTORS}
    missed, false, quiet = dict.fromkeys(DETECTORS, 0), dict.fromkeys(DETECTORS, 0), 0
    drifted = 0
    for seed in range(MONTHS):
        days, trouble = month(seed)
        there = trouble.kind in DRIFTS
        answered = [
            day.scans.clear() if day.names else day.scans for day in days
        ]  # a renamed field is refused
        begin = trouble.day if there else len(days)
        quiet += sum(day.height > 0 for day in answered[12:begin])  # 12 days fill reference and window
        drifted += there
        for name, found in alarms(answered, DETECTORS).items():
            false[name] += sum(day < begin for day in found)
            after = [day for day in found if day >= begin]
            if there and after:
                delays[name].append(after[0] - begin + 1)
            missed[name] += there and not after
    print(f"{MONTHS} months, {drifted} with drift; {quiet} quiet days were compared")
    print(
        f"{'detector':24} {'found':>6} {'missed':>7} {'median delay':>13} {'longest':>8} {'false alarms':>13}"
    )
    for name, late in delays.items():
        print(
            f"{name:24} {len(late):6} {missed[name]:7} {statistics.median(late):11.0f} d {max(late):6} d "
            f"{false[name]:4} ({false[name] / quiet:.1%})"
        )


if __name__ == "__main__":
    main()
