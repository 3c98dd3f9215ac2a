"""Bayes: how probable it is that the challenger is worse by a point, with a bar that leaves room for many looks."""


def decide(champion, challenger):
    from scipy.special import ndtr

    def posterior(arm, what, of):
        ones, zeros = 1 + arm[what], 1 + arm[of] - arm[what]
        total = ones + zeros
        return ones / total, ones * zeros / total**2 / (total + 1)  # of a beta distribution

    def probably_above(what, of, points):
        new, old = posterior(challenger, what, of), posterior(champion, what, of)
        return float(ndtr((new[0] - old[0] - points) / math.sqrt(new[1] + old[1])))

    sure = 0.9993
    fails = probably_above("errors", "requests", 0.01)
    slow = probably_above("slow", "requests", 0.01)
    not_worse = probably_above("right", "labels", -0.01)
    if fails > sure or slow > sure or 1 - not_worse > sure:
        return "rollback"
    return "promote" if not_worse > sure else "wait"
