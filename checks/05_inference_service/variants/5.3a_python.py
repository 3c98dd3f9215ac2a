"""No arrays: a bin for each value, counted in a dict."""


def psi(reference, current):
    from bisect import bisect_left
    from collections import Counter
    from math import isnan, log, nan

    if len(reference) == 0 or len(current) == 0:
        return nan
    before, now = (
        [None if isinstance(one, float) and isnan(one) else one for one in column.to_list()]
        for column in (reference, current)
    )
    known = [one for one in before if one is not None]
    if reference.dtype.is_numeric():
        cuts = sorted({float(np.quantile(known, tenth / 10)) for tenth in range(1, 10)}) if known else []
        bins = [*range(len(cuts) + 1), "null"]
        place = lambda one: "null" if one is None else bisect_left(cuts, one)  # noqa: E731
    else:
        bins = [*((one,) for one in set(known)), "other", "null"]
        place = lambda one: "null" if one is None else (one,) if one in known else "other"  # noqa: E731
    old, new = Counter(map(place, before)), Counter(map(place, now))
    total = 0.0
    for name in bins:
        a = (old[name] + 0.5) / (len(before) + 0.5 * len(bins))
        b = (new[name] + 0.5) / (len(now) + 0.5 * len(bins))
        total += (b - a) * log(b / a)
    return total
