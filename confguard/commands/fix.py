"""`confguard check --fix`: what is wrong with these configs, mended where that is certain."""

from __future__ import annotations

from collections.abc import Sequence

from confguard.checking.setting import BadUsage, Options
from confguard.commands.check import exit_code
from confguard.commands.complain import complain
from confguard.commands.recovering import files_to_read
from confguard.commands.writing import write
from confguard.migrate.fixing import Fixing, fixed
from confguard.project.find import find_project
from confguard.report.formats import Asked, show
from confguard.report.paint import paint
from confguard.report.plan import coloured_diff
from confguard.schemas.catalogue import CATALOGUE
from confguard.words.spelling import counted


def run(
    paths: Sequence[str],
    options: Options = Options(),
    unsafe: bool = False,
    format: str = "auto",
    fail_on: str = "warning",
    show_files: bool = False,
) -> int:
    """Mend what has a fix and print what is left; the exit code is that of what is left. Raises `BadUsage`."""
    fixing = _fixing(paths, options, unsafe)
    written = write(fixing.files, "check --fix", find_project)
    show(fixing.report, format, Asked(CATALOGUE.rules, fail_on, show_files))
    if written.files:
        complain(f"mended {counted(fixing.mended, 'finding')} in {counted(written.files, 'file')}; confguard undo takes it back")
    for problem in fixing.report.problems:
        complain(problem)
    return exit_code(fixing.report, fail_on)


def run_diff(paths: Sequence[str], options: Options, unsafe: bool) -> int:
    """Print what mending would change, and change nothing; 1 where it would, 0 where not, 2 when a file could not be read."""
    fixing = _fixing(paths, options, unsafe)
    paint(line for path, before, after in fixing.files for line in coloured_diff(path, before, after))
    for problem in fixing.report.problems:
        complain(problem)
    return 2 if fixing.report.problems else int(bool(fixing.files))


def _fixing(paths: Sequence[str], options: Options, unsafe: bool) -> Fixing:
    if "-" in paths:
        raise BadUsage("--fix: standard input cannot be edited; name a file")
    if options.sets:
        raise BadUsage("--fix: what --set says stands in no file; leave one of the two out")
    paths = paths or ["."]
    return fixed(files_to_read(paths), CATALOGUE, options.for_paths(paths), unsafe)
