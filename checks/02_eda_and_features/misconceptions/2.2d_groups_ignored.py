"""something still tells the answer

Hands over the groups to a split that does not look at them.
"""


def score_played(scans):
    measured, played = scans.drop("card_id", "played").to_numpy(), scans["played"].to_numpy()
    folds = KFold(5, shuffle=True, random_state=0)
    return "group", cross_val_score(
        KNeighborsClassifier(5), measured, played, cv=folds, groups=scans["card_id"].to_numpy()
    ).mean()
