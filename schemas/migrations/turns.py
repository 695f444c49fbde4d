"""The rewrites that several tables share, and the sentences that go with them. What one row alone needs stands in its table."""

from __future__ import annotations

from confguard.schemas.migrations.row import Config, Keys, Turn
from confguard.words.language import Said
from confguard.words.typing import Any

SAME = Said("The value stays as it is.", "值不变。")
NULL_IS_NOTHING = Said("The value stays as it is; null means that nothing was given.", "值不变；null 表示未给出。")
ON_ONLY = Said("Where it is false, nothing takes its place.", "值为 false 时无需替代项。")
DROP = Said("Drop it: nothing read it.", "删除即可：没有代码读取它。")
FREE_OF_PROMPTS = Said(
    "Drop prompts that are longer from the dataset before training. With vLLM, set `vllm_max_model_length` to the longest prompt plus "
    "`max_completion_length`.",
    "训练前从数据集中去掉过长的提示；使用 vLLM 时，把 `vllm_max_model_length` 设为最长提示加 `max_completion_length`。",
)


def unless_null(new: str) -> Turn:
    """A key for which null stood for: not given."""

    def turn(value: Any, _: Config) -> Keys:
        return {} if value is None else {new: value}

    return turn


def on(**keys: Any) -> Turn:
    """A switch that is spoken of by other keys where it is on, and by nothing where it is off."""

    def turn(value: Any, _: Config) -> Keys | None:
        return dict(keys) if value is True else {} if value in (False, None) else None

    return turn


def is_given(value: Any, _: Config) -> bool:
    """Whether a meaning that changed matters: it does for any value."""
    return value is not None
