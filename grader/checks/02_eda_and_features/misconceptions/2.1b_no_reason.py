"""a reason for 'attack_share', as a sentence of four words or more

Says only that it is so.
"""


def hypotheses():
    return {
        "attack_share": ("Psychic", "lower", "see boxes"),
        "speed_share": ("Lightning", "higher", "fast"),
        "special_over_attack": ("Fighting", "lower", "strong"),
        "special_defense_share": ("Dragon", "lower", "weak"),
        "grass_of_species": ("Grass", "higher", "grass"),
    }
