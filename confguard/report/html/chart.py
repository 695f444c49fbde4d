"""A chart as SVG that stands alone: lines told apart by colour, by dashes and by width, labelled where they end."""

from __future__ import annotations

import math
from collections.abc import Iterator

from confguard.report.blocks import Chart, Series
from confguard.report.html.axis import LARGEST, Axis, axis
from confguard.report.html.text import plain
from confguard.report.labels import label
from confguard.report.safe import columns
from confguard.words.spelling import number

WIDTH, PLOT = 560, 232
ABOVE, BELOW = 10, 50
LETTER = 9.5
"""The width of a letter in a narrow window, where page.css makes letters larger; margins leave room for these."""
LEGEND_ROW, END_ROW = 24, 19
LONGEST_END = 12
"""Columns of the name at the end of a line."""
MOST_MARKED = 12
"""Points of a series that get a mark each; more would be a caterpillar."""

# The first line is a broad band; those after it are thin, dashed, and cut a channel into it: equal lines stay visible on one another.
BAND, THIN, CHANNEL = 8, 2.2, 4
DASHES = ("7 4", "2 4", "12 4 2 4", "16 6")
COLOURS = 5
"""Colours of page.css beside the band's. With four kinds of dashes it takes twenty lines until two look the same."""


def svg(chart: Chart, lang: str = "en", name: str = "chart") -> str:
    """The chart as an SVG element; `name` begins the ids inside it, so it has to differ from chart to chart of a page."""
    series = [Series(each.label, [point for point in each.points if _drawable(point)]) for each in chart.series]
    top = 2 * ABOVE + LEGEND_ROW * len(series)
    up = axis([y for each in series for _, y in each.points], top + PLOT, top, 5, rounded=True)
    left = 18 + LETTER * max(columns(text) for text in up.spelled())
    right = 24 + LETTER * max([columns(_cut(each.label, LONGEST_END)) for each in series], default=0)
    across = axis([x for each in series for x, _ in each.points], left, WIDTH - right, 6)
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {top + PLOT + BELOW}" role="img" aria-labelledby="{name}-title {name}-desc">',
        f'<title id="{name}-title">{plain(chart.title)}</title>',
        f'<desc id="{name}-desc">{plain(described(Chart(chart.title, chart.x_label, series), lang))}</desc>',
        *_axes(across, up, chart.x_label),
        *[part for index, each in enumerate(series) for part in _legend(index, each.label, left)],
        *_lines(series, across, up),
        *[mark for index, each in enumerate(series) for mark in _marks(index, each, across, up)],
        *_ends(series, across, up),
        "</svg>",
    ]
    return "".join(parts)


def described(chart: Chart, lang: str) -> str:
    """The chart in a sentence, for those who cannot see it."""
    curves = [
        label("curve", lang).format(name=each.label, first=number(each.points[0][1]), last=number(each.points[-1][1]))
        for each in chart.series
        if each.points
    ]
    return label("over", lang).format(label=chart.x_label, curves=label("comma", lang).join(curves) or label("no rows", lang))


def _drawable(point: tuple[float, float]) -> bool:
    return all(math.isfinite(value) and abs(value) < LARGEST for value in point)


def _axes(across: Axis, up: Axis, x_label: str) -> Iterator[str]:
    """Lines along the values, ticks along the steps, and their numbers."""
    for tick, text in zip(up.ticks, up.spelled(), strict=True):
        y = up.at(tick)
        yield f'<path class="grid" d="M{across.start} {y}H{across.end}"/>'
        yield f'<text class="tick" x="{across.start - 10}" y="{y}" dy=".35em" text-anchor="end">{text}</text>'
    for tick, text in zip(across.ticks, across.spelled(), strict=True):
        x = across.at(tick)
        yield f'<path class="axis" d="M{x} {up.start}v4"/>'
        yield f'<text class="tick" x="{x}" y="{up.start + 8}" dy=".9em" text-anchor="middle">{text}</text>'
    yield f'<path class="axis" d="M{across.start} {up.start}H{across.end}"/>'
    middle = (across.start + across.end) / 2
    yield f'<text class="name" x="{middle}" y="{up.start + 44}" text-anchor="middle">{plain(_cut(x_label, 48))}</text>'


def _legend(index: int, text: str, left: float) -> Iterator[str]:
    y = ABOVE + LEGEND_ROW * index
    yield _stroke(index, f"M{left} {y}h36")
    yield f'<text class="legend" x="{left + 46}" y="{y}" dy=".35em">{plain(_cut(text, 48))}</text>'


def _lines(series: list[Series], across: Axis, up: Axis) -> Iterator[str]:
    """The lines; all channels lie below all thin lines, so that none hides another."""
    places = [[f"{across.at(x)} {up.at(y)}" for x, y in each.points] for each in series]
    paths = [(index, "M" + "L".join(each)) for index, each in enumerate(places) if len(each) > 1]
    yield from (_stroke(index, path) for index, path in paths if index == 0)
    yield from (f'<path class="channel" d="{path}" stroke-width="{CHANNEL}"/>' for index, path in paths if index)
    yield from (_stroke(index, path) for index, path in paths if index)


def _marks(index: int, series: Series, across: Axis, up: Axis) -> Iterator[str]:
    """Marks that tell their values when they are pointed at."""
    if len(series.points) > MOST_MARKED:
        return
    for x, y in series.points:
        told = f"{plain(series.label)}: {number(y)} @ {number(x)}"
        place = f'cx="{across.at(x)}" cy="{up.at(y)}" r="{3 if index else 4.5}"'
        yield f'<circle class="mark {_colour(index)}" {place}><title>{told}</title></circle>'


def _ends(series: list[Series], across: Axis, up: Axis) -> Iterator[str]:
    """The name of each line at its end, moved apart where two end together."""
    ends = [(up.at(each.points[-1][1]), index) for index, each in enumerate(series) if each.points]
    for y, index in _apart(sorted(ends), up.start):
        x = across.at(series[index].points[-1][0])
        text = plain(_cut(series[index].label, LONGEST_END))
        yield f'<text class="end {_colour(index)}" x="{x + 10}" y="{y}" dy=".35em">{text}</text>'


def _apart(ends: list[tuple[float, int]], lowest: float) -> list[tuple[float, int]]:
    """Heights at least a line of text apart, none below the axis, in the order given."""
    moved: list[tuple[float, int]] = []
    for y, index in ends:
        moved.append((max(y, moved[-1][0] + END_ROW) if moved else y, index))
    over = moved[-1][0] - lowest if moved else 0
    return [(round(y - max(over, 0), 1), index) for y, index in moved]


def _stroke(index: int, path: str) -> str:
    look = f'stroke-width="{THIN}" stroke-dasharray="{DASHES[(index - 1) % len(DASHES)]}"' if index else f'stroke-width="{BAND}"'
    return f'<path class="line {_colour(index)}" d="{path}" {look}/>'


def _colour(index: int) -> str:
    return f"series-{(index - 1) % COLOURS + 1 if index else 0}"


def _cut(text: str, room: int) -> str:
    """A text that takes at most so many columns."""
    if columns(text) <= room:
        return text
    kept = text[:room]
    while columns(kept) >= room:
        kept = kept[:-1]
    return kept + "…"
