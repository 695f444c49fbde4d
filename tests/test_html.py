"""A report as one HTML page: valid, loading nothing, saying what the blocks say, and legible in both colour schemes."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import HOSTILE, example, hostile

from confguard.report import html
from confguard.report.blocks import Block, Bullets, Chart, Code, Heading, Paragraph, Series, Table, TableRow
from confguard.report.html import page
from confguard.report.html.chart import svg
from confguard.report.labels import STATUS_SIGNS
from confguard.report.safe import visible

PAGES = {"en": page(example("en")), "zh": page(example("zh"), "zh"), "hostile": page(hostile(), title=HOSTILE[1]), "empty": page([])}
CSS = (Path(html.__file__).parent / "page.css").read_text(encoding="utf-8")
Element = ElementTree.Element


def parsed(text: str) -> Element:
    """The page as a strict parser reads it, which raises at the first thing that is not HTML 5."""
    root = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    assert isinstance(root, Element)
    return root


def said(element: Element) -> str:
    return "".join(element.itertext())


def main(*blocks: Block, lang: str = "en") -> Element:
    found = parsed(page(blocks, lang)).find(".//main")
    assert found is not None
    return found


# The page as a whole


@pytest.mark.parametrize("name", PAGES)
def test_it_is_valid(name: str) -> None:
    root = parsed(PAGES[name])
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in root.iter():
        assert set(str(element.get("aria-labelledby") or "").split()) <= set(ids)


@pytest.mark.parametrize("name", PAGES)
def test_it_holds_one_style_and_one_script_and_loads_nothing(name: str) -> None:
    root = parsed(PAGES[name])
    assert len(list(root.iter("style"))) == len(list(root.iter("script"))) == 1
    loading = {"img", "link", "iframe", "object", "embed", "video", "audio", "source", "base", "a", "image", "use"}
    for element in root.iter():
        assert str(element.tag).rpartition("}")[2] not in loading
        assert not {"src", "href", "style", "srcset", "action", "background"}.intersection(element.keys())
        assert not any(key.startswith("on") for key in element.keys())  # noqa: SIM118
    assert "url(" not in CSS
    assert "@import" not in CSS


@pytest.mark.parametrize("name", PAGES)
def test_its_policy_names_the_hashes_of_what_it_holds(name: str) -> None:
    root = parsed(PAGES[name])
    (policy,) = [meta.get("content") for meta in root.iter("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in str(policy).split(";"))
    assert rules["default-src"] == "'none'"
    assert set(rules) == {"default-src", "style-src", "script-src", "base-uri", "form-action"}
    for tag in ("style", "script"):
        (element,) = root.iter(tag)
        assert rules[f"{tag}-src"] == f"'sha256-{b64encode(hashlib.sha256(said(element).encode()).digest()).decode()}'"


def test_its_language_and_title() -> None:
    root = parsed(page([], "zh", "a <b> & \x1b"))
    assert root.get("lang") == "zh-CN"
    assert root.findtext(".//title") == "a <b> & \\x1b"
    assert parsed(PAGES["en"]).get("lang") == "en"


def test_hostile_texts_are_texts() -> None:
    words = said(main(*hostile()))
    for text in HOSTILE:
        assert visible(text) in words
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", PAGES["hostile"])


class _Tags(HTMLParser):
    """The tags of a page as Python's parser reads it, and the names of attributes."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def places(text: str) -> list[Block]:
    line = [("", text), ("code", text), ("strong", text), ("dim", text), ("drift", text), (f"no style {text}", text)]
    table = Table([text, text], [TableRow([line, line], status, (line,)) for status in ("drift", "same")], (1,))
    chart = Chart(text, text, [Series(text, [(0, 1), (1, 2)])])
    return [Heading(1, text), Paragraph(line), Bullets([("good", 0, line)]), table, chart, Code(text, text)]


@settings(deadline=None)  # a machine may be busy
@given(st.text(min_size=1))
def test_no_text_makes_a_tag(text: str) -> None:
    unbroken = re.sub(r"[\r\n/._,=:]", "-", text)  # a place to break a line is a tag; code has lines of its own
    found, expected = (_Tags(page(places(each), title=each)) for each in (unbroken, "plain"))
    assert (found.tags, found.attributes) == (expected.tags, expected.attributes)


# Blocks


@pytest.mark.parametrize(
    ("block", "elements"),
    [
        (Heading(2, "a & b"), '<h2 id="part-0">a &amp; b</h2>'),
        (Paragraph([("", "a "), ("code", "b.c"), ("dim", ""), ("strong", "d")]), "<p>a <code>b.<wbr>c</code><strong>d</strong></p>"),
        (
            Paragraph([("gone", "1 gone")]),
            '<p><span class="status gone"><span class="sign" aria-hidden="true">−</span><span class="whole">1 gone</span></span></p>',
        ),
        (Bullets([("", 0, [("", "a")]), ("", 1, [("", "b")]), ("", 0, [])]), "<ul><li>a<ul><li>b</li></ul></li><li></li></ul>"),
        (Bullets([("", 1, []), ("", 3, []), ("", 3, [])]), "<ul><li><ul><li></li><li></li></ul></li></ul>"),
        (
            Bullets([("good", 0, [("", "a")])]),
            '<ul><li class="good"><span class="state" aria-hidden="true">✓</span><span class="unseen">good: </span>a</li></ul>',
        ),
        (Bullets([]), ""),
        (Code("sh", "a <\n\tb\n"), '<pre data-language="sh"><code>a &lt;\n\tb</code></pre>'),
    ],
)
def test_a_block_as_elements(block: Block, elements: str) -> None:
    assert page([block]).partition("<main>\n")[2].partition("\n</main>")[0] == elements


