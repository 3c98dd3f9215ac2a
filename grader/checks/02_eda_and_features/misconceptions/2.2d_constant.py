"""as on thousands of fresh rows

Nothing is known about new cards, so it says one half.
"""


def score_played(scans):
    return "group", 0.5
