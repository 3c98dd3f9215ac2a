"""Folds of cards by hand: every seventh card is asked about."""


def score_played(scans):
    number = scans["card_id"].rank("dense").to_numpy()
    measured, played = scans.drop("card_id", "played").to_numpy(), scans["played"].to_numpy()
    right = np.zeros(len(played))
    for fold in range(7):
        asked = number % 7 == fold
        model = KNeighborsClassifier(5).fit(measured[~asked], played[~asked])
        right[asked] = model.predict(measured[asked]) == played[asked]
    return "group", right.mean()
