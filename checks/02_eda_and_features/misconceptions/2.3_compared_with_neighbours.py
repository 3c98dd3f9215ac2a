"""something is learned from the cards that are asked about

Compares a card with the mean of the cards that it is asked with.
"""


def one_feature():
    base = world.load("species").select("number", own_attack="attack", own_special="special_attack")

    def leaning(cards):
        table = cards.join(
            base, left_on="species_number", right_on="number", how="left", maintain_order="left"
        )
        times = (
            (
                pl.col("attack").clip(1)
                * pl.col("own_special")
                / pl.col("special_attack").clip(1)
                / pl.col("own_attack")
            )
            .log()
            .fill_null(0)
        )
        return table.select(leaning=times - times.mean())

    return FunctionTransformer(leaning)
