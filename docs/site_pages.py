"""The pages of the site that are made of the code when it is built: one a rule, one a parameter, one a command, and their indexes.

Each is plain Markdown by its path below `docs/`; `docs/hook.py` hands them to MkDocs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from make import ABOUT_PARAMETERS, about_rules, failing
from tried import TRAINING, WHOLE, asked, checked, file_of

from confguard import __main__ as program
from confguard.checking.pipeline import Report
from confguard.cli import app
from confguard.report.explain import example_blocks, paragraphs, source_block
from confguard.report.text import text
from confguard.schemas.catalogue import RULES
from confguard.schemas.facts import kinds_by_key
from confguard.schemas.loss_terms import LOSS_TERMS
from confguard.schemas.norms import NORMS, SOURCE
from confguard.schemas.parameters import PARAMETERS, Parameter
from confguard.schemas.special import IDENTITY
from confguard.schemas.trl.defaults import defaults_of
from confguard.words.rule import Rule
from confguard.words.spelling import show

HERE = Path(__file__).parent
COLUMNS = 88
"""Of what a terminal shows on a page: as many as fit beside the navigation."""
NO_CONTENTS = "---\nhide: [toc]\n---\n"
"""A short page needs no table of contents; its text has the width."""


def pages() -> dict[str, str]:
    """All pages that are made, by their path below `docs/`."""
    made = {"rules.md": rules_index(), "parameters.md": parameters_index(), "commands/index.md": commands_index()}
    rules = list(RULES.values())
    made |= {
        rule_path(rule): "\n".join(rule_page(rule, before, after))
        for before, rule, after in zip([None, *rules], rules, [*rules[1:], None], strict=False)
    }
    made |= {parameter_path(name): "\n".join(parameter_page(parameter)) for name, parameter in PARAMETERS.items()}
    made |= {f"commands/{name}.md": "\n".join(command_page(name, command)) for name, command in commands().items()}
    return made


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *(list(row) for row in rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def filtered(by: str, made: str) -> str:
    """A table whose rows `assets/site.js` lets one choose from, by the columns that are named."""
    return f'<div class="filtered" data-by="{by}" markdown>\n\n{made}\n</div>\n'


def chinese(words: str) -> str:
    """A paragraph that is set as Chinese is."""
    return f'<div lang="zh" markdown>\n\n{words}\n\n</div>\n'


def badge(severity: str) -> str:
    """A severity as it is shown."""
    return f'<span class="severity {severity}">{severity}</span>'


# Rules


def rule_path(rule: Rule) -> str:
    """Where the page of a rule lies."""
    return f"rules/{rule.code.lower()}.md"


def topic_of(rule: Rule) -> str:
    """The letters of a rule's code, which select its topic."""
    return rule.code.rstrip("0123456789")


def rules_index() -> str:
    """All rules, with links."""
    rows = (
        [f'<a id="{rule.code.lower()}"></a>[{rule.code}]({rule_path(rule)})', rule.name, topic_of(rule), badge(rule.severity)]
        for rule in RULES.values()
    )
    return f"{NO_CONTENTS}# Rules\n\n{about_rules()}\n" + filtered("topic severity", table(["code", "name", "topic", "severity"], rows))


def rule_page(rule: Rule, before: Rule | None, after: Rule | None) -> Iterator[str]:
    """All there is to know of a rule."""
    yield f"{NO_CONTENTS}# {rule.code} {rule.name}\n"
    yield f"[Rules](../rules.md) / [{topic_of(rule)}](../rules.md?topic={topic_of(rule)})\n"
    yield f"{badge(rule.severity)} {failing(rule)}\n"
    yield from (paragraph + "\n" for paragraph in paragraphs(rule.text))
    yield chinese(rule.zh)
    yield from (block + "\n" for block in example_blocks(rule))
    yield from _said_of(rule)
    yield source_block(rule) + "\n"
    yield from _kinds_of(rule)
    yield from _shared(rule)
    yield _beside(before, after)


def _said_of(rule: Rule) -> Iterator[str]:
    """What a check says of the bad example today."""
    chosen, report = _checked_for(rule)
    said = ["".join(part for _, part in line).rstrip() for line in text(report, COLUMNS)]
    yield f"What `confguard check` says of the bad example{_laid_over(rule)}:\n"
    yield "\n".join(["```console", " ".join(["$ confguard check", *chosen, *asked(rule)]), *said, "```\n"])


