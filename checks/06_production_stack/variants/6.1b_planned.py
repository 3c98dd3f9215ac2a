"""Numbers that were fixed before the canary: nobody looks at a rate earlier, and then a plain difference decides."""


def decide(champion, challenger):
    def above(what, of):
        return challenger[what] / challenger[of] - champion[what] / champion[of]

    if challenger["requests"] < 350:
        return "wait"
    if above("errors", "requests") > 0.03 or above("slow", "requests") > 0.03:
        return "rollback"
    if challenger["labels"] < 1500:
        return "wait"
    gained = above("right", "labels")
    if gained < -0.035:
        return "rollback"
    return "promote" if gained > 0 else "wait"
