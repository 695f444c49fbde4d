"""Blocks as elements of a page, in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from confguard.report.blocks import Block, Bullets, Chart, Code, Folded, Heading, Paragraph, Table
from confguard.report.html.chart import svg
from confguard.report.html.table import bar, table
from confguard.report.html.text import inline, plain
from confguard.report.labels import STATES, levels

SIGNS = {"good": "✓", "warning": "!", "error": "✕", "unknown": "?"}
_KINDS = {state: f' class="{state}"' for state in STATES}


def body(blocks: Sequence[Block], lang: str, hide_same: bool = True) -> Iterator[str]:
    """The blocks; the bar that filters tables stands before the first of them that has statuses, charts side by side."""
    filtered = next((index for index, block in enumerate(blocks) if _has_statuses(block)), -1)
    heading = ""
    drawn: list[str] = []
    for index, block in enumerate(blocks):
        name = f"part-{index}"
        heading = name if isinstance(block, Heading) else heading
        drawn.append((bar(blocks, lang, hide_same) if index == filtered else "") + _element(block, name, heading, lang))
    for are_charts, group in groupby(zip(blocks, drawn, strict=True), lambda pair: isinstance(pair[0], Chart)):
        texts = "\n".join([text for _, text in group])
        yield f'<div class="charts">{texts}</div>' if are_charts else texts


def _has_statuses(block: Block) -> bool:
    return isinstance(block, Table) and any(row.status for row in block.rows)


def _element(block: Block, name: str, heading: str, lang: str) -> str:
    """One block; `name` is an id of its own, `heading` that of the heading it stands under."""
    match block:
        case Heading():
            level = max(1, min(block.level, 6))
            return f'<h{level} id="{name}">{plain(block.text)}</h{level}>'
        case Paragraph():
            return f"<p>{inline(block.line)}</p>"
        case Bullets():
            return "".join(_bullets(block, lang))
        case Table():
            return "\n".join(table(block, lang, heading))
        case Chart():
            return f"<figure><figcaption>{plain(block.title)}</figcaption>{svg(block, lang, name)}</figure>"
        case Code():
            return _code(block)
        case Folded():
            inner = "\n".join(_element(item, f"{name}-{index}", heading, lang) for index, item in enumerate(block.blocks))
            return f"<details><summary>{plain(block.title)}</summary>{inner}</details>"


def _bullets(block: Bullets, lang: str) -> Iterator[str]:
    """A list whose lists lie within the items above them."""
    before = -1
    for (state, _, line), depth in zip(block.items, levels(depth for _, depth, _ in block.items), strict=True):
        yield "<ul>" if depth > before else "</li>" + "</ul></li>" * (before - depth)
        yield f"<li{_KINDS.get(state, '')}>{_state(state, lang)}{inline(line)}"
        before = depth
    yield "</li></ul>" * (before + 1)


def _state(state: str, lang: str) -> str:
    """The state of an item: a sign for those who see it, a word for those who hear it."""
    if state not in STATES:
        return ""
    return f'<span class="state" aria-hidden="true">{SIGNS[state]}</span><span class="unseen">{STATES[state].to(lang)}: </span>'


def _code(block: Code) -> str:
    lines = block.text.replace("\r\n", "\n").rstrip("\n").split("\n")
    text = "\n".join([plain(line) for line in lines])
    return f'<pre data-language="{plain(block.language)}"><code>{text}</code></pre>'
