"""the weights are upside down

Share in the sample over share in the population, where it should be the other way round.
"""


def reweighted(sample, shares):
    rows = [
        (group, float(value)) for group, value in sample.rows() if value is not None and shares.get(group)
    ]
    sizes = {group: sum(one == group for one, _ in rows) for group in shares}
    for group, share in shares.items():
        if share and not sizes[group]:
            raise ValueError(f"no rows of {group}")
    weights = [sizes[group] / len(rows) / shares[group] for group, _ in rows]
    return sum(weight * value for weight, (_, value) in zip(weights, rows)) / sum(weights)
