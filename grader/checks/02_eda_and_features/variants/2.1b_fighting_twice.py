"""Fighting twice; named tuples."""
from typing import NamedTuple


class Hypothesis(NamedTuple):
    card_type: str
    direction: str
    because: str


def hypotheses():
    body = "fighters spend their strength on the body, not on the mind"
    return {
        "attack_share": Hypothesis("Fighting", "higher", body),
        "speed_share": Hypothesis("Lightning", "higher", "electric cards are printed quick on their feet"),
        "special_over_attack": Hypothesis("Fighting", "lower", body),
        "special_defense_share": Hypothesis("Dragon", "lower", "no dragon is printed to stand special attacks"),
        "grass_of_species": Hypothesis("Grass", "higher", "most species come in one type again and again"),
    }
