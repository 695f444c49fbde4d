"""Pages of what an audit finds: what the project's code makes of the keys; the findings are made in `check/audited.py`."""

from __future__ import annotations

from confguard.words.finding import INFO, NEVER, START, WARNING
from confguard.words.rule import Rule

_AUDIT = "confguard audit, docs/audit.md"
_PROJECT = {"confguard.yaml": "code: [train.py]"}
_FILE = """\
model_name_or_path: Qwen/Qwen2.5-1.5B
dataset_name: trl-lib/Capybara
output_dir: runs/sft
learning_rate: 2.0e-4
packing: true"""
_LENGTH = "\nmax_length: 2048"
_READ = 'config["max_length"]'


def _training(first: str = "", *, length: str = "1024") -> str:
    """The code of the examples: it reads every key of the file; what it does first, and which length it takes, is the example."""
    return f"""\
import yaml
from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

config = yaml.safe_load(open("train.yaml"))
{first}args = SFTConfig(
    config["output_dir"],
    learning_rate=config["learning_rate"],
    packing=config["packing"],
    max_length={length},
)
data = load_dataset(config["dataset_name"], split="train")
SFTTrainer(config["model_name_or_path"], args, train_dataset=data).train()"""


PHANTOM = Rule(
    "AUDIT001",
    "phantom-key",
    WARNING,
    NEVER,
    text="""Every key is read by the code that the project names under `code`.

    A key that no code reads can be changed, reviewed and restored, and nothing comes of it. Where the code has a value of its own for it,
    that is the one that trains, and the message says where it stands.""",
    zh="文件中有此键，但没有代码读取它：修改它没有任何效果。",
    source=_AUDIT,
    bad={"train.py": _training(length="1024")},
    good={"train.py": _training(length=_READ)},
    beside=_PROJECT | {"train.yaml": _FILE + _LENGTH},
)

HIDDEN = Rule(
    "AUDIT002",
    "hidden-default",
    INFO,
    NEVER,
    text="""What the code asks for is written in the file.

    Where it is not, the code's own default rules, and nobody who reads the file sees it.""",
    zh="文件中没有此键，由代码自身的默认值决定。",
    source=_AUDIT,
    bad={"train.yaml": _FILE},
    good={"train.yaml": _FILE + _LENGTH},
    beside=_PROJECT | {"train.py": _training(length='config.get("max_length", 1024)')},
)

CONFLICT = Rule(
    "AUDIT003",
    "conflicting-defaults",
    WARNING,
    NEVER,
    text="""The code has one default for a key that the file does not have, wherever it asks for it.

    Two places with different ones are two opinions of one run: where the key is not written, each part of the code goes by its own.""",
    zh="代码在不同位置给文件中没有的同一个键不同的默认值。",
    source=_AUDIT,
    bad={"train.yaml": _FILE},
    good={"train.yaml": _FILE + _LENGTH},
    beside=_PROJECT
    | {"train.py": _training('print("at most", config.get("max_length", 2048), "tokens")\n', length='config.get("max_length", 1024)')},
)

SHADOWED = Rule(
    "AUDIT004",
    "shadowed-key",
    WARNING,
    NEVER,
    text="""What the file says is not overwritten before anything reads it.

    An assignment on every way to the use makes the file's value worth nothing; one under a condition does not break this rule.""",
    zh="该键的值在被读取之前就被代码覆盖。",
    source=_AUDIT,
    bad={"train.py": _training('config["learning_rate"] = 1.0e-5\n')},
    good={"train.py": _training()},
    beside=_PROJECT | {"train.yaml": _FILE},
)

NEEDED = Rule(
    "AUDIT005",
    "missing-for-the-code",
    WARNING,
    START,
    text="""What the code asks for without a default is in the file.

    The code raises where it is not.""",
    zh="代码需要此键且没有默认值，但文件中没有。",
    source=_AUDIT,
    bad={"train.yaml": _FILE},
    good={"train.yaml": _FILE + _LENGTH},
    beside=_PROJECT | {"train.py": _training(length=_READ)},
)

DEAD = Rule(
    "AUDIT006",
    "dead-read",
    INFO,
    NEVER,
    text="""Something is done with what the code reads.

    A value that is only printed, or kept in a field that nothing asks for, has no effect on the run.""",
    zh="代码取了该值，但没有用它做任何事。",
    source=_AUDIT,
    bad={"train.py": _training('print("at most", config["max_length"], "tokens")\n')},
    good={"train.py": _training(length=_READ)},
    beside=_PROJECT | {"train.yaml": _FILE + _LENGTH},
)
