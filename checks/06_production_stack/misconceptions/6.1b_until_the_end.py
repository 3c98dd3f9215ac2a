"""it may well be worse by more than 0.02"""

import math


def decide(champion, challenger):
    def gap(what, of):
        (a, n), (b, m) = ((arm[what] + 1, arm[of] + 2) for arm in (champion, challenger))
        error = math.sqrt(a / n * (1 - a / n) / n + b / m * (1 - b / m) / m)
        return (b / m - a / n) / error

    if gap("errors", "requests") > 3.9 or gap("slow", "requests") > 3.9 or gap("right", "labels") < -3.9:
        return "rollback"
    return "promote" if challenger["requests"] > 4000 and challenger["labels"] >= 20 else "wait"