def test_a_table_says_everything_without_javascript() -> None:
    rows = [
        TableRow([[("code", "lora_rank")], [("", "64")]], "waived", ([("", "by ann")], [("strong", "why")])),
        TableRow([[("code", "seed")], [("", "1")]], "same"),
    ]
    root = main(Heading(2, "a.yaml"), Table(["键", "value"], rows, (1,)))
    table = next(root.iter("table"))
    assert table.get("aria-labelledby") == "part-0"
    assert [said(cell) for cell in table.iter("th") if cell.get("scope") == "col"] == ["status", "键", "value", "details"]
    assert [said(row) for row in table.iter("tr")][1:] == ["○waivedlora_rank64details: lora_rankby annwhy", "=sameseed1"]
    assert [cell.get("class") for cell in table.iter("td")] == [None, "number", "more"] * 2
    hidden = [element for element in root.iter() if element.get("hidden") is not None]
    assert [element.get("id") or element.get("class") for element in hidden] == ["filter", "none"]


def test_a_cell_that_tells_the_status_spares_the_column() -> None:
    root = main(Table(["key", "status"], [TableRow([[("", "a")], [("drift", "drift (identity)")]], "drift")]))
    assert [said(cell) for cell in root.iter("th")] == ["key", "status", "a"]


@pytest.mark.parametrize(
    ("statuses", "chips"),
    [
        (["drift", "same", "same"], [("all", "false"), ("≠drift 1", "true"), ("=same 2", "false")]),
        (["same"], [("all", "false"), ("=same 1", "true")]),
        (["gone", "new", "waived"], [("all", "false"), ("+new 1", "true"), ("−gone 1", "true"), ("○waived 1", "true")]),
        ([""], []),
    ],
)
def test_chips_count_the_rows(statuses: list[str], chips: list[tuple[str, str]]) -> None:
    root = main(*[Table(["key"], [TableRow([[("", "a")]], status)]) for status in statuses])
    assert [(said(chip), chip.get("aria-pressed")) for chip in root.iter("button")] == chips


def test_labels_are_in_the_language() -> None:
    words = said(main(*example("zh"), lang="zh"))
    for word in ("一致", "差异", "已豁免", "新增", "缺失", "全部", "详情", "状态"):
        assert word in words
    assert not set(re.findall(r"[a-z]+", words)).intersection([*STATUS_SIGNS, "all", "details", "status", "search", "filter", "rows"])
    for word in ("搜索", "筛选"):
        assert f'aria-label="{word}"' in PAGES["zh"]


# Colours


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


COLOURS = {name: pair for name, *pair in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", CSS)}
SURFACES = ("paper", "card", "hover")
LEGIBLE = [
    *[(ink, surface) for ink in ("ink", "dim", "accent") for surface in (*SURFACES, "same-card")],
    *[(status, f"{status}-card") for status in (*STATUS_SIGNS, "good")],
    *[(status, surface) for status in STATUS_SIGNS for surface in SURFACES],
    *[(f"series-{index}", "card") for index in range(6)],
]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_texts_reach_wcag_aa(scheme: int) -> None:
    found = {(ink, surface): contrast(COLOURS[ink][scheme], COLOURS[surface][scheme]) for ink, surface in LEGIBLE}
    assert not {pair: ratio for pair, ratio in found.items() if ratio < 4.5}
    for drawn, surface in (("band", "card"), ("edge", "paper"), ("edge", "card")):
        assert contrast(COLOURS[drawn][scheme], COLOURS[surface][scheme]) >= 3, drawn


def test_every_colour_is_a_pair() -> None:
    outside = re.sub(r"--[\w-]+: light-dark\(.*?\);", "", CSS)
    assert not re.search(r"#[0-9a-f]{3,8}\b(?![\w-]*[ :{,)])", outside)


# What is told once


@pytest.mark.parametrize("draw", [page, svg])
def test_drawing_twice_gives_the_same(draw: Callable[..., str]) -> None:
    argument = example() if draw is page else Chart("c", "x", [Series("a", [(0, 1), (1, 2)])])
    assert draw(argument) == draw(argument)


def test_a_page_of_thousands_of_rows_is_quick() -> None:
    rows = [row for block in example() if isinstance(block, Table) for row in block.rows] * 100
    assert page([Table(["key", "reference", "current"], rows)]).count("<tr") == len(rows) + 1
