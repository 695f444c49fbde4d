"""A report as Markdown: what each block becomes, and that no text of someone else becomes anything but text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pages import HOSTILE, example, hostile

from confguard.report.blocks import Block, Bullets, Chart, Code, Heading, Paragraph, Series, Table, TableRow
from confguard.report.markdown import MOST_POINTS, markdown
from confguard.report.paint import Line
from confguard.report.safe import columns, visible

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])

ROWS = [
    TableRow([[("code", "lora_rank")], [("", "64")], [("strong", "32")]], "waived", ([("", "by ann: the cards are small")],)),
    TableRow([[("code", "学习率")], [("", "2e-5")], [("strong", "5e-5")]], "drift"),
]
TEMPERATURE = Chart("Temperature", "step", [Series("old", [(0, 0.5), (500, 0.15)]), Series("new", [(0, 0.2), (100, 0.2), (100, 1)])])


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (Heading(2, "At a glance"), "## At a glance"),
        (Heading(9, "C# and #1 #"), "###### C# and `#1` \\#"),
        (Paragraph([("", "a "), ("code", "b"), ("strong", " c"), ("dim", " d")]), "a `b`<strong> c</strong> d"),
        (Paragraph([("strong", "c"), ("", " and "), ("strong", "(d)")]), "**c** and <strong>(d)</strong>"),
        (Paragraph([("drift", "3 drift"), ("", ", "), ("new", "1 new")]), "❌ 3 drift, ➕ 1 new"),
        (Paragraph([("", "- [x] 1 * 2")]), "\\- \\[x] 1 \\* 2"),
        (Paragraph([("", "1. one")]), "1\\. one"),
        (Paragraph([("", "2026) x")]), "2026\\) x"),
        (Paragraph([("", "> a -> b")]), "\\> a -> b"),
        (Paragraph([("", "a <b> &lt; R&D")]), "a &lt;b> &amp;lt; R&D"),
        (Paragraph([("", "lora_rank _a_ __b__")]), "lora_rank \\_a\\_ \\_\\_b\\_\\_"),
        (Paragraph([("", "a\nb\x1b\\")]), "a\\\\nb\\\\x1b\\\\"),
        (Paragraph([("", "    four\tblanks ")]), "four blanks"),
        (Paragraph([("", "see (https://a.b/c_d?e=f).")]), "see (`https://a.b/c_d?e=f`)."),
        (Paragraph([("", "by @ann, #12 and o/r#3: :tada: $x$")]), "by `@ann`, `#12` and `o/r#3`: `:tada:` `$x$`"),
        (Paragraph([("", "@a"), ("code", "b")]), "`@ab`"),
        (Paragraph([("", "@"), ("dim", "a"), ("", "#"), ("", "1")]), "`@a#1`"),
        (Paragraph([("code", "a`b"), ("", " "), ("code", "`"), ("", " "), ("code", " a ")]), "``a`b`` `` ` `` `  a  `"),
        (Bullets([("good", 0, [("", "a")]), ("", 2, [("", "b")]), ("", 2, [("", "- c")])]), "- ✅ a\n  - b\n  - \\- c"),
        (Bullets([("warning", 0, []), ("error", 0, [("", "b")]), ("unknown", 1, [])]), "- ⚠️ \n- ❌ b\n  - ❔ "),
        (Code("yaml", "a: 1\n\tb\n"), "```yaml\na: 1\n\tb\n```"),
        (Code("a`\nb", "```\n\x1b"), "````ab\n```\n\\x1b\n````"),
        (
            Table(["key", "old", "new"], ROWS, (1,)),
            """\
| status    | key         |  old | new      |
| --------- | ----------- | ---: | -------- |
| ⚠️ waived | `lora_rank` |   64 | **32**   |
| ❌ drift  | `学习率`    | 2e-5 | **5e-5** |

<details><summary>details (1)</summary>

- `lora_rank`
  - by ann: the cards are small

</details>""",
        ),
        (
            Table(["a|b", "said"], [TableRow([[("code", "a|b\\|`")], [("drift", "drift (identity)")]], "drift")]),
            "| a\\|b           | said                |\n| -------------- | ------------------- |\n| `` a\\|b\\\\|` `` | ❌ drift (identity) |",
        ),
        (Table(["a", "b"], [TableRow([[("", "x" * 50)]])]), f"| a   | b   |\n| --- | --- |\n| {'x' * 50} |     |"),
        (
            TEMPERATURE,
            """\
**Temperature**

