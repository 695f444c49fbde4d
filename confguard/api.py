"""The Python API: what the commands do, as functions. `import confguard` has all of it; nothing here prints or writes.

Only a transaction that was cut short near the files is brought to its end first, with a line on standard error, as by every command.
Every function raises `CannotRun` where the command line would exit with 2; a file that `check` cannot read is in `report.problems`
instead. Paths are as seen from the working folder; `-` is standard input.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import ParamSpec, TypeVar

from confguard.checking.pipeline import Report as Report
from confguard.diffing.comparison import Comparison as Comparison
from confguard.migrate.plan import Plan as Plan
from confguard.words.cannot import CannotRun as CannotRun
from confguard.words.change import Change as Change
from confguard.words.finding import Finding as Finding

Path = str | os.PathLike[str]
_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def _or_cannot_run(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """The function; what the system refuses, such as a working folder that is gone, is `CannotRun`, too."""

    @wraps(function)
    def called(*args: _Given.args, **kwargs: _Given.kwargs) -> _Made:
        try:
            return function(*args, **kwargs)
        except OSError as error:
            raise CannotRun(f"cannot go on: {error.strerror or error}") from error

    return called


@_or_cannot_run
def check(
    *paths: Path,
    reference: Path | None = None,
    select: str | Iterable[str] = (),
    ignore: str | Iterable[str] = (),
    sets: Mapping[str, object] | None = None,
    target: Mapping[str, str] | None = None,
    world_size: int | None = None,
) -> Report:
    """What is wrong with files and folders, the working folder by default; as `confguard check`.

    `reference` is a path, `profile:NAME`, `git:REV:PATH`, or a name of the project file; `select` and `ignore` are codes or topics;
    `sets` are values laid over the files, by key; `target` has releases by package (`{"trl": "1.16.0"}`); `world_size` counts processes.
    `report.fails("warning")` says whether anything found fails a check, for which the command exits with 1; where there are
    `report.problems` it exits with 2. `report.findings` has every finding, waived ones among them.
    """
    from confguard.checking.pipeline import check as check_files
    from confguard.checking.setting import Options
    from confguard.commands.recovering import files_to_read
    from confguard.schemas.catalogue import CATALOGUE

    if world_size is not None and (not isinstance(world_size, int) or world_size < 1):
        raise CannotRun(f"world_size is {world_size!r}; it counts processes, so it is a whole number from 1 on")
    asked = None if reference is None else os.fspath(reference)
    options = Options(_codes(select), _codes(ignore), asked, _written(sets), _releases(target), world_size)
    named = [os.fspath(path) for path in paths] or ["."]
    return check_files(files_to_read(named), CATALOGUE, options.for_paths(named))


@_or_cannot_run
def diff(
    reference: Path,
    current: Path,
    *,
    sets: Mapping[str, object] | None = None,
    reference_target: Mapping[str, str] | None = None,
    current_target: Mapping[str, str] | None = None,
) -> Comparison:
    """What differs between two files or folders, by what their keys mean; as `confguard diff`.

    `comparison.differs()` says whether anything does that nobody waived; `comparison.rows` has a `Change` for each key and derived value.
    """
    from confguard.commands.comparing import Comparing

    comparing = Comparing()
    theirs = comparing.side(os.fspath(reference), (), _releases(reference_target))
    ours = comparing.side(os.fspath(current), _written(sets), _releases(current_target))
    return comparing.compared(theirs, ours)


@_or_cannot_run
def plan(
    current: Path,
    *,
    to: Path,
    keep: Mapping[str, object] | str | Iterable[str] = (),
    only: str | Iterable[str] = (),
    but: str | Iterable[str] = (),
    unsafe_fixes: bool = False,
) -> Plan:
    """What would bring configs to a reference, a release (`trl==1.16.0`) or a kind (`trl-grpo`); as `confguard migrate`, which writes it.

    `keep` names keys that stay as they are, or has the values that they are to get. `plan.files` has for each file its edits (`rows`),
    what is kept, and the text as it would be (`after.text`); `plan.report` is what a check would then find.
    """
    from confguard.commands import convert, migrate, upgrade

    path, goal = os.fspath(current), os.fspath(to)
    keeps = tuple(f"{key}={value}" for key, value in _written(keep)) if isinstance(keep, Mapping) else _several(keep)
    wanted, unwanted = _several(only), _several(but)
    if not (upgrade.names_a_release(goal) or convert.names_a_kind(goal)):
        asked = migrate.Asked(path, goal, keep=keeps, only=wanted, but=unwanted, unsafe=unsafe_fixes)
        return migrate.planned(asked).plan
    if keeps or wanted or unwanted:
        raise CannotRun(f"keep, only and but belong to a migration to a reference; {goal} is none")
    if upgrade.names_a_release(goal):
        return upgrade.planned(upgrade.Asked(path, goal, unsafe=unsafe_fixes)).plan
    return convert.planned(path, goal)[0]


def _written(values: Mapping[str, object] | None) -> tuple[tuple[str, str], ...]:
    """Values as a command line would give them: in YAML, in which "5" stays a string."""
    from confguard.edit.spell import as_yaml
    from confguard.edit.splice import EditRefused

    if wrong := [key for key in values or {} if not isinstance(key, str) or not key]:
        raise CannotRun(f"{wrong[0]!r} is no key; a key is its name, or its dotted path")
    try:
        return tuple((key, as_yaml(value)) for key, value in (values or {}).items())
    except EditRefused as error:
        raise CannotRun(str(error)) from None


def _releases(target: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    from confguard.commands.aiming import parse_target

    return tuple(parse_target(f"{package}=={version}") for package, version in (target or {}).items())


def _codes(codes: str | Iterable[str]) -> tuple[str, ...]:
    """Codes without blanks; one that is empty would be the beginning of every code."""
    return tuple(code.strip().upper() for part in _several(codes) for code in part.split(",") if code.strip())


def _several(names: str | Iterable[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
