"""The disguises of leakage, as plain data: how a model knows while it is judged what it will not know at work."""

LEAKS = {
    "none": "the score is one that production will see",
    "target": "a column is filled in, or changed, after the outcome is known",
    "train_test": "rows that are scored were also trained on",
    "temporal": "what is predicted was described with values from a later time",
    "group": "rows of one thing (a card, a customer) are on both sides, and production meets new things",
    "preprocessing": "something was learned from all rows (a selection, a mean, a scale) before they were split",
}
