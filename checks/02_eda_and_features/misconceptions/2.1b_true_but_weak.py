"""and the given column `speed` alone has

It is true, but a plain column says more.
"""


def hypotheses():
    return {
        "attack_share": ("Psychic", "lower", "psychic cards are printed with weak plain attacks"),
        "speed_over_hp": ("Lightning", "higher", "what is electric is fast and soon down"),
        "special_over_attack": ("Grass", "higher", "plants work with poison and light, not with fists"),
        "defense_share": ("Fire", "lower", "fire attacks with all it has, not with its defense"),
        "grass_of_species": ("Grass", "higher", "a species that came as Grass before comes as Grass again"),
    }
