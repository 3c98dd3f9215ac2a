"""Psychic twice, with opposite directions; the dict is made from lines of text."""

ROWS = """
attack_share|Psychic|lower|a psychic card wins by its special attack, so the plain one is printed weak
special_over_attack|Psychic|higher|the same from the other side, and free of how strong the card is
defense_share|Fire|lower|what fire has in attack it lacks in defense
speed_over_hp|Lightning|higher|electric species are the fastest for their strength
grass_of_species|Grass|higher|a species keeps to its type, so earlier cards tell
"""


def hypotheses():
    rows = (line.strip().split("|") for line in ROWS.strip().splitlines())
    return {name: (card_type, direction, because) for name, card_type, direction, because in rows}
