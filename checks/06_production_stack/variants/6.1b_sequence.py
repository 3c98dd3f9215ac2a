"""An interval that holds at all looks, however many: a confidence sequence with a normal mixture."""


def decide(champion, challenger):
    rho = 0.01

    def width(count, total):
        rate = (count + 0.5) / (total + 1)
        grown = total * rho + 1
        return math.sqrt(rate * (1 - rate) * 2 * grown / (total**2 * rho) * math.log(math.sqrt(grown) / 0.01))

    def between(what, of):
        if min(champion[of], challenger[of]) < 20:
            return -1, 1
        middle = challenger[what] / challenger[of] - champion[what] / champion[of]
        error = math.hypot(width(challenger[what], challenger[of]), width(champion[what], champion[of]))
        return middle - error, middle + error

    for trouble in ("errors", "slow"):
        if between(trouble, "requests")[0] > 0:
            return "rollback"
    low, high = between("right", "labels")
    if low > -MARGIN:
        return "promote"
    return "rollback" if high < 0 else "wait"
