"""Pages of what the readers and the shapes find; the finding itself is made where the file is read, not by a rule function."""

from __future__ import annotations

from confguard.words.finding import ERROR, INFO, LOAD, NEVER, START, WARNING
from confguard.words.rule import Rule

_SAFE_LOAD = "PyYAML 6.0.3, safe_load, run"
_SFT = """\
model_name_or_path: Qwen/Qwen2.5-1.5B
dataset_name: trl-lib/Capybara
output_dir: runs/sft
learning_rate: 2.0e-4
packing: true
"""
"""A small config for `trl sft`, to which the examples add a key."""
_EXECUTOR = "models:\n  gpt-4o-mini:\n    api_type: %s\n    base_url: http://localhost:8000/v1\n    max_tokens: 4096"
_COMPARED = 'references: {reference: "profile:reference"}'
_WAIVER = (
    _COMPARED
    + """
waivers:
  - parameter: lora_rank
    value: %s
    reason: the adapters have to fit our 24 GB cards
    by: ann
    expires: never"""
)

SYNTAX = Rule(
    "YAML001",
    "not-yaml",
    ERROR,
    LOAD,
    text="""The file is YAML: no tab in its indentation, no bracket left open, no character that YAML forbids, no value that a reader dies on.

    PyYAML raises at the first of them, so there is never more than one.""",
    zh="文件不是合法的 YAML。",
    source=_SAFE_LOAD,
    bad="max_steps: [500",
    good="max_steps: 500",
)

DUPLICATE = Rule(
    "YAML002",
    "duplicate-key",
    ERROR,
    NEVER,
    text="""A key is written once in its mapping.

    Of two equal keys PyYAML keeps the last, in silence, so the value that a reviewer sees first is not the one that trains. A key with the
    same value both times is YAML012.""",
    zh="同一个键写了两次：PyYAML 静默保留最后一个。",
    source=_SAFE_LOAD,
    bad="max_steps: 500\nmax_steps: 600",
    good="max_steps: 500",
)

REPEATED = Rule(
    "YAML012",
    "key-repeated",
    INFO,
    NEVER,
    text="""A key is written once in its mapping, even where it has the same value each time.

    The run is the same; whoever changes the first of the two changes nothing, since PyYAML keeps the last. ruamel.yaml refuses the file.""",
    zh="同一个键写了两次，值相同：运行不受影响，但只改前一个不会生效。",
    source=_SAFE_LOAD + "; ruamel.yaml 0.19.1: DuplicateKeyError, run",
    bad="max_steps: 500\nmax_steps: 500",
    good="max_steps: 500",
)

DOCUMENTS = Rule(
    "YAML003",
    "several-documents",
    ERROR,
    LOAD,
    text="""The file holds one YAML document. safe_load raises at the second.""",
    zh="文件中有多个 YAML 文档。",
    source=_SAFE_LOAD,
    bad="max_steps: 500\n---\na: 1",
    good="max_steps: 500",
)

NO_MAPPING = Rule(
    "YAML004",
    "no-mapping",
    ERROR,
    LOAD,
    text="""The file is a mapping of keys to values.""",
    zh="文件的根不是映射。",
    source="every trainer asks the file for keys",
    bad={"runs/sft.yaml": "- model_name_or_path: Qwen/Qwen2.5-1.5B\n- dataset_name: trl-lib/Capybara\n- output_dir: runs/sft"},
    good={"runs/sft.yaml": "model_name_or_path: Qwen/Qwen2.5-1.5B\ndataset_name: trl-lib/Capybara\noutput_dir: runs/sft"},
    beside={"confguard.yaml": 'files: {"runs/*.yaml": trl-sft}'},
)

ENCODING = Rule(
    "YAML005",
    "not-utf-8",
    ERROR,
    LOAD,
    text="""The file is UTF-8, with or without a byte order mark.

    One comment that an editor saved in GBK is enough: PyYAML raises at its first byte that is no UTF-8.""",
    zh="文件不是 UTF-8 编码：哪怕只有一条注释被存成 GBK，PyYAML 也会报错。",
    source=_SAFE_LOAD,
    bad={"config/training.yaml": b"learning_rate: 2.0e-5   # \xb7\xe5\xd6\xb5"},  # in GBK; its codec would be loaded by every check
    good={"config/training.yaml": "learning_rate: 2.0e-5   # 峰值"},
)

LOOK_ALIKE = Rule(
    "YAML006",
    "look-alike-key",
    ERROR,
    NEVER,
    text="""No key imitates another one with letters of another alphabet, full-width forms or invisible characters.

    `learn\u0456ng_rate` with a Cyrillic letter is a key of its own that nothing reads; it loads without a word.""",
    zh="键名中含有形似的其他字母或不可见字符：没有代码会读取它。",
    source=_SAFE_LOAD + "; Unicode Technical Standard 39",
    bad="max_stеps: 600",
    good="max_steps: 600",
)

