"""The page docs/agreement.md."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from agreement.compare import (
    BOTH,
    CRASHED,
    MISSED,
    NEITHER,
    OF_MACHINE,
    OTHERS,
    OUTCOMES,
    STRICTER,
    Compared,
    agreement,
    explained_miss,
    reason_of_machine,
    unexplained,
)
from agreement.explained import explanation
from agreement.late import SILENT, START, STEP, UNTRIED, Late
from agreement.lines import SUBJECTS
from agreement.mutate import FAMILIES, TRIO, fields_of
from confguard.words import finding as words
from confguard.words.finding import Finding

WHEN = {words.LOAD: "when the file is read", words.START: "at the start", words.FIRST_STEP: "at the first step", words.NEVER: "in silence"}


class Shown(NamedTuple):
    """A finding of a config that the constructor takes, and how its run ended."""

    finding: Finding
    line: str
    late: Late


class Run(NamedTuple):
    """All that was found."""

    seed: int
    found: list[Compared]
    shown: list[Shown]
    seconds: float


def page(run: Run) -> str:
    parts = (_head(run), _verdicts(run), _families(run), _fields(run), _machine(run), _misses(run), _stricter(run), _late(run), _limits())
    return "\n".join(line for part in parts for line in part) + "\n"


def _head(run: Run) -> Iterator[str]:
    share = agreement(run.found)
    alone = [compared for compared in run.found if compared.outcome == STRICTER]
    told = sum(not unexplained(compared) for compared in alone)
    single = [compared for compared in run.found if len(compared.made.changes) == 1]
    yield "<!-- Made by `PYTHONPATH=tests python -m agreement`. Do not edit. -->\n"
    yield "# Agreement with the real constructors\n"
    yield (
        f"{len(run.found):,} random configs of seed {run.seed}, read by confguard and by the libraries themselves: trl {TRIO.trl}, transformers "
        f"{TRIO.transformers}, peft {TRIO.peft}, one process, on the CPU. {datetime.date.today()}, {run.seconds:.0f} s.\n"
    )
    counts = Counter(compared.outcome for compared in run.found)
    yield f"- What the constructor rejects for a reason in the config, confguard rejects: **{share:.2%}** ({counts[BOTH]:,} of {counts[BOTH] + counts[MISSED]:,})."
    yield f"- With one change only, where no other reason can stand in: {agreement(single):.2%} of {_rejected(single):,}."
    yield f"- What confguard rejects and the constructor takes is explained by a late error or a fact: **{told / max(1, len(alone)):.2%}** ({told:,} of {len(alone):,}).\n"
    yield (
        "The libraries' side is the path of `trl <command> --config FILE`: TRL's parser and dataclasses, accelerate's parser for what TRL does not "
        "know, then `get_peft_config` and PEFT's `LoraConfig`. confguard rejects what has at least one finding of severity error.\n"
    )


def _rejected(found: list[Compared]) -> int:
    return sum(compared.outcome in (BOTH, MISSED) for compared in found)


def _verdicts(run: Run) -> Iterator[str]:
    yield "## Verdicts\n"
    yield f"| made for | {' | '.join(OUTCOMES)} | agreement |\n|---|{'---:|' * (len(OUTCOMES) + 1)}"
    for subject in (*SUBJECTS, "all"):
        some = [compared for compared in run.found if subject in (compared.made.subject, "all")]
        yield f"| {subject} | {_cells(some)} | {agreement(some):.2%} |"
    yield ""


def _cells(found: list[Compared]) -> str:
    counts = Counter(compared.outcome for compared in found)
    return " | ".join(f"{counts[outcome]:,}" for outcome in OUTCOMES)


def _families(run: Run) -> Iterator[str]:
    yield "## Families of changes\n"
    yield "A config has one to three changes, so it can count in several rows.\n"
    yield f"| change | configs | {' | '.join(OUTCOMES)} |\n|---|{'---:|' * (len(OUTCOMES) + 1)}"
    for family in FAMILIES:
        some = [compared for compared in run.found if family in compared.made.families]
        yield f"| {family} | {len(some):,} | {_cells(some)} |"
    yield ""


def _fields(run: Run) -> Iterator[str]:
    yield "## Fields\n"
    yield "How many of the fields of a command's dataclasses were written at least once by a change of their value.\n"
    yield "| made for | fields | at their bounds | with a wrong type | well |\n|---|---:|---:|---:|---:|"
    for subject in SUBJECTS:
        names = {field.name for field in fields_of(subject)}
        cells = [len(names & _changed(run, subject, family)) for family in ("bounds", "wrong types", "benign values")]
        yield f"| {subject} | {len(names)} | {' | '.join(map(str, cells))} |"
    yield ""


def _changed(run: Run, subject: str, family: str) -> set[str]:
    changes = (change for compared in run.found if compared.made.subject == subject for change in compared.made.changes)
    return {what.partition(":")[0] for name, what in changes if name == family}


def _machine(run: Run) -> Iterator[str]:
    counts = Counter(reason_of_machine(compared.real) for compared in run.found if compared.outcome == OF_MACHINE)
    yield "## Reasons of the machine\n"
    yield "Rejections that another machine would not give; they count neither way.\n"
    yield "| reason | configs |\n|---|---:|"
    yield from (f"| {why} | {count} |" for why, count in counts.most_common())
    others = sum(compared.outcome == OTHERS for compared in run.found)
    yield (
        f"\n{others} more have a key that another project's script adds to TRL's (`schemas/trl/extensions.py`): the command of TRL refuses it, that "
        "script reads it, and confguard cannot know which of the two is run. They count neither way; as misses they would make the agreement "
        f"{_with_others(run.found):.2%}.\n"
    )


def _with_others(found: list[Compared]) -> float:
    counts = Counter(compared.outcome for compared in found)
    return counts[BOTH] / max(1, counts[BOTH] + counts[MISSED] + counts[OTHERS])


def _misses(run: Run) -> Iterator[str]:
    yield "## Misses\n"
    groups: dict[str, list[Compared]] = defaultdict(list)
    for compared in run.found:
        if compared.outcome in (MISSED, CRASHED):
            groups[compared.crash or explained_miss(compared) or f"NOT EXPLAINED: {compared.real.error}"].append(compared)
    if not groups:
        yield "None.\n"
        return
    yield "| configs | the constructor's words | the change | why |\n|---:|---|---|---|"
    for why, some in sorted(groups.items(), key=lambda item: -len(item[1])):
        first = min(some, key=lambda compared: len(compared.made.changes))
        changes = "; ".join(what for _, what in first.made.changes)
        yield f"| {len(some)} | {_cell(first.real.error + ': ' + first.real.message, 120)} | `{_cell(changes, 90)}` | {why} |"
    yield ""


def _cell(text: str, most: int) -> str:
    text = text.replace("|", "\\|").replace("\n", " ")
    return text if len(text) <= most else text[: most - 1] + "…"


def _stricter(run: Run) -> Iterator[str]:
    yield "## Where confguard is stricter\n"
    yield "What the constructor takes and confguard rejects, by rule and reason.\n"
    groups: dict[tuple[str, str], set[int]] = defaultdict(set)
    times: dict[tuple[str, str], set[str]] = defaultdict(set)
    for number, compared in enumerate(run.found):
        if compared.outcome == STRICTER:
            for finding in compared.errors:
                row = finding.code, explanation(finding) or f"NOT EXPLAINED: {finding.message}"
                groups[row].add(number)
                times[row].add(finding.fails)
    yield "| rule | configs | confguard says that it fails | the late error, or the fact |\n|---|---:|---|---|"
    for (code, why), numbers in sorted(groups.items()):
        when = ", ".join(WHEN[time] for time in WHEN if time in times[code, why])
        yield f"| [{code}](rules.md#{code.lower()}) | {len(numbers)} | {when} | {_cell(why, 300)} |"
    yield ""


def _late(run: Run) -> Iterator[str]:
    yield "## Late errors, run\n"
    yield (
        f"{len(run.shown)} of these configs, each with one change, no two with the same rule and line, were trained for two steps by TRL's own script, with a model of "
        "one layer and eight rows on the CPU. Every base config trains to the end. `silent` is a run that ended well: the rule rests on its "
        "fact, or on what these runs leave out (several processes, vLLM, quantized and large models). `not tried` is one that wanted the network or a "
        "library that is not installed.\n"
    )
    yield f"| rule | at the {START} | in {STEP} | {SILENT} | {UNTRIED} | such as |\n|---|---:|---:|---:|---:|---|"
    by_code: dict[str, list[Shown]] = defaultdict(list)
    for shown in run.shown:
        by_code[shown.finding.code].append(shown)
    for code, some in sorted(by_code.items()):
        stages = Counter(shown.late.stage for shown in some)
        first = next((shown for shown in some if shown.late.stage in (START, STEP)), some[0])
        example = f"`{_cell(first.line, 60)}`: {_cell(first.late.message, 110) or SILENT}"
        yield f"| {code} | {' | '.join(str(stages[stage]) for stage in (START, STEP, SILENT, UNTRIED))} | {example} |"
    yield ""


def _limits() -> Iterator[str]:
    yield "## What this does not show\n"
    yield "- Only one trio of releases, and one process; divisibility with several is in the rules' own tests."
    yield (
        "- The generator and the rules grew together: of the first 6,000 configs 113 were missed, and each miss was mended in confguard or is told of "
        "above. Since then new seeds and new families of changes have found single ones."
    )
    yield "- A config rejected by both may be rejected for two reasons; the share of configs with one change is above."
    yield "- The keys of PEFT's LoraConfig that no command's file has are tried as unknown keys alone."
    yield f"- `{NEITHER}` says nothing of the run: what comes after the constructor is shown only where confguard speaks."
