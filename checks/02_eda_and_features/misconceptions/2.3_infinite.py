"""there is an infinity: a division by zero, or the logarithm of zero

Compares with the species and forgets that a stat can be 0.
"""


def one_feature():
    base = world.load("species").select("number", own_attack="attack", own_special="special_attack")

    def leaning(cards):
        table = cards.join(
            base, left_on="species_number", right_on="number", how="left", maintain_order="left"
        )
        own = (pl.col("own_attack") / pl.col("own_special")).log()
        return table.select(leaning=((pl.col("attack") / pl.col("special_attack")).log() - own).fill_null(0))

    return FunctionTransformer(leaning)
