"""that is the plain mean of the sample: every row has the same weight"""


def reweighted(sample, shares):
    rows = sample.filter(pl.col("group").is_in(list(shares)))
    return float(rows["value"].cast(pl.Float64).mean())
