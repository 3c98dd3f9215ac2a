"""something still tells the answer

Keeps two scans of each card in place of four.
"""


def score_played(scans):
    table = scans.group_by("card_id", maintain_order=True).head(2)
    measured, played = table.drop("card_id", "played").to_numpy(), table["played"].to_numpy()
    folds = KFold(5, shuffle=True, random_state=0)
    return "group", cross_val_score(KNeighborsClassifier(5), measured, played, cv=folds).mean()
