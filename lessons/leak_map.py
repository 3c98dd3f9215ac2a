"""The map of a leak: which information crosses from held-out rows, or from the future, to where it must not be."""

from grader.page.charts import AMBER, BLUE, GREY, RED


def leak_map(kind: str, repaired: bool) -> str:
    """Ten rows of a table as SVG, training and held-out, with red arrows for what crosses to where it must not be.

    `kind` is one of target, train–test, temporal, group, preprocessing.
    """
    held_out = {"temporal": {7, 8, 9}, "group": {6, 7, 8, 9} if repaired else {2, 5, 8, 9}}.get(
        kind, {1, 4, 6, 9}
    )
    letters = {"train–test": "ABCADECFGH", "group": "AABBBBCCCC" if repaired else "AAABBBCCCC"}.get(
        kind, " " * 10
    )
    if kind == "train–test":
        letters = "ABCIDECFGH"  # C came twice
    arcs = {
        "train–test": [] if repaired else [(2, 6)],
        "temporal": [(0, 7), (2, 7), (5, 7)] if repaired else [(2, 7), (8, 7), (9, 7)],
        "group": [] if repaired else [(1, 2), (4, 5), (7, 8)],
    }.get(kind, [])
    column = {"target": "a column filled in after the outcome", "preprocessing": "the choice of columns"}.get(
        kind, ""
    )
    gone = {6} if kind == "train–test" and repaired else set()
    parts = [_tip(0, GREY), _tip(1, RED)]
    if kind == "target" and repaired:
        parts.append(_text(320, 30, "the column is left out", "middle"))
    elif column:
        parts += [
            '<rect x="150" y="8" width="340" height="34" rx="8" fill="none" stroke="currentColor" opacity=".6"/>',
            _text(320, 30, column, "middle"),
        ]
        for row in range(10):
            if not (repaired and row in held_out):
                parts.append(_arrow(f"M{_x(row)} 97 L{176 + 32 * row} 46", row in held_out))
    for start, end in arcs:
        height = 62 - abs(end - start) * 5
        path = f"M{_x(start)} 98 Q{(_x(start) + _x(end)) / 2} {height} {_x(end)} 96"
        parts.append(_arrow(path, not (kind == "temporal" and start < end)))
    for row in range(10):
        fill = AMBER if row in held_out else BLUE
        look = f'fill="none" stroke="{GREY}" stroke-dasharray="4 4"' if row in gone else f'fill="{fill}"'
        parts.append(f'<rect x="{_x(row) - 22}" y="100" width="44" height="44" rx="7" {look}/>')
        ink = GREY if row in gone else "white"
        parts.append(
            f'<text x="{_x(row)}" y="128" text-anchor="middle" style="fill:{ink};font-weight:600">{letters[row]}</text>'
        )
    for at, colour, name in ((12, BLUE, "training rows"), (160, AMBER, "held-out rows")):
        parts += [
            f'<rect x="{at}" y="164" width="14" height="14" rx="3" fill="{colour}"/>',
            _text(at + 20, 176, name),
        ]
    note = {
        "temporal": "time →",
        "train–test": "one letter, one card",
        "group": "one letter, one seller",
    }.get(kind, "")
    parts.append(_text(628, 176, note, "end"))
    label = "no information crosses" if repaired else "red arrows show information that crosses"
    return (
        f'<svg viewBox="0 0 644 184" role="img" aria-label="Ten rows, some held out: {label}." '
        'style="width:100%;height:auto;font:15px PT Sans,sans-serif;fill:currentColor">'
        + "".join(parts)
        + "</svg>"
    )


def _x(row: int) -> int:
    return 34 + 64 * row


def _tip(number: int, colour: str) -> str:
    return (
        f'<marker id="leak-tip-{number}" viewBox="0 0 8 8" refX="7" refY="4" '
        'markerWidth="6" markerHeight="6" orient="auto">'
        f'<path d="M0 0 8 4 0 8z" fill="{colour}"/></marker>'
    )


def _arrow(path: str, crossing: bool) -> str:
    colour = RED if crossing else GREY
    tip = f"url(#leak-tip-{int(crossing)})"
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2.4" marker-end="{tip}"/>'


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{words}</text>'