| step |  old |     new |
| ---: | ---: | ------: |
|    0 |  0.5 |     0.2 |
|  100 |      | 0.2 → 1 |
|  500 | 0.15 |         |""",
        ),
    ],
)
def test_a_block_as_markdown(block: Block, text: str) -> None:
    assert markdown([block]) == text + "\n"


def test_in_chinese() -> None:
    text = markdown([Table(["键", "旧", "新"], ROWS)], "zh")
    assert "| 状态      | 键          |" in text
    assert "| ⚠️ 已豁免 | `lora_rank` |" in text
    assert "<summary>详情 (1)</summary>" in text


def test_of_a_long_curve_some_points_are_told() -> None:
    text = markdown([Chart("c", "step", [Series("a", [(float(x), x / 2) for x in range(1001)])])])
    assert len(re.findall(r"^\| +\d", text, re.MULTILINE)) == MOST_POINTS
    assert "| 1000 |   500 |" in text
    assert text.endswith(f"{MOST_POINTS} of 1001 points\n")


def test_blocks_are_apart() -> None:
    assert markdown([Heading(1, "a"), Paragraph([]), Table([], []), Paragraph([("", "b")])]) == "# a\n\nb\n"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_source_of_tables_is_aligned(lang: str) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", markdown(example(lang)), re.MULTILINE):
        widths = [columns(line) for line in table.splitlines()]
        assert widths.count(min(widths)) >= len(widths) - 1, table  # one row of the example has a long path


# As a Markdown parser reads it


def shown(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    """The pieces of text in a parsed line: those that are code, and those that GitHub looks for links in."""
    for token in tokens:
        for child in token.children or []:
            assert child.type in ("text", "code_inline", "html_inline", "strong_open", "strong_close"), child
            assert child.type != "html_inline" or child.content in ("<strong>", "</strong>")
            yield "code" if child.type == "code_inline" else "", "" if child.type == "html_inline" else child.content


def blanks(text: str) -> str:
    return " ".join(text.split())


def assert_says(tokens: list[Token], line: Line) -> None:
    """The text has survived, and nothing in it is alive."""
    pieces = list(shown(tokens))
    assert blanks("".join(text for _, text in pieces)) == blanks("".join(visible(text) for _, text in line))
    plain = "\n".join(text for style, text in pieces if not style)
    assert not re.search(r"://|@\w|#\d|\$|www\.", plain, re.ASCII)


TEXTS = st.one_of(st.text(), st.text(alphabet="|`\\*_~[]()<>&;#@!-+=.:1$ a\n\t\u3000中", max_size=12), st.sampled_from(HOSTILE))
LINES = st.lists(st.tuples(st.sampled_from(["", "code", "strong", "dim"]), TEXTS), max_size=4)


@settings(deadline=None)  # a machine may be busy
@given(LINES)
def test_a_paragraph_stays_one(line: Line) -> None:
    text = markdown([Paragraph(line)])
    tokens = GITHUB.parse(text)
    if text.strip():
        assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert_says(tokens, line)


@settings(deadline=None)  # a machine may be busy
@given(st.lists(LINES, min_size=1, max_size=3), st.lists(LINES, max_size=2))
def test_a_table_keeps_its_rows_and_columns(cells: list[Line], details: list[Line]) -> None:
    heads = ["".join(text for _, text in cell) for cell in cells]
    block = Table(heads, [TableRow(cells, "", tuple(details)), TableRow(cells)])
    tokens = GITHUB.parse(markdown([block, Paragraph([("", "after")])]))
    found = [tokens[index + 1] for index, token in enumerate(tokens) if token.type in ("th_open", "td_open")]
    assert len(found) == 3 * len(cells)
    for token, cell in zip(found, cells * 3, strict=True):
        assert_says([token], cell)
    assert [token.type for token in tokens].count("tr_open") == 3
    items = [tokens[index + 1] for index, token in enumerate(tokens) if token.type == "paragraph_open"]
    told = [cells[0], *details] if details else []
    assert len(items) == len(told) + 1
    for token, line in zip(items, told, strict=False):
        assert_says([token], line)


@settings(deadline=None)  # a machine may be busy
@given(st.lists(st.tuples(st.sampled_from(["good", "error", ""]), st.integers(0, 5), LINES), max_size=4))
def test_a_list_keeps_its_items(items: list[tuple[str, int, Line]]) -> None:
    tokens = GITHUB.parse(markdown([Bullets(items)]))
    assert [token.type for token in tokens].count("list_item_open") == len(items)
    assert not any(token.type in ("code_block", "fence", "heading_open", "hr", "blockquote_open", "html_block") for token in tokens)


@settings(deadline=None)  # a machine may be busy
@given(TEXTS, TEXTS)
def test_code_stays_code(language: str, text: str) -> None:
    (token,) = GITHUB.parse(markdown([Code(language, text)]))
    assert token.type == "fence"
    assert token.content == "".join(visible(line) + "\n" for line in text.replace("\r\n", "\n").rstrip("\n").split("\n"))


@settings(deadline=None)  # a machine may be busy
@given(st.integers(1, 6), TEXTS)
def test_a_heading_stays_one(level: int, text: str) -> None:
    tokens = GITHUB.parse(markdown([Heading(level, text)]))
    assert [token.type for token in tokens] == ["heading_open", "inline", "heading_close"]
    assert_says(tokens, [("", text)])


def test_every_hostile_text_in_every_place() -> None:
    tokens = GITHUB.parse(markdown(hostile()))
    assert {token.content for token in tokens if token.type == "html_block"} <= {
        f"<details><summary>details ({len(HOSTILE)})</summary>\n",
        "</details>\n",
    }
    assert not any(child.type in ("link_open", "image", "em_open", "s_open") for token in tokens for child in token.children or [])


def test_long_texts_take_no_longer_than_they_are() -> None:
    for text in ("a" * 200_000, "`" * 200_000, "@" * 200_000, "_" * 200_000, "a:" * 100_000, "&" * 200_000):
        assert len(markdown([Paragraph([("", text), ("code", text)])])) >= 2 * len(text)
