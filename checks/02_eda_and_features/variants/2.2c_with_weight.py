"""The weight stays in as well; a split by hand into seen and asked."""


def score_returns(parcels):
    table = parcels.sample(fraction=1, shuffle=True, seed=4)
    scores = []
    for part in np.array_split(np.arange(table.height), 6):
        asked = table[part]
        seen = table.filter(~pl.int_range(pl.len()).is_in(part))
        shares = seen.group_by("seller_id").agg(share=pl.col("returned").mean())
        sides = [
            side.join(shares, on="seller_id", how="left", maintain_order="left").fill_null(0.5)
            for side in (seen, asked)
        ]
        model = make_pipeline(StandardScaler(), LogisticRegression())
        model.fit(sides[0].select("share", "weight_g").to_numpy(), seen["returned"].to_numpy())
        scores.append(
            model.score(sides[1].select("share", "weight_g").to_numpy(), asked["returned"].to_numpy())
        )
    return "none", float(np.mean(scores))
