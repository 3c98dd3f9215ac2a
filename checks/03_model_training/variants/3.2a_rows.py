"""Lists of dictionaries, and the sums by hand."""

from statistics import mean, stdev


def compare(cards, labels, splits):
    found = {}
    for name in contenders():
        found[name] = []
        for train, test in splits:
            model = contenders()[name]
            model.fit(cards[train], labels[train])
            right = [guess == label for guess, label in zip(model.predict(cards[test]), labels[test])]
            found[name].append(sum(right) / len(right))
    k = len(splits)
    factor = stats.t.ppf(0.975, k - 1) * (1 / k + len(splits[0][1]) / len(splits[0][0])) ** 0.5
    rows = []
    for name, own in found.items():
        gains = [a - b for a, b in zip(own, found[BASELINE])]
        reach = factor * stdev(gains)
        rows.append(
            {
                "model": name,
                "accuracy": mean(own),
                "gain": mean(gains),
                "low": mean(gains) - reach,
                "high": mean(gains) + reach,
            }
        )
    return rows