def _laid_over(rule: Rule) -> str:
    """What an example is laid over, as a sentence goes on with it; of files by path it says which."""
    if isinstance(rule.bad, str):
        return f", laid over {_whole(file_of(rule))}"
    laid = [path for path in (*rule.bad, *rule.beside) if path in WHOLE]
    return "".join(f", its `{path}` laid over {_whole(path)}" for path in laid)


def _whole(path: str) -> str:
    """The whole config that lines of a path are laid over."""
    whole = WHOLE[path]
    of_profile = whole.parent == WHOLE[TRAINING].parent
    return "[the reference profile](../profiles.md)" if of_profile else f"a small file of the kind `{whole.stem}`"


def _checked_for(rule: Rule) -> tuple[list[str], Report]:
    """A check for one rule alone; for all, where the rule is about what others find."""
    alone = checked(rule, rule.bad, (rule.code,))
    return (["--select", rule.code], alone) if alone.findings else ([], checked(rule, rule.bad))


def _kinds_of(rule: Rule) -> Iterator[str]:
    if rule.kinds:
        yield f"Speaks of files of the kinds {_codes(rule.kinds)}.\n"


def _shared(rule: Rule) -> Iterator[str]:
    """The parameters that a rule is about, and what other rules say of each."""
    named = [name for name in rule.about if name in PARAMETERS]
    if named:
        rows = ([_parameter(name), _rules(other for other in about(name) if other is not rule)] for name in named)
        yield "## Parameters\n"
        yield table(["parameter", "other rules about it"], rows)


def about(parameter: str) -> list[Rule]:
    """The rules about a parameter."""
    return [rule for rule in RULES.values() if parameter in rule.about]


def _rules(rules: Iterable[Rule]) -> str:
    return ", ".join(f'[{rule.code}](../{rule_path(rule)} "{rule.name}")' for rule in rules)


def _beside(before: Rule | None, after: Rule | None) -> str:
    """The way on, and back to all."""
    links = [f"[{rule.code} {rule.name}](../{rule_path(rule)})" if rule else "" for rule in (before, after)]
    return (
        f'<nav class="beside" markdown>\n{links[0] or "<span></span>"}\n[all rules](../rules.md)\n{links[1] or "<span></span>"}\n</nav>\n'
    )


# Parameters


def parameter_path(name: str) -> str:
    """Where the page of a parameter lies."""
    return f"parameters/{name}.md"


def _parameter(name: str) -> str:
    return f"[`{name}`](../{parameter_path(name)})"


def parameters_index() -> str:
    """All parameters, with links."""
    rows = (
        [
            "<br>".join([f"[`{parameter.name}`]({parameter_path(parameter.name)})", *_other_keys(parameter.name)]),
            f'{parameter.en}<br><span lang="zh">{parameter.zh}</span>',
        ]
        for parameter in PARAMETERS.values()
    )
    return f"{NO_CONTENTS}# Parameters\n\n{ABOUT_PARAMETERS}\n" + filtered("", table(["parameter and its keys", "meaning"], rows))


def _other_keys(name: str) -> Iterator[str]:
    """The keys that are not called as the parameter is."""
    return (f"`{key}`" for key in kinds_by_key(name) if key != name)


def parameter_page(parameter: Parameter) -> Iterator[str]:
    """All there is to know of a parameter."""
    name = parameter.name
    yield f"{NO_CONTENTS}# `{name}`\n\n[Parameters](../parameters.md)\n\n{parameter.en}\n"
    yield chinese(parameter.zh)
    yield from _facts(parameter)
    keys = kinds_by_key(name)
    yield "## Keys\n"
    yield table(["key", "kinds of file"], ([f"`{key}`", _codes(kinds)] for key, kinds in keys.items()))
    yield from _defaults(keys)
    yield from _loss(name)
    yield from _published(name)
    if rules := about(name):
        yield "## Rules\n"
        yield table(
            ["code", "name", "severity"],
            ([f"[{rule.code}](../{rule_path(rule)})", rule.name, badge(rule.severity)] for rule in rules),
        )


def _facts(parameter: Parameter) -> Iterator[str]:
    facts = [
        ("unit", parameter.unit),
        ("range", f"`{parameter.range}`" if parameter.range else ""),
        ("default", parameter.default),
        ("names a run or a machine", "never counted as drift" if parameter.name in IDENTITY else ""),
        ("source", parameter.source),
    ]
    yield "".join(f"- {label}: {value}\n" for label, value in facts if value)


def _defaults(keys: Iterable[str]) -> Iterator[str]:
    """The default of each key in every release."""
    found = [(key, row) for key in keys for row in defaults_of(key)]
    if found:
        yield "## Default by release\n"
        yield table(["key", "kinds of file", "default (since)"], ([f"`{key}`", _codes(row.kinds), row.said.en] for key, row in found))


