"""the hypotheses are about

Speaks of columns of the table in place of the features.
"""


def hypotheses():
    return {
        "attack": ("Psychic", "lower", "psychic cards are printed with weak plain attacks"),
        "speed": ("Lightning", "higher", "what is electric is fast for its strength"),
        "special_attack": ("Fighting", "lower", "fighters hit with the body, not with the mind"),
        "special_defense": ("Dragon", "lower", "dragons pay for their attacks with a weak special defense"),
        "hp": ("Grass", "higher", "plants live long and die slowly"),
    }
