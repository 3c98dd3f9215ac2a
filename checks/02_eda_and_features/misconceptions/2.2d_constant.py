"""a score that is measured

Nothing is known about new cards, so it says one half.
"""


def score_played(scans):
    return "group", 0.5
