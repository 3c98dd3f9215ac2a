"""(what only fills gaps does not count: these cards have none)

Learns from `train` what to put into gaps, and nothing that a sound card would notice.
"""


def five_features(train, cards):
    stat = {name: pl.col(name).fill_null(train[name].median()).clip(1).log() for name in STATS}
    return cards.select(
        attack_to_defense=stat["attack"] - stat["defense"],
        special=stat["special_attack"] - stat["special_defense"],
        speed_to_hp=stat["speed"] - stat["hp"],
        hp=stat["hp"],
        attack_to_special=stat["attack"] - stat["special_attack"],
    )
