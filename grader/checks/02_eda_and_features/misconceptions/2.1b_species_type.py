"""a card type for 'speed_share': one of Grass, Fire, Water

Electric is a type of species; the card type is called Lightning.
"""


def hypotheses():
    return {
        "attack_share": ("Psychic", "lower", "psychic cards are printed with weak plain attacks"),
        "speed_share": ("Electric", "higher", "what is electric is fast for its strength"),
        "special_over_attack": ("Fighting", "lower", "fighters hit with the body, not with the mind"),
        "special_defense_share": ("Dragon", "lower", "dragons pay for their attacks with a weak special defense"),
        "grass_of_species": ("Grass", "higher", "a species that came as Grass before comes as Grass again"),
    }
