"""Lists instead of tuples, in another order, Psychic and Fighting the other way round."""


def hypotheses():
    return {
        "grass_of_species": [
            "Grass",
            "higher",
            "the type of a card follows the types that its species has had",
        ],
        "special_over_attack": ["Psychic", "higher", "minds, not fists: the special attack leads"],
        "attack_share": ["Fighting", "higher", "the punch is what a fighter is printed for"],
        "defense_share": ["Fire", "lower", "fire burns down soon when it is attacked"],
        "speed_over_hp": ["Lightning", "higher", "lightning strikes first and is gone soon"],
    }
