"""One look for every chart: importing this module enables it, and `from grader import check` does so too.

No colours of axes and legends are named: in the dark marimo hands Vega its own dark theme, and what a chart's
configuration names wins over it. Text marks are black in that theme too, so theirs is named. No rounded bars either:
`cornerRadiusEnd` makes binned bars vanish without a message.
"""

from collections.abc import Sequence
from textwrap import wrap

import altair as alt
import marimo as mo

BLUE, AMBER, GREEN, RED, VIOLET, GREY = "#3f7fb1", "#c98a2b", "#3f9470", "#c9584c", "#8a6db5", "#8f959c"
FONT = '"PT Sans", system-ui, sans-serif'

alt.renderers.set_embed_options(actions=False)  # no menu for saving over the title

_TEXT = {"labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal"}
_AXIS = {
    "grid": False,
    "ticks": False,
    "domainColor": GREY,
    "tickCount": 5,
    "labelLimit": 240,
    "labelPadding": 6,
}
_GRID = {"grid": True, "gridColor": GREY, "gridOpacity": 0.22, "domain": False}


@alt.theme.register("dojo", enable=True)
def dojo() -> alt.theme.ThemeConfig:
    """The theme: page font, 13 px, at most about six ticks, mid-tone colours that stand on white and on black."""
    return {
        "config": {
            "background": "transparent",
            "font": FONT,
            "padding": 4,
            "view": {"stroke": None, "continuousHeight": 240},
            "title": {
                "anchor": "start",
                "fontSize": 15,
                "fontWeight": 600,
                "offset": 14,
                "subtitleFontSize": 13,
                "subtitleColor": GREY,
            },
            "axis": {**_TEXT, **_AXIS, "titlePadding": 10},
            "axisQuantitative": _GRID,
            "legend": {**_TEXT, "orient": "top", "symbolType": "circle"},
            "header": {"labelFontSize": 13, "titleFontSize": 13},
            "range": {"category": [BLUE, AMBER, GREEN, RED, VIOLET, GREY]},
            "bar": {"color": BLUE},
            "line": {"strokeWidth": 2.4, "color": BLUE},
            "point": {"filled": True, "size": 55, "color": BLUE},
            "rule": {"color": GREY},
            "text": {"font": FONT, "fontSize": 13, "color": GREY},
        }
    }


def framed(chart: alt.TopLevelMixin, title: str, alt_text: str, height: int) -> alt.TopLevelMixin:
    """Make a chart as wide as the column, `height` pixels high, its title in lines that fit on a phone."""
    named = {"title": wrap(title, 42)} if title else {}
    return chart.properties(width="container", height=height, description=alt_text, **named)


def panels(charts: Sequence[alt.TopLevelMixin], columns: int, least: int = 150) -> mo.Html:
    """Charts side by side: `columns` of them, fewer where one would be narrower than `least` pixels.

    A facet or a concatenation of Altair has panels of a fixed width, and runs out of a phone.
    """
    width = f"minmax(max({least}px, calc({100 / columns:.2f}% - 1rem)), 1fr)"
    cells = "".join(f'<div style="min-width:0">{mo.as_html(chart).text}</div>' for chart in charts)
    style = f"display:grid;grid-template-columns:repeat(auto-fit,{width});gap:.8rem 1rem"
    return mo.Html(f'<div class="d-panels" style="{style}">{cells}</div>')
