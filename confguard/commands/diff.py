"""`confguard diff`: what differs between a reference and a current config."""

from __future__ import annotations

import sys

from confguard.commands.comparing import Comparing, Sets, Targets
from confguard.diffing.comparison import Comparison


def run(
    reference: str,
    current: str,
    format: str = "text",
    lang: str = "en",
    show_unchanged: bool = False,
    explain: bool = False,
    exit_zero: bool = False,
    sets: Sets = (),
    targets: tuple[Targets, Targets] = ((), ()),
) -> int:
    """Print what differs between two configs, or the files of two folders; 0 when all is the same or waived, 1 otherwise."""
    comparing = Comparing()
    found = comparing.compared(comparing.side(reference, (), targets[0]), comparing.side(current, sets, targets[1]))
    if format == "text":
        _show(found, lang, show_unchanged, explain)
    else:
        print(_FORMATS[format](found, lang, show_unchanged))
    return 1 if found.differs() and not exit_zero else 0


def _show(found: Comparison, lang: str, show_unchanged: bool, explain: bool) -> None:
    from confguard.report.diff import diff_text
    from confguard.report.paint import paint, width_of

    meanings = None
    if explain:
        from confguard.schemas.parameters import MEANINGS

        meanings = MEANINGS
    paint(diff_text(found, width_of(sys.stdout), lang, show_unchanged, meanings))


def _json(found: Comparison, lang: str, show_unchanged: bool) -> str:
    from confguard.report.diff_json import diff_json
    from confguard.schemas.parameters import MEANINGS

    return diff_json(found, lang, show_unchanged, MEANINGS)


def _markdown(found: Comparison, lang: str, show_unchanged: bool) -> str:
    from confguard.report.diff_blocks import diff_blocks
    from confguard.report.markdown import markdown
    from confguard.schemas.parameters import MEANINGS

    return markdown(diff_blocks(found, lang, show_unchanged, MEANINGS), lang)


def _html(found: Comparison, lang: str, show_unchanged: bool) -> str:
    from confguard.report.diff_blocks import diff_blocks
    from confguard.report.html import page
    from confguard.schemas.parameters import MEANINGS

    return page(diff_blocks(found, lang, True, MEANINGS), lang)  # the page hides what is the same until it is asked for


_FORMATS = {"json": _json, "markdown": _markdown, "html": _html}
