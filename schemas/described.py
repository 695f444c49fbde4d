"""What is said of a key where a person asks for it in an editor: its meaning, unit, range, default and source, in both languages."""

from __future__ import annotations

from confguard.schemas.migrations.row import Removed, Renamed
from confguard.schemas.parameters import FACTS, PARAMETERS
from confguard.schemas.releases.table import REQUIRED, UNKNOWN, Field
from confguard.schemas.rules.text import GONE, NOT_YET
from confguard.schemas.trl.changes import outdated, removed_of, renamed_of
from confguard.schemas.trl.commands import Command
from confguard.schemas.trl.defaults import history_told
from confguard.schemas.trl.extensions import EXTENSIONS
from confguard.schemas.trl.launch import LAUNCH
from confguard.words.json_schema import Schema
from confguard.words.language import EN, ZH, Said, same
from confguard.words.shape import Key, Known
from confguard.words.spelling import show
from confguard.words.target import Target
from confguard.words.typing import NamedTuple

NOTHING = same("")

SECTIONS = {
    "temperature_schedule": Said(
        "A sampling temperature that goes from `initial` to `final` over its warm-up.", "采样温度在预热期内从 `initial` 变到 `final`。"
    ),
    "generation_config": Said("How the policy samples its completions.", "策略如何采样生成内容。"),
    "reward_system": Said(
        "How answers are graded; its switches belong to the trainer's own reward code.", "如何评分；其中的开关属于训练器自己的奖励代码。"
    ),
    "reward_system.tier_system": Said("A switch of the trainer's own reward code.", "训练器奖励代码自己的开关。"),
    "reward_system.auto_fix": Said("A switch of the trainer's own reward code.", "训练器奖励代码自己的开关。"),
    "reward_system.strict_validation": Said("A switch of the trainer's own reward code.", "训练器奖励代码自己的开关。"),
    "reward_system.fallback": Said("A switch of the trainer's own reward code.", "训练器奖励代码自己的开关。"),
    "checkpointing": Said("Where checkpoints go.", "检查点保存在哪里。"),
    "prompt_optimizer": Said("A part of the trainer that is on or off.", "训练器中可开关的部分。"),
    "prompt_optimizer.enabled": Said("Whether it is on.", "是否启用。"),
    "operator_prompt_enhancer": Said("A part of the trainer that is on or off.", "训练器中可开关的部分。"),
    "operator_prompt_enhancer.enabled": Said("Whether it is on.", "是否启用。"),
    "experience_buffer": Said("Good completions that are kept.", "保留的优质样本。"),
    "wandb": Said("Tracking with Weights & Biases.", "用 Weights & Biases 记录训练。"),
    "wandb.tags": Said("The tags of the run.", "运行的标签。"),
    "wandb.notes": Said("A longer description of the run.", "运行的较长说明。"),
    "wandb.mode": Said("`online`, `offline` or `disabled`.", "`online`、`offline` 或 `disabled`。"),
    "models": Said("The LLMs that workflows may call, by name.", "工作流可调用的大模型，以名字为键。"),
    "models.*": Said("One LLM that workflows call and that judges answers.", "供工作流调用并评判答案的一个大模型。"),
    "models.*.no_proxy": Said("Handed on to the executor's client.", "原样传给执行引擎的客户端。"),
    "models.*.timeout": Said("Handed on to the executor's client.", "原样传给执行引擎的客户端。"),
}
"""The meaning of keys that are no parameter, by path."""


class About(NamedTuple):
    """A key's meaning, and facts by the words of `FACTS`."""

    meaning: Said
    facts: dict[str, Said]


def about(key: Key, path: str, range_: str) -> About:
    """What is known of a key of a kind that has no releases."""
    parameter = PARAMETERS.get(key.parameter or "")
    if parameter is None:
        return About(SECTIONS.get(path, NOTHING), {})
    facts = {"unit": parameter.unit, "range": range_, "default": parameter.default, "source": parameter.source}
    return About(Said(parameter.en, parameter.zh), {name: same(value) for name, value in facts.items() if value})


def about_native(key: Key, name: str, range_: str, command: Command, field: Field | None, target: Target) -> About:
    """What is known of a key of a command: of its own releases, and of what it means anywhere."""
    parameter = PARAMETERS.get(key.parameter or "")
    facts = {"unit": same(parameter.unit if parameter else ""), "range": same(range_)}
    if field is not None:
        facts["default"] = _default(field)
        facts["by release"] = history_told(command, name) or NOTHING
    facts["source"] = _source(name, f"trl-{command.word}", field, target)
    meaning = Said(parameter.en, parameter.zh) if parameter else NOTHING
    if row := outdated(command, name, target):
        advice = _advice(row)
        meaning = Said(f"{meaning.en} Deprecated. {advice.en}".strip(), f"{meaning.zh}已弃用。{advice.zh}")
    return About(meaning, {name: said for name, said in facts.items() if said.en})


def _default(field: Field) -> Said:
    if field.default is UNKNOWN:
        return Said("depends on other packages", "取决于其他软件包")
    return Said("none, a value is needed", "无，必须给出") if field.default is REQUIRED else same(show(field.default))


def _source(name: str, kind: str, field: Field | None, target: Target) -> Said:
    if field is not None:
        return same(f"{field.package} {target.version(field.package)}, {field.owner}")
    for extension in EXTENSIONS:
        if name in extension.keys_of(kind):
            return same(f"{extension.project}, {extension.url}")
    return same("accelerate launch") if name in LAUNCH else NOTHING


def about_former(command: Command, key: str, known: Known) -> About:
    """What became of a key that a release does not have."""
    if known.code == NOT_YET.code:
        return About(Said(refusal(known), NOT_YET.zh), {})
    row = renamed_of(command, key) or removed_of(command, key)
    return About(Said(refusal(known), f"{GONE.zh}{_advice(row).zh if row else ''}"), {})


def refusal(known: Known) -> str:
    """What is known of a key that is refused, and what to do."""
    return f"{known.message}. To do: {known.help.removesuffix('.')}."


def _advice(row: Renamed | Removed) -> Said:
    """What to write instead of a key."""
    if not isinstance(row, Renamed):
        return row.do
    return Said(f"Write `{row.new}`. {row.note.en}", f"改用 `{row.new}`。{row.note.zh}")


def described(about: About, lang: str) -> Schema:
    """The keywords that hold it: plain in one language, and in both for editors that know Markdown."""
    lines = [about.meaning.to(lang), *(f"{FACTS[name].to(lang)}: {said.to(lang)}" for name, said in about.facts.items())]
    languages = (EN, ZH) if lang == EN else (ZH, EN)
    meanings = dict.fromkeys(about.meaning.to(language) for language in languages)
    facts = [f"- {FACTS[name].en} / {FACTS[name].zh}: {said.to(lang)}" for name, said in about.facts.items()]
    both = [part for part in (*meanings, "\n".join(facts)) if part]
    plain = "\n".join(line for line in lines if line)
    return {"description": plain, "markdownDescription": "\n\n".join(both)} if plain else {}
