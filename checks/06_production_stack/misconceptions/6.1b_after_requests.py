"""no label had come back"""


def decide(champion, challenger):
    def fails(arm):
        return (arm["errors"] + arm["slow"]) / max(arm["requests"], 1)

    if challenger["requests"] < 200:
        return "rollback" if challenger["errors"] > 20 else "wait"
    if fails(challenger) > fails(champion) + 0.025:
        return "rollback"
    if challenger["labels"] > 500 and challenger["right"] < 0.7 * challenger["labels"]:
        return "rollback"
    return "promote" if challenger["requests"] >= 1000 else "wait"
