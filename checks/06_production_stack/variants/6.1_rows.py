"""WRITE: what this right answer does differently (three such files for a task)."""


def count_rows_6(cards):
    return sum(1 for _ in cards.iter_rows())
