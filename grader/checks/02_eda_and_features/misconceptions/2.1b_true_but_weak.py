"""and the given column `speed` alone has

Both are true, but the plain columns say as much.
"""


def hypotheses():
    return {
        "attack_share": ("Psychic", "lower", "psychic cards are printed with weak plain attacks"),
        "speed_share": ("Grass", "lower", "plants do not run away from anybody"),
        "special_over_attack": ("Grass", "higher", "plants work with poison and light, not with fists"),
        "special_defense_share": ("Dragon", "lower", "dragons pay for their attacks with a weak special defense"),
        "grass_of_species": ("Grass", "higher", "a species that came as Grass before comes as Grass again"),
    }
