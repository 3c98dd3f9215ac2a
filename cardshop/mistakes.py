"""Answers of a sorting machine, fifty of them wrong. Some kinds of cards are wrong more often than others."""

import numpy as np
import polars as pl

COLUMNS = {
    "rarity": ["Common", "Uncommon", "Rare", "Holo", "Ultra", "Secret"],
    "scanner": ["A", "B", "C", "D", "E"],
    "language": ["English", "German", "French", "Japanese", "Korean"],
    "sleeve": ["none", "clear", "matte", "foil"],
    "shift": ["early", "day", "late", "night"],
    "box": ["1", "2", "3", "4", "5", "6", "7", "8"],
}
"""The columns that a slice may use, with their values."""

ROWS, WRONG, EACH = 1_000, 50, 14


def judged(seed: int) -> tuple[pl.DataFrame, list[dict[str, str]]]:
    """Return a table with `card_id`, COLUMNS and `wrong`, and the slices in which the machine fails more often.

    There are none, one or two slices, of one column or two. Fifty rows of a thousand are wrong.
    """
    rng = np.random.default_rng(seed)
    table = pl.DataFrame(
        {
            "card_id": [f"s-{row:04}" for row in range(ROWS)],
            **{name: rng.choice(values, ROWS) for name, values in COLUMNS.items()},
        }
    )
    names = [str(name) for name in rng.permutation(list(COLUMNS))]
    parts = [names[:2], names[2:4]]  # slices of different columns
    count = int(rng.choice(3, p=[0.15, 0.35, 0.5]))
    slices, wrong = [], np.zeros(ROWS, bool)
    for part in parts[:count]:
        chosen = part if rng.random() < 0.5 or len(COLUMNS[part[0]]) < 5 else part[:1]
        slices.append({name: str(rng.choice(COLUMNS[name])) for name in sorted(chosen)})
        inside = table.select(
            inside=pl.all_horizontal(pl.col(name) == value for name, value in slices[-1].items())
        )["inside"].to_numpy()
        # Each slice has as many mistakes as tell it from luck, whatever its size.
        number = min(int(inside.sum() * 0.6), EACH + int(inside.sum()) // 25)
        wrong[rng.choice(np.flatnonzero(inside & ~wrong), number, replace=False)] = True
    rest = WRONG - int(wrong.sum())
    wrong[rng.choice(np.flatnonzero(~wrong), rest, replace=False)] = True
    return table.with_columns(wrong=pl.Series(wrong)), slices