LIMITS = Rule(
    "YAML007",
    "hostile",
    ERROR,
    NEVER,
    text="""The file stays within what a config ever holds: size, lines, depth, values, aliases that do not run in circles.

    Past these limits lie files that make a reader hang or die. They reject none of 767 published training configs.""",
    zh="文件超出了配置文件的合理限度（大小、深度、别名展开）。",
    source="59 of 64 hostile files and none of 767 published configs are past the limits",
    bad="max_steps: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    good="max_steps: 500",
)

TAG = Rule(
    "YAML008",
    "unknown-tag",
    ERROR,
    LOAD,
    text="""No value has a tag that a safe reader does not know, such as `!!python/object` or `!include`.""",
    zh="值带有安全读取器不认识的标签。",
    source=_SAFE_LOAD,
    bad="max_steps: !!python/int 500",
    good="max_steps: 500",
)

MERGE = Rule(
    "YAML009",
    "merge-key",
    INFO,
    NEVER,
    text="""A merge key (`<<`) is read as PyYAML and ruamel.yaml read it: keys that are written win over those that are merged in.

    YAML 1.2 dropped merge keys, and an edit cannot change what comes through one.""",
    zh="使用了合并键（<<），YAML 1.2 已不再支持。",
    source="YAML 1.1, https://yaml.org/type/merge.html",
    bad="wandb: &w\n  enabled: true\nprompt_optimizer:\n  <<: *w",
    good="prompt_optimizer:\n  enabled: true",
)

STRING_NUMBER = Rule(
    "YAML010",
    "number-read-as-string",
    ERROR,
    START,
    text="""A number is read as a number.

    YAML 1.1, which PyYAML reads, wants a dot in a number with an exponent: `2e-5` is a string, and AdamW raises TypeError at it. Quotes make
    a string of any number.""",
    zh="数字被读成了字符串：YAML 1.1 要求指数写法带小数点（2.0e-5）。",
    source=_SAFE_LOAD + "; torch 2.13.0, AdamW(lr='2e-5'): TypeError, run",
    bad="learning_rate: 2e-5",
    good="learning_rate: 2.0e-5",
)

DISAGREE = Rule(
    "YAML011",
    "readers-disagree",
    INFO,
    NEVER,
    text="""A plain value means the same to YAML 1.1 and to YAML 1.2 readers.

    `010` is 8 for one and 10 for the other; `yes` is true or a string; `1:30` is 90 or a string.""",
    zh="YAML 1.1 与 1.2 对该值的解读不同。",
    source="PyYAML 6.0.3 and ruamel.yaml 0.19.1, run",
    bad="bf16: yes",
    good="bf16: true",
)

MISSING = Rule(
    "SCHEMA001",
    "missing-key",
    ERROR,
    START,
    text="""The keys that the trainer cannot do without are there.""",
    zh="缺少必需的键。",
    source="the mission's trainer asks for them by name",
    bad="temperature_schedule:\n  enabled: false\ngeneration_config:\n  max_tokens: 4096",
    good="temperature_schedule:\n  enabled: false\ngeneration_config:\n  max_tokens: 4096\n  temperature: 0.5",
)

UNKNOWN = Rule(
    "SCHEMA002",
    "unknown-key",
    WARNING,
    NEVER,
    text="""Every key is one that this kind of file has, in the section where it is read.

    A misspelt or misplaced key is valid YAML that nothing reads. Keys of your own go under extension_keys in confguard.yaml.""",
    zh="未知的键：没有代码会读取它。可在 confguard.yaml 的 extension_keys 中声明。",
    source="the mission's trainer; unsloth#10452, TRL#3543",
    bad="warmup_step: 100",
    good="warmup_steps: 100",
)

TYPE = Rule(
    "SCHEMA003",
    "wrong-type",
    ERROR,
    START,
    text="""A value has the type that its key wants: a string is no number, a number no string, a list no value.""",
    zh="值的类型不对。",
    source="Pydantic in strict mode",
    bad="max_steps: many",
    good="max_steps: 500",
)

CHOICE = Rule(
    "SCHEMA004",
    "not-a-choice",
    ERROR,
    START,
    text="""A value that is a choice is one of the choices.""",
    zh="值不在允许的选项之内。",
    source="the mission's executor: openai, azure, anthropic, local",
    bad={"config/aflow_llm.yaml": _EXECUTOR % "vllm"},
    good={"config/aflow_llm.yaml": _EXECUTOR % "local"},
)

NEAR_MISS = Rule(
    "SCHEMA005",
    "misnamed-needed-key",
    ERROR,
    START,
    text="""A needed key is there under its own name, in its own section.

    It is said once: the key that was meant, where it stands, instead of one finding for the missing key and one for the unknown.""",
    zh="必需的键拼写错误或放错了位置。",
    source="as SCHEMA001 and SCHEMA002",
    bad="temperature_schedule:\n  enabled: false\ngeneration_config:\n  max_tokens: 4096\n  temprature: 0.5",
    good="temperature_schedule:\n  enabled: false\ngeneration_config:\n  max_tokens: 4096\n  temperature: 0.5",
)

