"""Four ways to read a model, each with its trap and a careful way: what the lesson on training shows."""

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from xgboost import DMatrix, XGBRegressor


def coefficients_of_units():
    rng = np.random.default_rng(0)
    kilograms, metres = rng.normal(50, 20, 500), rng.normal(1.5, 0.3, 500)
    # both matter equally
    heavy = kilograms / 20 + metres / 0.3 + rng.logistic(size=500) > 7.5
    table = np.column_stack([1000 * kilograms, metres])  # the weight in grams
    model = LogisticRegression(max_iter=5000).fit(table, heavy)
    return model.coef_[0].round(4).tolist()


def coefficients_scaled():
    rng = np.random.default_rng(0)
    kilograms, metres = rng.normal(50, 20, 500), rng.normal(1.5, 0.3, 500)
    heavy = kilograms / 20 + metres / 0.3 + rng.logistic(size=500) > 7.5
    table = StandardScaler().fit_transform(np.column_stack([1000 * kilograms, metres]))
    return LogisticRegression().fit(table, heavy).coef_[0].round(2).tolist()


def one_tree():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(200, 3))
    strong = table.sum(axis=1) > 0  # the three columns matter equally
    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(table, strong)
    return f"the first question is about column {tree.tree_.feature[0]}"


def twenty_trees():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(200, 3))
    strong = table.sum(axis=1) > 0
    first = []
    for _ in range(20):
        # a bootstrap sample: as many rows, drawn with replacement
        rows = rng.integers(0, 200, 200)
        tree = DecisionTreeClassifier(max_depth=3).fit(table[rows], strong[rows])
        first.append(tree.tree_.feature[0])
    return {f"column {column}": first.count(column) for column in range(3)}


def shuffled_alone():
    rng = np.random.default_rng(0)
    attack, speed = rng.normal(size=(2, 600))
    strong = 2 * attack + speed > 0  # attack matters most
    twin = attack + rng.normal(0, 0.05, 600)
    table = np.column_stack([attack, twin, speed])
    forest = RandomForestClassifier(40, max_features=1, random_state=0)
    forest.fit(table[:300], strong[:300])
    test = table[300:], strong[300:]
    found = permutation_importance(forest, *test, n_repeats=5, random_state=0)
    loss = found.importances_mean.round(2).tolist()
    return dict(zip(["attack", "its twin", "speed"], loss, strict=True))


def shuffled_together():
    rng = np.random.default_rng(0)
    attack, speed = rng.normal(size=(2, 600))
    strong = 2 * attack + speed > 0
    twin = attack + rng.normal(0, 0.05, 600)
    table = np.column_stack([attack, twin, speed])
    forest = RandomForestClassifier(40, max_features=1, random_state=0)
    forest.fit(table[:300], strong[:300])
    before, loss = forest.score(table[300:], strong[300:]), {}
    for name, columns in {"attack and its twin": [0, 1], "speed": [2]}.items():
        mixed = table[300:].copy()
        # whole rows: twins stay together
        mixed[:, columns] = rng.permutation(mixed[:, columns])
        loss[name] = round(before - forest.score(mixed, strong[300:]), 2)
    return loss


def contributions_of_a_proxy():
    rng = np.random.default_rng(0)
    demand = rng.normal(size=600)  # causes the price, and is not in the table
    views = demand + rng.normal(0, 0.2, 600)  # people look at what is in demand
    price = 10 + 3 * demand + rng.normal(0, 0.5, 600)
    table = np.column_stack([views, rng.normal(size=600)])
    model = XGBRegressor(n_estimators=60, max_depth=2, n_jobs=1).fit(table, price)
    parts = model.get_booster().predict(DMatrix(table), pred_contribs=True)[:, :-1]
    means = np.abs(parts).mean(axis=0).round(2).tolist()
    return dict(zip(["views", "noise"], means, strict=True))


def prices_after_buying_views():
    rng = np.random.default_rng(0)
    demand = rng.normal(size=600)
    views = demand + rng.normal(0, 0.2, 600)
    price = 10 + 3 * demand + rng.normal(0, 0.5, 600)
    model = XGBRegressor(n_estimators=60, max_depth=2, n_jobs=1)
    model.fit(views[:, None], price)
    # an advertisement: more views, the same demand, hence the same prices
    before, after = (model.predict(at[:, None]).mean() for at in (views, views + 1))
    predicted = after - before
    return {"predicted rise": round(float(predicted), 2), "true rise": 0.0}
