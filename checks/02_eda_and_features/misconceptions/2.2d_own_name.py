"""there is a leak, but not of the kind

Scans of the same card are on both sides: that is a leak by group, not the same row twice.
"""


def score_played(scans):
    measured, played = scans.drop("card_id", "played").to_numpy(), scans["played"].to_numpy()
    return "train_test", cross_val_score(
        KNeighborsClassifier(5), measured, played, cv=GroupKFold(5), groups=scans["card_id"].to_numpy()
    ).mean()
