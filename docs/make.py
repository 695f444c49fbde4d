"""Writes `rules.md`, `parameters.md`, `norms.md`, `derived.md` and `training-keys.md` from the code, which is where they are said.

Run it after a rule, a parameter, a norm or a derived value has changed; a test fails until it was:

    python docs/make.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from confguard.report.explain import paragraphs, rule_blocks
from confguard.schemas.catalogue import CATALOGUE, RULES
from confguard.schemas.derived import DERIVED
from confguard.schemas.effects import EFFECTS, GROUPS
from confguard.schemas.facts import kinds_by_key
from confguard.schemas.norms import NORMS, SOURCE
from confguard.schemas.parameters import PARAMETERS
from confguard.schemas.special import IDENTITY
from confguard.trainer.arrived import BESIDE, WHERE
from confguard.trainer.manifest import MAY_CHANGE
from confguard.words.finding import FIRST_STEP, LOAD, NEVER, START
from confguard.words.rule import Rule
from confguard.words.spelling import show

MADE = "<!-- Made by `python docs/make.py`. Do not edit. -->\n"
FAILS = {
    LOAD: "when the file is read",
    START: "when the trainer starts, after the model was loaded",
    FIRST_STEP: "at the first step",
    NEVER: "at no time: it is silent",
}


ABOUT_PARAMETERS = (
    "Names are TRL's and PEFT's where they have one. Fields of TRL's, transformers' and PEFT's that have no line here are explained by type and by "
    "their default in every release: `confguard explain KEY`.\n"
)


def rules() -> str:
    """The page of all rules."""
    table = [f"| [{rule.code}](#{rule.code.lower()}) | {rule.name} | {rule.severity} |" for rule in RULES.values()]
    parts = [
        MADE,
        "# Rules\n",
        about_rules(),
        "| code | name | severity |\n|---|---|---|\n" + "\n".join(table) + "\n",
        *("\n".join(_rule(rule)) for rule in RULES.values()),
    ]
    return "\n".join(parts)


def about_rules() -> str:
    """What a reader of all rules has to know first."""
    return (
        f"{len(RULES)} rules. Error: the library raises, or arithmetic says that the run cannot do what the file says. Warning: known to hurt, "
        "and waivable. Info: worth knowing. `confguard explain CODE` shows the same page in a terminal, `--lang zh` in Chinese.\n"
    )


def _rule(rule: Rule) -> Iterator[str]:
    yield f'<a id="{rule.code.lower()}"></a>\n\n## {rule.code} {rule.name}\n'
    yield f"{rule.severity.capitalize()}. {failing(rule)}\n"
    for block in rule_blocks(rule, [*paragraphs(rule.text), rule.zh]):
        yield block + "\n"


def failing(rule: Rule) -> str:
    """When the library itself would have failed."""
    return f"The library itself fails {FAILS[rule.fails]}."


def parameters() -> str:
    """The page of all parameters."""
    rows = []
    for parameter in PARAMETERS.values():
        keys = "<br>".join(f"`{key}`" for key in kinds_by_key(parameter.name))
        touching = ", ".join(f"[{rule.code}](rules.md#{rule.code.lower()})" for rule in RULES.values() if parameter.name in rule.about)
        identity = " (identity)" if parameter.name in IDENTITY else ""
        bounds = f"`{parameter.range}`" if parameter.range else ""
        rows.append(
            f"| `{parameter.name}`{identity} | {keys} | {parameter.unit} | {bounds} | {parameter.default} "
            f"| {parameter.en}<br>{parameter.zh} | {parameter.source} | {touching} |"
        )
    head = "| parameter | key | unit | range | default | meaning | source | rules |\n|---|---|---|---|---|---|---|---|\n"
    return f"{MADE}\n# Parameters\n\n{ABOUT_PARAMETERS}\n{head}" + "\n".join(rows) + "\n"


def norms() -> str:
    """The page of published ranges."""
    rows = [
        f"| {row.method} | {row.kind} | {row.parameter} | {row.files} | {show(row.low)} | {show(row.median)} | {show(row.high)} |"
        for row in NORMS
    ]
    head = "| method | kind | parameter | configs | lowest | median | highest |\n|---|---|---|---|---|---|---|\n"
    words = (
        f"Counted over {SOURCE.partition(' (')[0]}: axolotl 257, oumi 155, torchtune 106, LLaMA-Factory 71, alignment-handbook 24, and others; "
        "each file once. Biased to maintained examples. Numbers alone, read from the files. The warm-up ratio is `warmup_ratio`, or "
        "`warmup_steps` by `max_steps`; three files whose warm-up is as long as the run are left out. A value outside a range is no error.\n"
    )
    return f"{MADE}\n# What published configs use\n\n{words}\n{head}" + "\n".join(rows) + "\n"


def derived() -> str:
    """The page of derived values and of effects."""
    values = [
        f"| {item.title.en}<br>{item.title.zh} | {item.unit.en} | {_inputs(item.inputs)} | {item.function.__doc__} | {item.source} |"
        for item in DERIVED
    ]
    told = [
        f"| {GROUPS[item.group].en} | {', '.join(f'`{name}`' for name in item.parameters)} | {item.tell.__doc__} | {item.source.en} |"
        for item in EFFECTS
    ]
    return "\n".join(
        [
            MADE,
            "# Derived values and effects\n",
            "What `confguard diff` works out from several parameters together, and what `confguard report` says follows from a change. "
            "Nothing is said that is not arithmetic on the files or from the source beside it.\n",
            "## Derived values\n",
            "| value | unit | from | what it is | source |\n|---|---|---|---|---|\n" + "\n".join(values) + "\n",
            "## Effects\n",
            "| group | told of | what is told | source |\n|---|---|---|---|\n" + "\n".join(told) + "\n",
        ]
    )


def _inputs(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" if name not in ("recipe", "reference") else name for name in names if name != "recipe")


def training_keys() -> str:
    """The page of what becomes of each key in a training run."""
    shape = CATALOGUE.shape("aflow-training")
    assert shape is not None
    held = [f"| `{shape.names[name]}` | `{name}` | {where} |" for name, (where, _, _) in WHERE.items()]
    beside = [f"| `{shape.names.get(name, name)}` | {how} |" for name, how in BESIDE.items()]
    changes = [f"| `{shape.names[name]}` | {why} |" for name, why in MAY_CHANGE.items()]
    return "\n".join(
        [
            MADE,
            "# What becomes of each key of `aflow-training`\n",
            "`confguard train` compares the first table with the trainer that was built, key by key, before the first step; a test holds that "
            "no key of the kind is missing from the first two.\n",
            "## Read from the trainer\n",
            "| key | parameter | where it lies |\n|---|---|---|\n" + "\n".join(held) + "\n",
            "## Beside it\n",
            "| key | how it is honoured |\n|---|---|\n" + "\n".join(beside) + "\n",
            "## What a resumed run may change\n",
            "Anything else would be another run and is refused; more steps than before are the same run.\n",
            "| key | because it is only |\n|---|---|\n" + "\n".join(changes) + "\n",
        ]
    )


PAGES = {
    "rules.md": rules,
    "parameters.md": parameters,
    "norms.md": norms,
    "derived.md": derived,
    "training-keys.md": training_keys,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (Path(__file__).parent / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
