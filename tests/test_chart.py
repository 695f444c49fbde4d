"""A chart as SVG: axes with round numbers, lines that stay apart even where they are equal, and nothing outside its box."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confguard.report.blocks import Chart, Series
from confguard.report.html.axis import axis, round_step
from confguard.report.html.chart import svg

Element = ElementTree.Element


def said(element: Element) -> str:
    return "".join(element.itertext())


def all_of(root: Element, kind: str) -> list[Element]:
    return [element for element in root.iter() if kind in str(element.get("class")).split()]


def texts(chart: Chart, kind: str) -> list[str]:
    return [said(element) for element in all_of(ElementTree.fromstring(svg(chart)), kind)]


def test_a_chart_stands_alone_and_says_what_it_shows() -> None:
    chart = Chart("rate <&>", "step", [Series("old", [(0, 0), (500, 2e-5)]), Series("new", [(0, 5e-5), (500, 0)])])
    root = ElementTree.fromstring(svg(chart, name="c1"))
    assert (root.findtext("title"), root.get("aria-labelledby")) == ("rate <&>", "c1-title c1-desc")
    assert root.findtext("desc") == "over step: old from 0 to 2e-5, new from 5e-5 to 0"
    assert texts(chart, "tick") == ["0", "1e-5", "2e-5", "3e-5", "4e-5", "5e-5", "0", "100", "200", "300", "400", "500"]
    assert texts(chart, "legend") == texts(chart, "end") == ["old", "new"] or texts(chart, "end") == ["new", "old"]
    assert texts(chart, "name") == ["step"]
    assert "old: 2e-5 @ 500" in [said(mark) for mark in root.iter("title")]


def test_no_two_lines_look_the_same() -> None:
    root = ElementTree.fromstring(svg(Chart("c", "x", [Series(str(index), [(0, 0), (1, index)]) for index in range(20)])))
    looks = [(line.get("class"), line.get("stroke-dasharray")) for line in all_of(root, "line")]
    assert len(looks) == 40  # each once in the legend
    assert len(set(looks)) == 20
    dashes = [look for _, look in looks[:2]]
    assert dashes[0] != dashes[1]


def test_equal_lines_are_both_seen() -> None:
    points = [(0.0, 0.5), (500.0, 0.15)]
    root = ElementTree.fromstring(svg(Chart("c", "x", [Series("a", points), Series("b", points)])))
    below, above = all_of(root, "line")[-2:]
    assert below.get("d") == above.get("d")
    assert float(str(below.get("stroke-width"))) > 2 * float(str(above.get("stroke-width")))
    assert above.get("stroke-dasharray")
    heights = [float(str(end.get("y"))) for end in all_of(root, "end")]
    assert abs(heights[0] - heights[1]) >= 15


STRANGE = [
    [],
    [[]],
    [[(100, 2e-5)]],
    [[(0, 0)]],
    [[(0, 0.2), (500, 0.2)], [(0, 0.2), (500, 0.2)]],
    [[(0, -3), (100, -3), (100, 4)]],
    [[(0, 1e6), (10, 1e6 + 0.01)]],
    [[(0, float("nan")), (float("inf"), 1), (1, float("-inf")), (2, 1e308), (3, -1e308)]],
    [[(0, 5e-324), (1, 0)]],
    [[(-5, 1), (5, -1)]],
    [[(0, 1e299), (1, -1e299)]],
]


@pytest.mark.parametrize("series", STRANGE)
def test_strange_charts_are_drawn_inside_their_box(series: list[list[tuple[float, float]]]) -> None:
    assert_inside(series)


@settings(deadline=None)  # a machine may be busy
@given(st.lists(st.lists(st.tuples(st.floats(), st.floats()), max_size=4), max_size=4))
def test_any_chart_is_drawn_inside_its_box(series: list[list[tuple[float, float]]]) -> None:
    assert_inside(series)


def assert_inside(series: list[list[tuple[float, float]]]) -> None:
    root = ElementTree.fromstring(svg(Chart("c", "step", [Series("a" * 30, points) for points in series])))
    width, height = map(float, str(root.get("viewBox")).split()[2:])
    for element in root.iter():
        for key, most in (("x", width), ("cx", width), ("y", height), ("cy", height)):
            assert 0 <= float(element.get(key) or 0) <= most
        for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", element.get("d") or ""):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= height


@settings(deadline=None)  # a machine may be busy
@given(st.lists(st.floats(-1e299, 1e299), min_size=1), st.booleans())
def test_ticks_are_few_and_round_and_told_apart(values: list[float], rounded: bool) -> None:
    found = axis(values, 0, 100, 6, rounded)
    assert found.low < found.high
    assert len(found.ticks) <= 9
    for before, after in pairwise(found.ticks):
        assert before < after
    assert len(set(found.spelled())) == len(found.ticks)
    if not rounded:
        assert all(-0.1 <= found.at(tick) <= 100.1 for tick in found.ticks)


@settings(deadline=None)  # a machine may be busy
@given(st.floats(1e-300, 1e300))
def test_steps_are_1_2_or_5(least: float) -> None:
    step = round_step(least)
    assert least * 0.99 <= step <= least * 2.6
    assert f"{step:.0e}"[0] in "125"
