"""Plain Python, row by row; an exception class of its own."""

from collections import defaultdict


class NothingKnown(ValueError):
    """A group of the population has no value in the sample."""


def reweighted(sample, shares):
    values = defaultdict(list)
    for row in sample.iter_rows(named=True):
        if row["value"] is not None:
            values[row["group"]].append(row["value"])
    total = 0.0
    for group, share in shares.items():
        if share == 0:
            continue
        if not values[group]:
            raise NothingKnown(group)
        total += share * sum(values[group]) / len(values[group])
    return total
