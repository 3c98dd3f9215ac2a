"""Plain Python over sorted days."""


def ordered_folds(days, k, gap=0):
    if k < 2:
        raise ValueError("k")
    if gap < 0:
        raise ValueError("gap")
    different = sorted(set(days.tolist()))
    size, more = divmod(len(different), k + 1)
    if size == 0:
        raise ValueError("too few days")
    starts = [number * size + min(number, more) for number in range(k + 2)]
    pairs = []
    for begin, end in zip(starts[1:], starts[2:]):
        first, last = different[begin], different[end - 1]
        test = [row for row, day in enumerate(days) if first <= day <= last]
        train = [row for row, day in enumerate(days) if first - day > gap]
        if not train:
            raise ValueError("nothing to train on")
        pairs.append((train, test))
    return pairs
