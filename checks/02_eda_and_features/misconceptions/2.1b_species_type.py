"""a card type for 'speed_over_hp': one of Grass, Fire, Water

Electric is a type of species; the card type is called Lightning.
"""


def hypotheses():
    return {
        "attack_share": ("Psychic", "lower", "psychic cards are printed with weak plain attacks"),
        "speed_over_hp": ("Electric", "higher", "what is electric is fast for its strength"),
        "special_over_attack": ("Fighting", "lower", "fighters hit with the body, not with the mind"),
        "defense_share": ("Fire", "lower", "fire attacks with all it has, not with its defense"),
        "grass_of_species": ("Grass", "higher", "a species that came as Grass before comes as Grass again"),
    }
