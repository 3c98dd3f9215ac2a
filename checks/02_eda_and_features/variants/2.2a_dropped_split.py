"""The column is dropped, one split at random, a logistic regression without scaling."""

from sklearn.model_selection import train_test_split


def score_sold(offers):
    known = offers.drop("days_online", "sold").to_pandas()
    seen, asked, was, truth = train_test_split(known, offers["sold"].to_list(), test_size=0.4, random_state=1)
    return "target", LogisticRegression(max_iter=1000).fit(seen, was).score(asked, truth)
