"""below one half: it is the other way round

Fighters do not lead by special attack.
"""


def hypotheses():
    return {
        "attack_share": ("Psychic", "lower", "psychic cards are printed with weak plain attacks"),
        "speed_share": ("Lightning", "higher", "what is electric is fast for its strength"),
        "special_over_attack": ("Fighting", "higher", "fighters are strong, so all of their attacks are"),
        "special_defense_share": ("Dragon", "lower", "dragons pay for their attacks with a weak special defense"),
        "grass_of_species": ("Grass", "higher", "a species that came as Grass before comes as Grass again"),
    }
