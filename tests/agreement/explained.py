"""Why the two verdicts differ where they do: reasons of the machine, misses, and errors that come after the constructor."""

from __future__ import annotations

import re
from typing import NamedTuple

from confguard.schemas.catalogue import RULES
from confguard.words.finding import LOAD, Finding

MACHINE: tuple[tuple[str, str], ...] = (
    (r"Your setup doesn't support bf16/gpu", "bf16 asks for a GPU where use_cpu is off"),
    (r"--tf32 requires Ampere", "tf32 asks for a GPU of a kind"),
    (r"The 'deepspeed.*distribution was not found", "deepspeed is not installed"),
    (r"FileNotFoundError: .*No such file or directory|OSError: .*File name too long", "a file that the config names is not there"),
    (r"Accelerate config .* is neither a file", "a file that the config names is not there, nor has TRL one of that name"),
)
"""What a rejection's message looks like whose reason is the machine or its files, and what it asks for."""


class Miss(NamedTuple):
    """A known miss: the constructor's words, the lines of the file, and why confguard does not reject it."""

    message: str
    text: str
    why: str


MISSES: tuple[Miss, ...] = ()


class Explained(NamedTuple):
    """A late error or a fact that stands for what confguard rejects and the constructor takes."""

    code: str
    key: str
    """A pattern that the whole key fits."""
    why: str

    def speaks_of(self, finding: Finding) -> bool:
        return finding.code == self.code and re.fullmatch(self.key, finding.key or "") is not None


_UNCHECKED = "TRL's parser converts strings; any other value goes unchecked to the code that uses it (facts of TRL, run)"
EXPLAINED: tuple[Explained, ...] = (
    Explained("YAML002", ".*", "PyYAML keeps the last of two equal keys in silence: what is read first is not what trains (run)"),
    Explained("SCHEMA003", ".*", f"{_UNCHECKED}: it raises where it is first used, or is taken for something else"),
    Explained("SCHEMA006", ".*", "a number that is not finite: some are refused at the first step, others train nonsense in silence"),
    Explained("YAML010", ".*", "a number with its unit or its letters in another type: what uses it gets a string"),
    Explained("SCHEMA004", "dtype", "ValueError at the start: Invalid `dtype` passed to the config"),
    Explained("SCHEMA004", "loss_type", "ValueError at the trainer's start: Invalid `loss_type` passed"),
    Explained("SCHEMA004", "packing_strategy", "ValueError at the trainer's start, where it packs: Invalid packing strategy"),
    Explained("SCHEMA004", "truncation_mode", "ValueError at the start, or at DPO's first batch: Unsupported truncation mode"),
    Explained(
        "SCHEMA004", "dataloader_multiprocessing_context", "ValueError of torch's DataLoader at the first step, with worker processes"
    ),
    Explained("SCHEMA004", "bnb_4bit_quant_type", "refused by bitsandbytes when it loads the model with load_in_4bit"),
    Explained(
        "SCHEMA004",
        "train_sampling_strategy",
        "no error at all: what is none of the choices is random sampling, in silence (transformers, trainer.py)",
    ),
    Explained("SCHEMA004", "pad_to_multiple_of", f"{_UNCHECKED}: no length is a multiple of it"),
    Explained(
        "SCHEMA007",
        "gradient-accumulation-steps",
        "`accelerate launch` takes the key with dashes for its own; the trainer goes on with its default (run)",
    ),
    Explained(
        "SCHEMA004",
        "log_level(_replica)?",
        "KeyError at the trainer's start: both are looked up by name (transformers, training_args.py; run)",
    ),
    Explained("SCHEMA004", "ddp_backend", "with one process the constructor refuses any; with several, torch refuses an unknown one"),
    Explained("SCHEMA004", "debug", "TypeError at the first step: only a list of options or one option is looked into"),
)
"""For what is found where a file is read; the rules say it themselves."""


def explanation(finding: Finding) -> str | None:
    """The late error or the fact that a finding rests on; None where there is none.

    A rule names its own, with the release and the line where it was read or run. One that says that the file is refused when it is read
    is no explanation: the constructor has taken the file.
    """
    row = next((row for row in EXPLAINED if row.speaks_of(finding)), None)
    if row is not None:
        return row.why
    rule = RULES.get(finding.code)
    return rule.source if rule is not None and rule.is_judged and finding.fails != LOAD and rule.source else None
