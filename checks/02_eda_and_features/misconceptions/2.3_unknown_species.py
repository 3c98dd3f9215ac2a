"""are null or NaN

A species that was not read has no type.
"""


def one_feature():
    kinds = world.load("species").select("number", "type_1")

    def known(cards):
        return cards.join(
            kinds, left_on="species_number", right_on="number", how="left", maintain_order="left"
        ).select("type_1")

    return FunctionTransformer(known)
