"""below one half: it is the other way round

Fighters do not lead by special attack.
"""


def hypotheses():
    return {
        "attack_share": ("Psychic", "lower", "psychic cards are printed with weak plain attacks"),
        "speed_over_hp": ("Lightning", "higher", "what is electric is fast for its strength"),
        "special_over_attack": ("Fighting", "higher", "fighters are strong, so all of their attacks are"),
        "defense_share": ("Fire", "lower", "fire attacks with all it has, not with its defense"),
        "grass_of_species": ("Grass", "higher", "a species that came as Grass before comes as Grass again"),
    }
