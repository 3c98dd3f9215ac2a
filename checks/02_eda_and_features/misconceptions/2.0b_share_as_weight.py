"""each row has the weight of its whole group, so a group with more rows still counts more"""


def reweighted(sample, shares):
    rows = sample.filter(pl.col("group").is_in(list(shares)), pl.col("value").is_not_null())
    for group, share in shares.items():
        if share and group not in rows["group"]:
            raise ValueError(f"no rows of {group}")
    weights = [shares[group] for group in rows["group"]]
    return float(np.average(rows["value"].cast(pl.Float64).to_numpy(), weights=weights))
