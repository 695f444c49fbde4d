"""The command line: what can be asked, and the help for it. What is done lies in `confguard.commands`."""

from __future__ import annotations

import os
from collections.abc import Callable
from copy import copy
from enum import Enum
from typing import Annotated, Optional

import typer

from confguard.checking.setting import BadUsage, Options
from confguard.words.version import __version__

app = typer.Typer(
    name="confguard",
    help="Checks, compares and restores the YAML configs of LLM training runs before a GPU is touched.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Level(str, Enum):
    """From which severity on a check fails."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class CheckFormat(str, Enum):
    """How findings are shown."""

    AUTO = "auto"
    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    GITLAB = "gitlab"
    JUNIT = "junit"
    MARKDOWN = "markdown"


class AuditFormat(str, Enum):
    """How an audit is shown."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class DiffFormat(str, Enum):
    """How a diff is shown."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


class PlanFormat(str, Enum):
    """How a plan is shown."""

    TEXT = "text"
    JSON = "json"


class ReportFormat(str, Enum):
    """How a report is written."""

    MARKDOWN = "markdown"
    HTML = "html"


class Language(str, Enum):
    """The language of explanations."""

    EN = "en"
    ZH = "zh"


def _offers(name: str) -> Callable[[str], list[tuple[str, str]]]:
    """What a shell offers for an argument: a function of `confguard.commands.completing`, which is loaded when a shell asks."""

    def offered(incomplete: str) -> list[tuple[str, str]]:
        from confguard.commands import completing

        return list(getattr(completing, name)(incomplete))

    return offered


def run_app(arguments: list[str]) -> int:
    """Run the command line, or complete it where a shell asks for that; the exit code."""
    if os.environ.get("_CONFGUARD_COMPLETE") == "complete_bash":
        from confguard.commands.completing import in_bash

        return in_bash(lambda: _run(arguments), os.environ)
    return _run(arguments)


def _run(arguments: list[str]) -> int:
    try:
        code = _only(arguments[:1])(arguments, standalone_mode=False)
    except typer.Exit as ended:
        return ended.exit_code
    except typer.Abort:
        return 130
    except Exception as error:
        if hasattr(error, "format_message"):  # click's usage errors, wherever typer keeps click
            if message := error.format_message():  # empty where the help was printed
                raise BadUsage(f"{message} (confguard --help says more)") from None
            return 2
        raise
    return code if isinstance(code, int) else 0


def _only(name: list[str]) -> typer.Typer:
    """The command line with that command alone: typer makes the options of every command it knows, which takes a millisecond each."""
    wanted = [command for command in app.registered_commands if command.callback and [command.callback.__name__.replace("_", "-")] == name]
    chosen = copy(app)
    chosen.registered_commands = wanted or app.registered_commands
    return chosen


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"confguard {__version__}")
        raise typer.Exit(0)


@app.callback()
def _main(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    pass


@app.command()
def check(
    paths: Annotated[
        Optional[list[str]],
        typer.Argument(metavar="[PATH]...", help="Files and folders; - is standard input; the working folder by default."),
    ] = None,
    format: Annotated[
        CheckFormat, typer.Option("--format", help="How findings are shown; auto is text, and annotations inside GitHub Actions.")
    ] = CheckFormat.AUTO,
    reference: Annotated[
        Optional[str],
        typer.Option(
            metavar="REF",
            autocompletion=_offers("references"),
            help="Compare with a path, profile:NAME, git:REV:PATH, or a name of the project file.",
        ),
    ] = None,
    fail_on: Annotated[Level, typer.Option(help="Exit with 1 from this severity on.")] = Level.WARNING,
    select: Annotated[
        Optional[list[str]],
        typer.Option(metavar="CODES", autocompletion=_offers("codes"), help="Only these rules: codes or topics, with commas."),
    ] = None,
    ignore: Annotated[Optional[list[str]], typer.Option(metavar="CODES", autocompletion=_offers("codes"), help="Not these rules.")] = None,
    sets: Annotated[
        Optional[list[str]],
        typer.Option("--set", metavar="KEY=VALUE", autocompletion=_offers("assignments"), help="Check as if the file said this."),
    ] = None,
    target: Annotated[
        Optional[list[str]],
        typer.Option(metavar="PACKAGE==X", help="The release to check for: trl==1.16.0, transformers==..., peft==...; else the project's."),
    ] = None,
    world_size: Annotated[Optional[int], typer.Option(min=1, help="How many processes the run is launched with.")] = None,
    show_files: Annotated[bool, typer.Option("--show-files", help="List the files that were checked, and those skipped.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what has a safe fix.")] = False,
    unsafe_fixes: Annotated[bool, typer.Option("--unsafe-fixes", help="With --fix or --diff: what has an unsafe fix, too.")] = False,
    show_diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change, and change nothing.")] = False,
    statistics: Annotated[bool, typer.Option("--statistics", help="Count how often each rule is broken instead; as text or json.")] = False,
    show_settings: Annotated[bool, typer.Option("--show-settings", help="Show what holds for which files instead.")] = False,
) -> int:
    """Say what is wrong with configs, or mend it. Exit codes: 0 clean, 1 findings, 2 could not run."""
    from confguard.commands.aiming import parse_targets
    from confguard.commands.check import parse_set, run

    laid_over = tuple(parse_set(item) for item in sets or ())
    options = Options(_codes(select), _codes(ignore), reference, laid_over, parse_targets(target or ()), world_size)
    if show_settings and (fix or show_diff or statistics or format not in (CheckFormat.AUTO, CheckFormat.TEXT)):
        raise BadUsage("--show-settings is shown as text, and without --fix, --diff or --statistics")
    if show_settings:
        from confguard.commands import settings

        return settings.run(paths or [], options)
    if statistics and (fix or show_diff or format not in (CheckFormat.AUTO, CheckFormat.TEXT, CheckFormat.JSON)):
        raise BadUsage("--statistics is shown as text or json, and without --fix or --diff")
    if fix or show_diff:
        from confguard.commands import fix as fixing

        if show_diff:
            return fixing.run_diff(paths or [], options, unsafe_fixes)
        return fixing.run(paths or [], options, unsafe_fixes, format.value, fail_on.value, show_files)
    if unsafe_fixes:
        raise BadUsage("--unsafe-fixes says which fixes are meant; add --fix to make them, or --diff to see them")
    return run(paths or [], options, format.value, fail_on.value, show_files, statistics)


@app.command()
def audit(
    configs: Annotated[list[str], typer.Argument(metavar="CONFIG...", help="Files and folders.")],
    code: Annotated[
        Optional[list[str]],
        typer.Option("--code", metavar="PATH", help="The Python code that reads them, a file or folder; else the project file's `code`."),
    ] = None,
    entry: Annotated[
        Optional[list[str]],
        typer.Option(
            "--entry",
            metavar="FILE:FUNCTION[:PARAMETER]",
            help="A function that gets the config, where the code does not show who calls it.",
        ),
    ] = None,
    format: Annotated[AuditFormat, typer.Option("--format", help="How it is shown.")] = AuditFormat.TEXT,
    show_read: Annotated[bool, typer.Option("--show-read", help="List the keys that are read, too, and what gets them.")] = False,
    write_schema: Annotated[
        bool, typer.Option("--write-schema", help="Propose a JSON Schema of the config instead: the keys that the code asks for.")
    ] = False,
) -> int:
    """Say which keys no code reads, and which defaults of the code rule instead. Exit codes: 0 nothing found, 1 something, 2 could not run."""
    from confguard.commands.audit import run

    return run(configs, code or (), entry or (), "schema" if write_schema else format.value, show_read)


Reference = Annotated[
    str,
    typer.Argument(
        autocompletion=_offers("references"),
        help="A path, profile:NAME, git:REV:PATH, a name of the project file; - is standard input.",
    ),
]


@app.command()
def diff(
    reference: Reference,
    current: Annotated[str, typer.Argument(autocompletion=_offers("references"), help="The same; what is compared with the reference.")],
    format: Annotated[DiffFormat, typer.Option("--format", help="How the rows are shown.")] = DiffFormat.TEXT,
    lang: Annotated[Language, typer.Option(help="English or Chinese.")] = Language.EN,
    show_unchanged: Annotated[bool, typer.Option("--show-unchanged", help="List the keys that are the same, too.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say below each row what its parameter means.")] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 also where there are differences.")] = False,
    sets: Annotated[
        Optional[list[str]],
        typer.Option("--set", metavar="KEY=VALUE", autocompletion=_offers("assignments"), help="Compare as if the current side said this."),
    ] = None,
    reference_target: Annotated[
        Optional[list[str]], typer.Option(metavar="PACKAGE==X", help="The releases that the reference is for, such as trl==0.14.")
    ] = None,
    current_target: Annotated[
        Optional[list[str]], typer.Option(metavar="PACKAGE==X", help="The releases that the current side is for, such as trl==1.16.0.")
    ] = None,
) -> int:
    """Compare configs by what they mean. Exit codes: 0 same or waived, 1 differences, 2 could not run."""
    from confguard.commands.aiming import parse_targets
    from confguard.commands.check import parse_set
    from confguard.commands.diff import run

    parsed = tuple(parse_set(item) for item in sets or ())
    targets = parse_targets(reference_target or ()), parse_targets(current_target or ())
    return run(reference, current, format.value, lang.value, show_unchanged, explain, exit_zero, parsed, targets)


@app.command()
def report(
    reference: Reference,
    current: Annotated[str, typer.Argument(autocompletion=_offers("references"), help="The same; the config that is reported on.")],
    before: Annotated[Optional[str], typer.Option(metavar="OLD", help="The state before a change; then the change is told, too.")] = None,
    lang: Annotated[Language, typer.Option(help="English or Chinese.")] = Language.EN,
    format: Annotated[ReportFormat, typer.Option("--format", help="How the report is written.")] = ReportFormat.MARKDOWN,
) -> int:
    """Write the whole summary of a config: tables, reasons, checklist. Exit codes: 0 all holds, 1 it does not, 2 could not run."""
    from confguard.commands.report import run

    return run(reference, current, before, lang.value, format.value)


@app.command()
def migrate(
    current: Annotated[
        str,
        typer.Argument(
            autocompletion=_offers("references"), help="The file or folder to bring to the reference, or a name of the project file."
        ),
    ],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="REFERENCE|trl==X|KIND",
            autocompletion=_offers("goals"),
            help="A reference, a release, or a kind of file such as trl-grpo.",
        ),
    ],
    write: Annotated[bool, typer.Option("--write", help="Carry the plan out, as one transaction; without it, nothing is written.")] = False,
    keep: Annotated[
        Optional[list[str]],
        typer.Option(
            "--keep", metavar="KEY[=VALUE]", autocompletion=_offers("assignments"), help="Keep a value as it is, or make it this one."
        ),
    ] = None,
    because: Annotated[
        Optional[list[str]], typer.Option("--because", metavar="REASON", help="Why; the n-th reason belongs to the n-th --keep.")
    ] = None,
    only: Annotated[
        Optional[list[str]],
        typer.Option("--only", metavar="PATTERN", autocompletion=_offers("keys"), help="Only these keys, as lora_* or wandb."),
    ] = None,
    but: Annotated[
        Optional[list[str]], typer.Option("--except", metavar="PATTERN", autocompletion=_offers("keys"), help="Not these keys.")
    ] = None,
    scale_warmup: Annotated[
        bool, typer.Option("--scale-warmup", help="Keep the reference's share of warm-up where max_steps is another one.")
    ] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option("--unsafe-fixes", help="Also edits that change or take out what a person wrote in a comment.")
    ] = False,
    from_: Annotated[
        Optional[list[str]],
        typer.Option("--from", metavar="PACKAGE==X", help="With --to trl==X: the release that the file was written for."),
    ] = None,
    pin_defaults: Annotated[
        bool, typer.Option("--pin-defaults", help="With --to trl==X: write out the old value of each default that moved.")
    ] = False,
    drop: Annotated[
        Optional[list[str]],
        typer.Option(
            "--drop", metavar="KEY", autocompletion=_offers("keys"), help="With --to trl==X: do without a key that has no successor."
        ),
    ] = None,
    format: Annotated[PlanFormat, typer.Option("--format", help="How the plan is shown.")] = PlanFormat.TEXT,
) -> int:
    """Bring configs to a reference or a release and lose no comment. Exit codes: 0 nothing left to do, 1 something, 2 could not run."""
    from confguard.commands import convert as converting
    from confguard.commands import upgrade as upgrading
    from confguard.commands.migrate import Asked, run

    unused = {"--keep": keep, "--because": because, "--only": only, "--except": but, "--scale-warmup": scale_warmup}
    if upgrading.names_a_release(to):
        if given := [name for name, value in unused.items() if value]:
            raise BadUsage(f"{given[0]} belongs to a migration to a reference; {to} is a release")
        choice = upgrading.Asked(current, to, tuple(from_ or ()), write, pin_defaults, tuple(drop or ()), unsafe_fixes, format.value)
        return upgrading.run(choice)
    if converting.names_a_kind(to):
        if given := [name for name, value in unused.items() if value]:
            raise BadUsage(f"{given[0]} belongs to a migration to a reference; {to} is a kind")
        return converting.run(current, to, write, format.value)
    if from_ or pin_defaults or drop:
        raise BadUsage("--from, --pin-defaults and --drop belong to an upgrade: --to trl==X")
    keeps, reasons, patterns, others = (tuple(items or ()) for items in (keep, because, only, but))
    return run(Asked(current, to, write, keeps, reasons, patterns, others, scale_warmup, unsafe_fixes, format.value))


@app.command()
def explain(
    subject: Annotated[str, typer.Argument(autocompletion=_offers("subjects"), help="The code or the name of a rule, or a parameter.")],
    lang: Annotated[Language, typer.Option(help="English or Chinese.")] = Language.EN,
) -> int:
    """Explain a rule or a parameter: meaning, range, source, examples."""
    from confguard.commands.explain import run

    return run(subject, lang.value)


@app.command()
def ci_comment(
    paths: Annotated[
        Optional[list[str]], typer.Argument(metavar="[PATH]...", help="Files and folders; the working folder by default.")
    ] = None,
    base: Annotated[
        Optional[str],
        typer.Option(metavar="REV", help="The branch or commit that the change goes to; else what the CI says, else origin's main branch."),
    ] = None,
    fail_on: Annotated[Level, typer.Option(help="Exit with 1 from this severity on.")] = Level.WARNING,
) -> int:
    """Tell reviewers, in Markdown, what a change does. Exit codes: 0 nothing new, 1 new findings or waivers, 2 could not run."""
    from confguard.commands.ci_comment import run

    return run(paths or [], base, fail_on.value)


@app.command()
def schema(
    kind: Annotated[
        Optional[str],
        typer.Argument(
            metavar="[KIND]", autocompletion=_offers("kinds"), help="A kind of file such as trl-grpo; without one, the kinds are listed."
        ),
    ] = None,
    lang: Annotated[Language, typer.Option(help="English or Chinese; hovers have both.")] = Language.EN,
    target: Annotated[
        Optional[list[str]],
        typer.Option(
            metavar="PACKAGE==X", help="The release that its keys are of: trl==1.16.0, transformers==..., peft==...; else the project's."
        ),
    ] = None,
) -> int:
    """Print a JSON Schema of a kind of file, for editors and other checkers. Exit codes: 0 printed, 2 could not be."""
    from confguard.commands.aiming import parse_targets
    from confguard.commands.schema import run

    return run(kind, lang.value, parse_targets(target or ()))


@app.command()
def lsp() -> int:
    """Serve an editor on standard input and output: the language server. Exit codes: 0 done, 1 cut off, 2 could not run."""
    from confguard.commands.lsp import run

    return run()


@app.command()
def init(
    path: Annotated[
        Optional[str], typer.Argument(metavar="[PATH]", help="The folder of the project; the working folder by default.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write what is proposed, as one transaction; without it, nothing is written.")
    ] = False,
    schemas: Annotated[
        bool, typer.Option("--schemas", help="Also JSON Schemas of the configs, and in each config the line that shows them to editors.")
    ] = False,
) -> int:
    """Propose a project file from what lies in a folder, and say why. Exit codes: 0 nothing left to write, 1 something, 2 could not run."""
    from confguard.commands.init import run

    return run(path, write, schemas)


@app.command()
def waive(
    key: Annotated[str, typer.Argument(autocompletion=_offers("keys"), help="A key, a dotted path, or a parameter.")],
    because: Annotated[str, typer.Option("--because", metavar="REASON", help="Why it is wanted.")],
    until: Annotated[
        Optional[str], typer.Option("--until", metavar="DATE", help="The last day it holds, YYYY-MM-DD; never ends by default.")
    ] = None,
    by: Annotated[Optional[str], typer.Option("--by", metavar="WHO", help="Who wants it; git's user.name by default.")] = None,
    config: Annotated[
        Optional[str],
        typer.Option("--config", metavar="PATH", help="The file or folder that holds the value; else `current`, else all below."),
    ] = None,
) -> int:
    """Write into the project file that a key's value is wanted as it is today. Exit codes: 0 written, 2 could not be."""
    from confguard.commands.waive import run

    return run(key, because, until, by, config)


@app.command()
def train(
    config: Annotated[str, typer.Argument(autocompletion=_offers("references"), help="The config of the run, or profile:NAME.")],
    sets: Annotated[
        Optional[list[str]],
        typer.Option("--set", metavar="KEY=VALUE", autocompletion=_offers("assignments"), help="Train as if the file said this."),
    ] = None,
    fail_on: Annotated[Level, typer.Option(help="Do not start from this severity on.")] = Level.ERROR,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last whole checkpoint.")] = False,
    seed: Annotated[
        Optional[int], typer.Option(min=0, help="The seed of the weights that are added, of the order of the rows and of sampling.")
    ] = None,
    processes: Annotated[
        Optional[int], typer.Option(min=1, metavar="N", help="How many processes the run has; else as many as devices are named.")
    ] = None,
    launch: Annotated[Optional[str], typer.Option(metavar="torchrun", help="Start the processes with this launcher.")] = None,
    launch_argument: Annotated[
        Optional[list[str]], typer.Option(metavar="ARGUMENT", help="Handed on to the launcher, such as --nnodes=2; repeatable.")
    ] = None,
    target: Annotated[Optional[list[str]], typer.Option(metavar="PACKAGE==X", help="The release to check for; else the project's.")] = None,
) -> int:
    """Check a config, and train it where it holds. Exit codes: 0 done, 1 refused, 2 could not run, 4 the run failed, 130 interrupted."""
    from confguard.commands.aiming import parse_targets
    from confguard.commands.check import parse_set
    from confguard.commands.train import Wanted, parse_launcher, run

    laid_over = tuple(parse_set(item) for item in sets or ())
    options = Options(sets=laid_over, target=parse_targets(target or ()), world_size=processes)
    return run(Wanted(config, options, fail_on.value, seed, resume, *parse_launcher(launch, launch_argument or ())))


@app.command()
def undo(
    path: Annotated[
        Optional[str], typer.Argument(metavar="[PATH]", help="Where to look for the history, and above; the working folder by default.")
    ] = None,
    to: Annotated[Optional[str], typer.Option("--to", metavar="ID", help="Take back this transaction, and all after it.")] = None,
    show_list: Annotated[bool, typer.Option("--list", help="List what can be taken back, newest first.")] = False,
) -> int:
    """Take back what was last written: all its files, or none where one has changed since. Exit codes: 0 taken back, 2 could not be."""
    from confguard.commands.undo import run

    return run(path, to, show_list)


def _codes(options: list[str] | None) -> tuple[str, ...]:
    return tuple(code.strip().upper() for option in options or () for code in option.split(",") if code.strip())
