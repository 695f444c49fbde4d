"""The way in: `confguard` and `python -m confguard`.

`check PATH...`, `check --fix PATH...` and `diff A B` without further options, which hooks and reviews run all day, go straight to their
command. All else goes through typer, whose import alone takes longer than such a check.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from contextlib import suppress


def program() -> None:
    """`main` for a process that ends with it. One that only read files ends at once: taking the interpreter apart is a tenth of a check."""
    try:
        main()
    except SystemExit as done:
        if sys.argv[1:2] not in (["check"], ["diff"]) or not isinstance(done.code, int):
            raise
        with suppress(AttributeError, OSError):  # where it is closed
            sys.stderr.flush()
        os._exit(done.code)


def main() -> None:
    """Run the command line and exit: 0 clean, 1 findings, 2 could not run, 3 a bug of ours, 130 interrupted."""
    gc.disable()  # a check lives for a fraction of a second and keeps what it builds
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None where it was closed
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(sys.argv[1:])
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        code = 130
    except OSError as error:
        code = _cut_off(error)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    from confguard.commands.complain import complain
    from confguard.words.cannot import CannotRun

    try:
        if missing := _missing():
            raise CannotRun(missing)
        fixes = arguments[:2] == ["check", "--fix"]
        if any(argument.startswith("-") for argument in arguments[2 * fixes :]):
            return _asked(arguments)
        if fixes:
            from confguard.commands.fix import run as run_fix

            return run_fix(arguments[2:])
        if arguments[:1] == ["check"]:
            from confguard.commands.check import run as run_check

            return run_check(arguments[1:])
        if arguments[:1] == ["diff"] and len(arguments) == 3:
            from confguard.commands.diff import run as run_diff

            return run_diff(arguments[1], arguments[2])
        return _asked(arguments)
    except CannotRun as error:
        complain(str(error))
        return 2
    except (KeyboardInterrupt, OSError):
        raise
    except Exception as error:
        complain(_our_bug(error))
        return 3


def _asked(arguments: list[str]) -> int:
    from confguard.cli import run_app

    return run_app(arguments)


def _missing() -> str | None:
    """What a command cannot do without and does not have."""
    if sys.stdout is None:
        return "standard output is closed"
    try:
        os.getcwd()
    except OSError:
        return "the working folder is gone"
    return None


def _cut_off(error: OSError) -> int:
    """Stop writing, with a last word where someone may still read it; the exit code."""
    from confguard.commands.complain import complain

    gone = isinstance(error, BrokenPipeError)  # the reader of our output, as in `confguard check | head`
    if not gone:
        with suppress(OSError):
            complain(f"cannot go on: {error.strerror or error}")
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # what is still held back goes nowhere
    return 1 if gone else 2


def _our_bug(error: Exception) -> str:
    if os.environ.get("CONFGUARD_DEBUG"):
        raise error
    from confguard.commands.complain import bug_of_ours

    return f"{bug_of_ours(error)}; CONFGUARD_DEBUG=1 shows more"


if __name__ == "__main__":
    program()
