"""The disguises of leakage, as plain data: how a model knows while it is judged what it will not know at work."""

LEAKS = {
    "none": "the score is one that production will see",
    "target": "a column of the row itself is filled in, or changed, after its outcome is known",
    "train_test": "rows that are scored were also trained on",
    "temporal": "a row is described with other rows, from a later time",
    "group": "rows of one thing (a card, a customer) are on both sides, and production meets new things",
    "preprocessing": "something was learned from all rows (a selection, a mean, a scale) before they were split",
}
