"""The disguises of leakage, as plain data: how a score knows something that the model will not know in production."""

LEAKS = {
    "none": "no leak: production will see this score",
    "target": "a column is filled in, or changed, after the outcome of its own row is known",
    "train_test": "rows that are scored were also trained on",
    "temporal": "a row's features use other rows from a later time",
    "group": "rows of the same thing (a card, a customer) are on both sides of the split, but production gets new ones",
    "preprocessing": "something was learned from all rows (a selection, a mean, a scale) before the split",
}
