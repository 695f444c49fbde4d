"""`confguard check`: what is wrong with these configs."""

from __future__ import annotations

from collections.abc import Sequence

from confguard.checking.pipeline import Report, check
from confguard.checking.setting import BadUsage, Options
from confguard.commands.complain import complain
from confguard.commands.recovering import files_to_read
from confguard.report.formats import Asked, show
from confguard.schemas.catalogue import CATALOGUE


def run(
    paths: Sequence[str],
    options: Options = Options(),
    format: str = "auto",
    fail_on: str = "warning",
    show_files: bool = False,
    statistics: bool = False,
) -> int:
    """Check files and folders, print the report; 0 when nothing fails, 1 when something does, 2 when a file cannot be read."""
    paths = paths or ["."]
    report = check(files_to_read(paths), CATALOGUE, options.for_paths(paths))
    show(report, format, Asked(CATALOGUE.rules, fail_on, show_files, statistics))
    for problem in report.problems:
        complain(problem)
    return exit_code(report, fail_on)


def exit_code(report: Report, fail_on: str) -> int:
    """2 when a file could not be read, 1 when something fails, else 0."""
    if report.problems:
        return 2
    return 1 if report.fails(fail_on) else 0


def parse_set(argument: str) -> tuple[str, str]:
    """The key and the value of a `--set KEY=VALUE`; raises `BadUsage`."""
    key, sign, value = argument.partition("=")
    if not sign or not key:
        raise BadUsage(f"--set {argument}: write KEY=VALUE")
    return key, value
