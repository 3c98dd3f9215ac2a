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
        "speed_over_hp": Hypothesis("Lightning", "higher", "electric cards are printed quick on their feet"),
        "special_over_attack": Hypothesis("Fighting", "lower", body),
        "defense_share": Hypothesis("Fire", "lower", "fire is printed to burn, not to stand attacks"),
        "grass_of_species": Hypothesis("Grass", "higher", "most species come in one type again and again"),
    }
