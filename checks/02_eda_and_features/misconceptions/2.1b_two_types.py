"""at least three different card types

Takes for each feature one of the two types that are easiest to tell.
"""


def hypotheses():
    return {
        "attack_share": ("Fighting", "higher", "fighters hit with the body, so the attack leads"),
        "speed_over_hp": ("Fighting", "lower", "whoever is strong is slow, says everybody"),
        "special_over_attack": ("Fighting", "lower", "fighters do not use the special attack"),
        "defense_share": ("Fighting", "lower", "what is special is not a matter for fighters"),
        "grass_of_species": ("Grass", "higher", "a species that came as Grass before comes as Grass again"),
    }
