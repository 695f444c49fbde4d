"""`confguard check`: what is wrong with these configs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from confguard.check.pipeline import Report, check
from confguard.check.setting import BadUsage, Options
from confguard.commands.complain import complain
from confguard.commands.recovering import files_to_read
from confguard.report.paint import paint, width_of
from confguard.schemas.catalogue import CATALOGUE


def run(
    paths: Sequence[str],
    options: Options = Options(),
    format: str = "text",
    fail_on: str = "warning",
    show_files: bool = False,
) -> int:
    """Check files and folders, print the report; 0 when nothing fails, 1 when something does, 2 when a file cannot be read."""
    report = check(files_to_read(paths or ["."]), CATALOGUE, options)
    show(report, format, show_files)
    for problem in report.problems:
        complain(problem)
    return exit_code(report, fail_on)


def exit_code(report: Report, fail_on: str) -> int:
    """2 when a file could not be read, 1 when something fails, else 0."""
    if report.problems:
        return 2
    return 1 if report.fails(fail_on) else 0


def show(report: Report, format: str, show_files: bool) -> None:
    """Print a report."""
    if format == "json":
        from confguard.report.json import to_json

        print(to_json(report))
    elif format == "concise":
        from confguard.report.concise import concise

        paint(concise(report))
    else:
        from confguard.report.text import text

        paint(text(report, width_of(sys.stdout), show_files))


def parse_set(argument: str) -> tuple[str, str]:
    """The key and the value of a `--set KEY=VALUE`; raises `BadUsage`."""
    key, sign, value = argument.partition("=")
    if not sign or not key:
        raise BadUsage(f"--set {argument}: write KEY=VALUE")
    return key, value
