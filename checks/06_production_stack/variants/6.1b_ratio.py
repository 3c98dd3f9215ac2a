"""Wald's sequential test: how much likelier the counts are if the challenger is worse by some points."""


def decide(champion, challenger):
    enough = math.log(400)

    def likelier(what, of, points):
        """The log of the likelihood ratio: a difference of `points` against none, for a normal difference."""
        difference = spread = 0
        for sign, arm in ((1, challenger), (-1, champion)):
            rate = (arm[what] + 1) / (arm[of] + 2)
            difference += sign * rate
            spread += rate * (1 - rate) / (arm[of] + 2)
        return (points * difference - points**2 / 2) / spread

    if max(likelier("errors", "requests", 0.03), likelier("slow", "requests", 0.03)) > enough:
        return "rollback"
    worse = likelier("right", "labels", -0.05)
    if worse > enough:
        return "rollback"
    if worse < -enough or likelier("right", "labels", 0.05) > enough:
        return "promote"
    return "wait"
