"""at least 7 points more than with the given columns alone

A word from the text, the one that gives the hint away: it says hardly more than `text` as it is.
"""

TELLING = {
    "Heal": "Grass",
    "burned": "Fire",
    "hand": "Water",
    "paralysed": "Lightning",
    "asleep": "Psychic",
    "counter": "Fighting",
    "Search": "Colorless",
    "resistance": "Dragon",
}


def one_feature():
    def hint(cards):
        said = [
            next((told for word, told in TELLING.items() if word in (text or "")), "none")
            for text in cards["text"]
        ]
        return pl.DataFrame({"hint": said})

    return FunctionTransformer(hint)
