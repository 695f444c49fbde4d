"""The way in: `confguard` and `python -m confguard`.

`check PATH...` without options is what a hook runs at every commit; it goes straight to the check. All else goes through typer,
whose import alone takes longer than such a check.
"""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and exit: 0 clean, 1 findings, 2 could not run, 3 a bug of ours, 130 interrupted."""
    gc.disable()  # a check lives for a fraction of a second and keeps what it builds
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = _run(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:  # the reader of our output is gone, as in `confguard check | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    from confguard.check.project import BadProject
    from confguard.check.setting import BadUsage
    from confguard.document.source import Unreadable

    try:
        if arguments[:1] == ["check"] and not any(argument.startswith("-") for argument in arguments[1:]):
            from confguard.commands.check import run

            return run(arguments[1:])
        from confguard.cli import run_app

        return run_app(arguments)
    except (BadUsage, BadProject, Unreadable) as error:
        print(f"confguard: {error}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:
        return _our_bug(error)


def _our_bug(error: Exception) -> int:
    if os.environ.get("CONFGUARD_DEBUG"):
        raise error
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    line = f" ({os.path.basename(where.tb_frame.f_code.co_filename)}:{where.tb_lineno})" if where else ""
    message = f"{type(error).__name__}: {error}".splitlines()[0]
    print(f"confguard: a bug of ours, not of your files: {message}{line}; CONFGUARD_DEBUG=1 shows more", file=sys.stderr)
    return 3


if __name__ == "__main__":
    main()
