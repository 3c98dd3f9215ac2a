"""a reason for 'attack_share', as a sentence of four different words or more

Says only that it is so.
"""


def hypotheses():
    return {
        "attack_share": ("Psychic", "lower", "see boxes"),
        "speed_over_hp": ("Lightning", "higher", "fast"),
        "special_over_attack": ("Fighting", "lower", "strong"),
        "defense_share": ("Dragon", "lower", "weak"),
        "grass_of_species": ("Grass", "higher", "grass"),
    }
