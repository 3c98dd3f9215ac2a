"""The report of the monitor as one page of HTML, with pictures in SVG; it loads nothing from elsewhere."""

import math
from html import escape
from pathlib import Path
from string import Template

from cardshop.monitoring.budget import WINDOWS, Objective, Use, Uses
from cardshop.monitoring.drift import LARGE, Drift
from cardshop.monitoring.watch import REFERENCE, Report

PAGE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
WIDTH, HEIGHT = 240, 56  # of a picture
FULL = 2 * LARGE  # the PSI at which a bar is full


def render(report: Report, now: float, budgets: Uses | str = "") -> str:
    """Return the page. `now`, in seconds since 1970, is what ages are counted from.

    `budgets` is what was used of the error budgets, or the sentence why that is not known.
    """
    return PAGE.substitute(
        finding=escape(_finding(report)),
        tone="bad" if any(one.is_large for one in report.drift) else "good",
        quality=escape(_quality(report)),
        labels=escape(_labels(report)),
        prediction=escape(_age(now - report.last_prediction)),
        label=escape(_age(now - report.last_label)),
        rows="\n".join(_row(one) for one in report.drift),
        budget=_budgets(budgets),
        compared=escape(_compared(report)),
    )


def _finding(report: Report) -> str:
    if not report.drift:
        return "Too few cards to compare yet"
    moved = [_name(one.feature) for one in report.drift if one.is_large]
    return f"Drift in {', '.join(moved)}" if moved else "No drift"


def _compared(report: Report) -> str:
    if report.reference < REFERENCE:
        return f"The first {REFERENCE:,} cards become the reference; {report.reference:,} of them have come."
    return (
        f"The latest {report.window:,} cards are compared with the first {report.reference:,}. "
        f"A feature has drifted when its PSI is above {LARGE:g}."
    )


def _quality(report: Report) -> str:
    return "–" if math.isnan(report.quality.accuracy) else f"{report.quality.accuracy:.1%}"


def _labels(report: Report) -> str:
    found = report.quality
    if not found.labels:
        return "no labels yet"
    return f"of {found.labels} labelled; 95 % interval {found.low:.1%} to {found.high:.1%}"


def _age(seconds: float) -> str:
    if math.isnan(seconds):
        return "never"
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{max(seconds, 0):.0f} s ago"


def _budgets(uses: Uses | str) -> str:
    if isinstance(uses, str):
        return f"<p>{escape(uses)}</p>"
    heads = "".join(f'<th scope="col">{window.capitalize()}</th>' for window in WINDOWS.values())
    rows = "\n".join(
        f'<tr><th scope="row">{escape(one.title)}</th>{"".join(_use(one, use) for use in windows.values())}</tr>'
        for one, windows in uses.items()
    )
    return (
        "<p>100% used means that as many calls of that time have missed the objective as may miss it. The objective "
        "holds for 30 days, so a single hour above 100% does not break it yet. Prometheus estimates the numbers.</p>"
        f'<table class="budget"><thead><tr><th scope="col">Objective</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _use(objective: Objective, use: Use) -> str:
    if use.calls < 0.5:
        return '<td class="number">no calls</td>'
    share = use.of(objective)
    tone = ' class="bad"' if share > 1 else ""
    return (
        f'<td class="number"><b{tone}>{share:.0%} used</b><br>'
        f"<small>about {use.bad:,.0f} of {use.calls:,.0f} calls</small></td>"
    )


def _row(drift: Drift) -> str:
    tone = "bad" if drift.is_large else "good"
    share = min(drift.psi / FULL, 1)
    return (
        f'<tr class="{tone}"><th scope="row">{escape(_name(drift.feature))}</th>'
        f'<td class="number">{drift.psi:.3f}</td>'
        f'<td><div class="track"><i style="width:{share:.0%}"></i><s></s></div></td>'
        f'<td class="number">{_p(drift.p)}</td>'
        f'<td class="number">{drift.before[-1]:.0%} → {drift.now[-1]:.0%}</td>'
        f"<td>{_picture(drift)}</td></tr>"
    )


def _picture(drift: Drift) -> str:
    """Pairs of bars, one pair for each bin: the reference beside the latest cards."""
    shown = [
        (name, before, now)
        for name, before, now in zip(drift.bins, drift.before, drift.now, strict=True)
        if before or now or name != "other"
    ]
    step, top = WIDTH / len(shown), max(max(before, now) for _, before, now in shown)
    bars = []
    for place, (name, before, now) in enumerate(shown):
        title = f"{name}: {before:.1%} before, {now:.1%} now"
        pair = "".join(
            f'<rect class="{kind}" x="{step * (place + shift):.1f}" y="{HEIGHT * (1 - value / top):.1f}" '
            f'width="{0.4 * step:.1f}" height="{HEIGHT * value / top:.1f}"/>'
            for kind, value, shift in (("before", before, 0.08), ("now", now, 0.5))
        )
        bars.append(f"<g><title>{escape(title)}</title>{pair}</g>")
    label = f"Shares of {_name(drift.feature)} in {len(shown)} bins, before and now"
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">{"".join(bars)}'
        f'<line x1="0" x2="{WIDTH}" y1="{HEIGHT}" y2="{HEIGHT}"/></svg>'
    )


def _name(feature: str) -> str:
    return feature.replace("_", " ")


def _p(p: float) -> str:
    if math.isnan(p):
        return "–"
    return f"{p:.2f}" if p >= 0.005 else "&lt; 0.005"
