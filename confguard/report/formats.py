"""The formats of a check: what is drawn for people, and what is written for others to read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from confguard.checking.pipeline import Report
from confguard.report.paint import paint, width_of
from confguard.words.rule import Rule
from confguard.words.typing import NamedTuple


class Asked(NamedTuple):
    """What a format may need beyond the report."""

    rules: Mapping[str, Rule]
    fail_on: str = "warning"
    show_files: bool = False
    statistics: bool = False


def show(report: Report, format: str, asked: Asked) -> None:
    """Print a report in a format: a name of `WRITERS`, or `auto`."""
    writers = STATISTICS if asked.statistics else WRITERS
    writers[_of_this_place() if format == "auto" else format](report, asked)


def _of_this_place() -> str:
    """Annotations where GitHub Actions reads them, as yamllint does; else text."""
    return "github" if {"GITHUB_ACTIONS", "GITHUB_WORKFLOW"} <= os.environ.keys() else "text"


# Each imports its module itself: a check pays for the format that was asked for.


def _text(report: Report, asked: Asked) -> None:
    from confguard.report.text import text

    paint(text(report, width_of(sys.stdout), asked.show_files))


def _concise(report: Report, asked: Asked) -> None:
    from confguard.report.concise import concise

    paint(concise(report))


def _json(report: Report, asked: Asked) -> None:
    from confguard.report.json import to_json

    print(to_json(report))


def _github(report: Report, asked: Asked) -> None:
    from confguard.report.ci.github import to_github

    print(to_github(report))


def _sarif(report: Report, asked: Asked) -> None:
    from confguard.report.ci.sarif import to_sarif

    print(to_sarif(report, asked.rules))


def _gitlab(report: Report, asked: Asked) -> None:
    from confguard.report.ci.gitlab import to_gitlab

    print(to_gitlab(report))


def _junit(report: Report, asked: Asked) -> None:
    from confguard.report.ci.junit import to_junit

    print(to_junit(report, asked.fail_on))


def _markdown(report: Report, asked: Asked) -> None:
    from confguard.report.check_blocks import check_blocks
    from confguard.report.markdown import markdown

    print(markdown(check_blocks(report)), end="")


def _statistics_text(report: Report, asked: Asked) -> None:
    from confguard.report.statistics import statistics_text

    paint(statistics_text(report))


def _statistics_json(report: Report, asked: Asked) -> None:
    from confguard.report.statistics import statistics_json

    print(statistics_json(report))


WRITERS: dict[str, Callable[[Report, Asked], None]] = {
    "text": _text,
    "concise": _concise,
    "json": _json,
    "github": _github,
    "sarif": _sarif,
    "gitlab": _gitlab,
    "junit": _junit,
    "markdown": _markdown,
}
STATISTICS: dict[str, Callable[[Report, Asked], None]] = {"text": _statistics_text, "github": _statistics_text, "json": _statistics_json}
"""The same for `--statistics`; as text inside GitHub Actions, too, for rules have no line to be shown at."""
