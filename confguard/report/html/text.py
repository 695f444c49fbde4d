"""Text inside a page: escaped, styled, and with places where a long name may be broken."""

from __future__ import annotations

import re
from html import escape

from confguard.report.labels import STATUS_SIGNS
from confguard.report.paint import Line
from confguard.report.safe import columns, visible

LONGEST_WHOLE = 36
"""Columns that the name of a row may take without being broken."""

# Where a name or a path may go on in the next line: before a word, after what joins it to the word before.
_JOINT = re.compile(r"(?<=[^\W_][/._,=:])(?=[^\W\d_])")
_TAGS = {"code": "<code>{}</code>", "strong": "<strong>{}</strong>", "dim": '<span class="dim">{}</span>'}


def plain(text: str) -> str:
    """A text that someone else wrote, fit for elements and attributes.

    >>> plain('<a href="x">')
    '&lt;a href=&quot;x&quot;&gt;'
    """
    return escape(visible(text))


def inline(line: Line) -> str:
    """Styled text as elements."""
    return "".join([_segment(style, text) for style, text in line if text])


def text_of(line: Line) -> str:
    """Styled text without its styles."""
    return "".join([text for _, text in line])


def badge(status: str, word: str) -> str:
    """A status as a sign, a word and a colour; any one of them would do."""
    sign = f'<span class="sign" aria-hidden="true">{STATUS_SIGNS[status]}</span>'
    return f'<span class="status {status}">{sign}<span{wholeness(word)}>{plain(word)}</span></span>'


def wholeness(text: str) -> str:
    """The class of a short text that is not broken, however little room there is."""
    return ' class="whole"' if columns(text) <= LONGEST_WHOLE else ""


def _segment(style: str, text: str) -> str:
    if style in STATUS_SIGNS:
        return badge(style, text)
    return _TAGS.get(style, "{}").format("<wbr>".join([plain(part) for part in _JOINT.split(text)]))