def _loss(name: str) -> Iterator[str]:
    terms = [term for term in LOSS_TERMS if term.parameter == name]
    if terms:
        yield "## In the loss\n"
    for kinds, of_kinds in groupby(terms, key=lambda term: term.kinds):
        yield f"Of {_codes(kinds)}:\n"
        for term in of_kinds:
            yield f'- {term.said.en}<br><span lang="zh">{term.said.zh}</span><br><small>{term.source}</small>\n'


def _published(name: str) -> Iterator[str]:
    rows = [row for row in NORMS if row.parameter == name]
    if rows:
        yield "## What published configs use\n"
        yield table(
            ["method", "training", "configs", "lowest", "median", "highest"],
            ([row.method, row.kind, str(row.files), show(row.low), show(row.median), show(row.high)] for row in rows),
        )
        yield f"[{SOURCE.partition(' (')[0]}](../norms.md).\n"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


# Commands


def commands() -> dict[str, Any]:
    """The commands of the program as typer knows them, which is all that `--help` shows."""
    from typer.main import get_command

    found: dict[str, Any] = getattr(get_command(app), "commands", {})
    return found


def commands_index() -> str:
    """All commands, and what each exit code means."""
    rows = ([f"[`confguard {name}`]({name}.md)", _split_help(command)[0]] for name, command in commands().items())
    codes = _exit_codes(str(program.main.__doc__).rpartition("exit: ")[2])
    return f"# Commands\n\n{table(['command', 'what it does'], rows)}\n## Exit codes\n\n{codes}"


def command_page(name: str, command: Any) -> Iterator[str]:
    """A command, as its own help has it."""
    help_, codes = _split_help(command)
    shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    arguments = [parameter for parameter in shown if parameter.param_type_name == "argument"]
    options = [parameter for parameter in shown if parameter.param_type_name == "option" and "--help" not in parameter.opts]
    yield f"# confguard {name}\n\n{help_}\n"
    usage = " ".join(["confguard", name, *(["[OPTION]..."] if options else []), *(_written(argument) for argument in arguments)])
    yield f"```sh\n{usage}\n```\n"
    if arguments:
        yield "## Arguments\n"
        yield table(["argument", "meaning"], ([f"`{_written(item)}`", item.help or ""] for item in arguments))
    if options:
        yield "## Options\n"
        yield table(["option", "meaning"], (_option(option) for option in options))
    if codes:
        yield f"## Exit codes\n\n{codes}"
    yield from _told_in(name)


def _told_in(name: str) -> Iterator[str]:
    """The pages that show a command, and how it is called."""
    called = re.compile(rf"(?m)^(?:\$ )?confguard {name}\b")
    told = [page for page in sorted(HERE.rglob("*.md")) if called.search(page.read_text(encoding="utf-8"))]
    if told:
        yield "## See it at work\n"
        yield "".join(f"- [{_title(page)}](../{page.relative_to(HERE).as_posix()})\n" for page in told)


def _title(page: Path) -> str:
    return next(line[2:] for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("# "))


def _written(argument: Any) -> str:
    """An argument as a usage line has it."""
    word = argument.metavar or argument.name.upper()
    return word if argument.required or word.startswith("[") else f"[{word}]"


def _option(option: Any) -> list[str]:
    """An option with its values, and what it means, with its default."""
    names = [f"`{name}`" for name in [*option.opts, *option.secondary_opts]]
    choices = [f"`{getattr(choice, 'value', choice)}`" for choice in getattr(option.type, "choices", ())]
    value = "" if option.is_flag else ", ".join(choices) or f"`{option.metavar or option.type.name.upper()}`"
    notes = [note for note, holds in (("required", option.required), ("repeatable", option.multiple)) if holds]
    default = None if option.is_flag or not isinstance(option.default, (str, int)) else getattr(option.default, "value", option.default)
    said = [option.help or "", "" if default is None else f"Default: `{default}`."]
    return ["<br>".join([*names, *filter(None, [value, *notes])]), " ".join(filter(None, said))]


def _split_help(command: Any) -> tuple[str, str]:
    """What a command does, and a table of its exit codes."""
    words = " ".join(str(command.help).split())
    does, _, codes = words.partition(" Exit codes: ")
    return does, _exit_codes(codes) if codes else ""


def _exit_codes(words: str) -> str:
    """`0 clean, 1 findings.` as a table."""
    return table(["exit code", "meaning"], re.findall(r"(\d+) (.*?)(?:, (?=\d)|\.?$)", words.rstrip(".")))
