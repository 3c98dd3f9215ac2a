"""Why a card got its type: what each feature added to the score of that type."""

import polars as pl

from cardshop.serving.predictor import Predictor


class Unexplained(TypeError):
    """The model is of a kind that cannot say what its features added."""


def explain(predictor: Predictor, card: pl.DataFrame) -> dict:
    """Return what the schema `Explanation` states about a table of one card, without model and request.

    The effects of the columns that one word became are summed: a reader knows `rarity`, not `rarity_Rare`. Raises
    Unexplained.
    """
    try:
        (_, features), (_, encoder), (_, classifier) = predictor.model.steps
        contributions, origins = classifier.contributions, encoder.origins_
    except (AttributeError, ValueError):
        raise Unexplained(
            f"{predictor.name} {predictor.version} cannot say what its features added: it has no contributions."
        ) from None
    described = features.transform(card)
    probabilities = predictor.probabilities(card)[0]
    best = int(probabilities.argmax())
    *effects, average = contributions(encoder.transform(described))[0, best].tolist()
    summed = dict.fromkeys(described.columns, 0.0)
    for origin, effect in zip(origins, effects, strict=True):
        summed[origin] += effect
    rows = [
        {"feature": name, "value": _short(described[name][0]), "effect": effect}
        for name, effect in summed.items()
    ]
    return {
        "card_type": predictor.classes[best],
        "probability": float(probabilities[best]),
        "average": average,
        "contributions": sorted(rows, key=lambda row: -abs(row["effect"])),
    }


def _short(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
