"""two equal models are as far apart by chance"""


def decide(champion, challenger):
    def rate(arm, what, of):
        return arm[what] / arm[of] if arm[of] else 0

    for what in ("errors", "slow"):
        if rate(challenger, what, "requests") > rate(champion, what, "requests") + 0.02:
            return "rollback"
    if min(champion["labels"], challenger["labels"]) < 50:
        return "wait"
    gained = rate(challenger, "right", "labels") - rate(champion, "right", "labels")
    if gained < -0.02:
        return "rollback"
    return "promote" if gained > 0.02 else "wait"
