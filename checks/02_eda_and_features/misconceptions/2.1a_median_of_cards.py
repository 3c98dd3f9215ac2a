"""is another one when the card is asked about alone: what is learned has to be learned from `train`

Fills the gaps with medians of the cards that are asked about.
"""


def five_features(train, cards):
    filled = cards.select(
        pl.col("species_number"),
        *(pl.col(stat).fill_null(pl.col(stat).median()).fill_null(1).clip(1).log() for stat in STATS),
    )
    known = train.group_by("species_number").agg(cards=pl.len())
    return filled.join(known, on="species_number", how="left", maintain_order="left").select(
        attack_to_defense=pl.col("attack") - pl.col("defense"),
        special=pl.col("special_attack") - pl.col("special_defense"),
        speed_to_hp=pl.col("speed") - pl.col("hp"),
        hp="hp",
        cards=pl.col("cards").fill_null(0),
    )
