"""Tables of a page, and the bar that filters their rows where JavaScript is on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from confguard.report.blocks import Block, Table, TableRow
from confguard.report.html.text import badge, inline, plain, text_of, wholeness
from confguard.report.labels import STATUS_SIGNS, label, lacks_statuses, status_word
from confguard.report.paint import Line
from confguard.words.change import SAME
from confguard.words.typing import NamedTuple

MOST_COLUMNS = 12
"""Columns that page.css lays out; a table of more of them is laid out by the browser."""


class _Columns(NamedTuple):
    """The columns of a table as they are drawn: with one for the statuses where the cells do not tell them."""

    names: list[str]
    numeric: set[int]
    statuses: bool
    explained: bool


def table(block: Table, lang: str, named_by: str = "") -> Iterator[str]:
    """A table; `named_by` is the id of the heading that it stands under."""
    columns = _columns(block, lang)
    layout = f" columns-{len(columns.names)}" if len(columns.names) <= MOST_COLUMNS else ""
    name = f' aria-labelledby="{named_by}"' if named_by else ""
    kind = f"{'stated ' if columns.statuses else ''}{'explained' if columns.explained else 'bare'}{layout}"
    yield f'<div class="table"><table class="{kind}"{name}>'
    yield f"<thead><tr>{''.join(_heads(columns, lang))}</tr></thead>"
    yield "<tbody>"
    yield from (f"<tr{_row_kind(row)}>{''.join(_cells(row, columns, lang))}</tr>" for row in block.rows)
    empty = label("no match" if block.rows else "no rows", lang)
    yield f'</tbody></table><p class="none"{" hidden" if block.rows else ""}>{empty}</p></div>'


def bar(blocks: Sequence[Block], lang: str, hide_same: bool = True) -> str:
    """Chips by status and a search box, shown by page.js; nothing where no row of the page has a status."""
    found = Counter(row.status for block in blocks if isinstance(block, Table) for row in block.rows)
    counts = {status: found[status] for status in STATUS_SIGNS if found[status]}
    if not counts:
        return ""
    chips = [_chip(status, count, not (hide_same and status == SAME and len(counts) > 1), lang) for status, count in counts.items()]
    every = f'<button type="button" class="chip" data-all aria-pressed="false">{label("all", lang)}</button>'
    search = label("search", lang)
    return (
        f'<form id="filter" role="search" aria-label="{label("filter", lang)}" hidden>'
        f'<div class="chips" role="group" aria-label="{label("status", lang)}">{every}{"".join(chips)}</div>'
        f'<input type="search" aria-label="{search}" placeholder="{search}" autocomplete="off" spellcheck="false">'
        f'<output aria-live="polite" data-text="{label("shown", lang)}"></output></form>'
    )


def _chip(status: str, count: int, pressed: bool, lang: str) -> str:
    return (
        f'<button type="button" class="chip" data-status="{status}" aria-pressed="{str(pressed).lower()}">'
        f'{badge(status, status_word(status, lang))} <span class="count">{count}</span></button>'
    )


def _columns(block: Table, lang: str) -> _Columns:
    statuses = lacks_statuses(block)
    names = [*([label("status", lang)] if statuses else []), *block.columns]
    return _Columns(names, {index + statuses for index in block.numeric}, statuses, any(row.details for row in block.rows))


def _heads(columns: _Columns, lang: str) -> Iterator[str]:
    for index, name in enumerate(columns.names):
        yield f'<th scope="col"{_kind(index, columns)}>{plain(name)}</th>'
    if columns.explained:
        yield f'<th scope="col" class="more"><span class="unseen">{label("details", lang)}</span></th>'


def _cells(row: TableRow, columns: _Columns, lang: str) -> Iterator[str]:
    """The cells of a row; the first that the report names heads it."""
    cells: list[Line] = [*([[(row.status, status_word(row.status, lang))]] if columns.statuses else []), *row.cells]
    cells += [[]] * (len(columns.names) - len(cells))
    for index, (name, cell) in enumerate(zip(columns.names, cells, strict=False)):
        kind = f'{_kind(index, columns)} data-label="{plain(name)}"'
        if index == columns.statuses:
            yield f'<th scope="row"{kind}><span{wholeness(text_of(cell))}>{inline(cell)}</span></th>'
        else:
            yield f"<td{kind}><span>{inline(cell)}</span></td>"
    if columns.explained:
        yield f'<td class="more">{_details(row, lang)}</td>'


def _row_kind(row: TableRow) -> str:
    status = f' data-status="{plain(row.status)}"' if row.status else ""
    return f'{status} class="opens"' if row.details else status


def _kind(index: int, columns: _Columns) -> str:
    return ' class="number"' if index in columns.numeric else ""


def _details(row: TableRow, lang: str) -> str:
    """What explains a row, folded away without JavaScript."""
    if not row.details:
        return ""
    name = f'<span class="unseen">: {plain(text_of(row.cells[0]))}</span>' if row.cells else ""
    summary = f"<summary><span>{label('details', lang)}{name}</span></summary>"
    return f"<details>{summary}<div>{''.join(f'<p>{inline(line)}</p>' for line in row.details)}</div></details>"