FINITE = Rule(
    "SCHEMA006",
    "not-finite",
    ERROR,
    NEVER,
    text="""A number is finite. AdamW accepts `.inf` as a learning rate and trains nonsense.""",
    zh="数值不是有限数。",
    source="torch 2.13.0, AdamW(lr=inf) is accepted, run",
    bad="learning_rate: .inf",
    good="learning_rate: 2.0e-5",
)

UNRECOGNISED = Rule(
    "SCHEMA007",
    "unrecognised-argument",
    ERROR,
    LOAD,
    text="""Every key of a native file is a field of one of the dataclasses that its command parses.

    `trl grpo --config` and its like end with `unrecognized arguments`. A script under `accelerate launch` that lets unknown keys pass trains
    without them, in silence: a file with two misspelt keys trained with no warm-up and the default learning rate.""",
    zh="`trl ... --config` 不认识的键：命令会报错退出；用 accelerate 启动的脚本则可能默默忽略它。",
    source="TRL 1.16.0, scripts/utils.py:354, run; TrlParser with return_remaining_strings, run",
    bad={"train.yaml": _SFT + "warmup_step: 100"},
    good={"train.yaml": _SFT + "warmup_steps: 100"},
)

LOOSE = Rule(
    "SCHEMA008",
    "another-type-that-works",
    WARNING,
    NEVER,
    text="""A value has the type of its key, even where the library would do with another one.

    TRL hands on what is no string without a look: 1 for a boolean does what true does, and 8.0 for an integer does until something counts
    with it.""",
    zh="类型不符，但库会照用：例如布尔值写成 1，整数写成 8.0。",
    source="TRL 1.16.0, scripts/utils.py: values that are no strings become argparse defaults unchecked, run",
    bad={"train.yaml": _SFT + "bf16: 1"},
    good={"train.yaml": _SFT + "bf16: true"},
)

GONE = Rule(
    "RELEASE001",
    "key-gone",
    ERROR,
    LOAD,
    text="""A key exists in the release that the file is checked for.

    What became of it, and since when, is read from the published packages (docs/releases.md). `--target trl==X` checks for another release.""",
    zh="该键在目标版本中已被移除或改名。",
    source="the fields of every published minor of TRL, transformers and PEFT (docs/releases.md)",
    bad={"train.yaml": _SFT + "max_seq_length: 2048"},
    good={"train.yaml": _SFT + "max_length: 2048"},
    flags="--target trl==1.16.0",
)

NOT_YET = Rule(
    "RELEASE002",
    "key-not-there-yet",
    ERROR,
    LOAD,
    text="""A key exists in the release that the file is checked for, not only in a later one.""",
    zh="该键在目标版本中还不存在，之后的版本才有。",
    source="the fields of every published minor of TRL, transformers and PEFT (docs/releases.md)",
    bad={"requirements.txt": "trl==0.18.0\ntransformers==4.52.4"},
    good={"requirements.txt": "trl==0.19.1\ntransformers==4.52.4"},
    beside={"train.yaml": _SFT + "packing_strategy: wrapped"},
)

LAPSED = Rule(
    "WAIVE001",
    "waiver-lapsed",
    WARNING,
    NEVER,
    text="""A waiver holds for one value and until its date; then the difference counts again.""",
    zh="豁免已失效：值已改变或已过期。",
    source="a wish for one value is no wish for another",
    bad={"confguard.yaml": _WAIVER % 32},
    good={"confguard.yaml": _WAIVER % 16},
    beside={"config/training.yaml": "lora_rank: 16\nlora_alpha: 16"},
)

NOT_NEEDED = Rule(
    "WAIVE002",
    "waiver-unused",
    WARNING,
    NEVER,
    text="""A waiver that nothing needs is removed, so that those that are left mean something.""",
    zh="豁免未被用到。",
    source="trivy#1758, RUF100: unused suppressions",
    bad={"confguard.yaml": _WAIVER % 32},
    good={"confguard.yaml": _COMPARED},
    beside={"config/training.yaml": "lora_rank: 64\nlora_alpha: 64"},
)

IGNORE_UNUSED = Rule(
    "WAIVE003",
    "ignore-unused",
    WARNING,
    NEVER,
    text="""An ignore comment silences a finding on its line; one that silences nothing is removed.""",
    zh="忽略注释没有作用。",
    source="ruff RUF100",
    bad="max_steps: 500  # confguard: ignore[SCHED007] because",
    good="max_steps: 500",
)

IGNORE_BARE = Rule(
    "WAIVE004",
    "ignore-without-reason",
    WARNING,
    NEVER,
    text="""An ignore comment names its rules and says why; otherwise it does nothing.""",
    zh="忽略注释必须写明规则和理由。",
    source="eslint and trivy: a suppression nobody explains becomes permanent",
    bad="learning_rate: 1.0e-4  # confguard: ignore[BATCH006]",
    good="learning_rate: 2.0e-5",
)
