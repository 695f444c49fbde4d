"""What is known of base models by their name: the linear layers that LoRA can target, and the context length.

Layers: read off each architecture of transformers 5.23.0, built on the meta device (`tests/test_against_libraries.py` does it
again). Context: `max_position_embeddings` of the published config.json. A mixture of experts keeps its experts in other modules from
one release of transformers to the next, and a vision model has two sets of names: those are left unknown.
"""

from __future__ import annotations

import re
from functools import lru_cache

from confguard.words.typing import NamedTuple

ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
GATED_MLP = ("gate_proj", "up_proj", "down_proj")
LLAMA_LIKE = (*ATTENTION, *GATED_MLP)

LAYERS = {
    "qwen2": LLAMA_LIKE,
    "qwen3": LLAMA_LIKE,
    "llama": LLAMA_LIKE,
    "mistral": LLAMA_LIKE,
    "gemma": LLAMA_LIKE,
    "gemma2": LLAMA_LIKE,
    "gemma3_text": LLAMA_LIKE,
    "phi": ("q_proj", "k_proj", "v_proj", "dense", "fc1", "fc2"),
    "phi3": ("qkv_proj", "o_proj", "gate_up_proj", "down_proj"),
}
"""Names of the linear layers by `model_type`, the output head apart."""

BESIDES = ("lm_head", "embed_tokens")
"""Modules that every architecture here has beside its linear layers, and that LoRA can target too."""


class Model(NamedTuple):
    """A family of models: its names, its `model_type`, and its context length where all of its members share one."""

    names: str
    architecture: str
    context: int | None = None


# The first row that matches the last part of a model's name wins.
MODELS = (
    Model(r"qwen2\.5-[\d.]+b-instruct$", "qwen2", 32_768),
    Model(r"qwen2\.5-coder-(?:0\.5|1\.5|3)b(?:-instruct)?$", "qwen2", 32_768),
    Model(r"qwen2(?:\.5)?-(?:math-|coder-)?[\d.]+b(?:-instruct)?$", "qwen2"),
    Model(r"qwen3-(?:0\.6|1\.7|4|8|14|32)b$", "qwen3", 40_960),
    Model(r"qwen3-(?:0\.6|1\.7|4|8|14|32)b-base$", "qwen3", 32_768),
    Model(r"deepseek-r1-distill-qwen-[\d.]+b$", "qwen2"),
    Model(r"deepseek-r1-distill-llama-\d+b$", "llama"),
    Model(r"(?:meta-)?llama-3\.[123]-(?:1|3|8|70|405)b(?:-instruct)?$", "llama", 131_072),
    Model(r"(?:meta-)?llama-3-(?:8|70)b(?:-instruct)?$", "llama", 8_192),
    Model(r"llama-2-(?:7|13|70)b(?:-chat)?(?:-hf)?$", "llama", 4_096),
    Model(r"tinyllama-1\.1b.*", "llama", 2_048),
    Model(r"mistral-7b-(?:instruct-)?v0\.[123]$", "mistral", 32_768),
    Model(r"mistral-nemo-(?:base|instruct)-2407$", "mistral"),
    Model(r"zephyr-7b-.*", "mistral", 32_768),
    Model(r"gemma-(?:1\.1-)?(?:2|7)b(?:-it)?$", "gemma", 8_192),
    Model(r"gemma-2-(?:2|9|27)b(?:-it)?$", "gemma2", 8_192),
    Model(r"gemma-3-(?:270m|1b)-(?:it|pt)$", "gemma3_text", 32_768),
    Model(r"phi-(?:1|1_5|2)$", "phi", 2_048),
    Model(r"phi-3(?:\.5)?-(?:mini|medium)-4k-instruct$", "phi3", 4_096),
    Model(r"phi-3(?:\.5)?-(?:mini|medium)(?:-128k)?-instruct$", "phi3", 131_072),
    Model(r"phi-4(?:-reasoning(?:-plus)?)?$", "phi3"),
    Model(r"phi-4-mini-(?:instruct|reasoning)$", "phi3", 131_072),
)


REBUILT = (("unsloth", "phi3"),)
"""Owners who publish a model in other layers: Unsloth made a Llama of Phi-4 (model card of AIGym/Phi4-14b-thinking, read 2026-11-29)."""


@lru_cache(maxsize=256)
def model_named(base_model: str) -> Model | None:
    """The family that a model's name, or the name of its local folder, belongs to; None where it is not known."""
    *owners, name = base_model.rstrip("/\\").replace("\\", "/").lower().split("/")
    found = next((model for model in MODELS if re.match(model.names, name)), None)
    return None if found is not None and owners and (owners[-1], found.architecture) in REBUILT else found


def is_local(base_model: str) -> bool:
    """Whether a model is named as a folder on disk rather than as `owner/name` or a plain name."""
    return base_model.startswith(("/", "./", "../", "~", "\\")) or base_model.count("/") > 1 or base_model[1:3] == ":\\"


class Widths(NamedTuple):
    """The widths of a model's linear layers, and how many blocks hold them."""

    hidden: int
    mlp: int
    queries: int
    """Query heads times the width of a head."""
    keys: int
    """Key-value heads times the width of a head."""
    blocks: int


WIDTHS = {
    r"qwen2(?:\.5)?-(?:coder-|math-)?0\.5b": Widths(896, 4_864, 896, 128, 24),
    r"qwen2(?:\.5)?-(?:coder-|math-)?1\.5b": Widths(1_536, 8_960, 1_536, 256, 28),
    r"qwen2\.5-(?:coder-)?3b": Widths(2_048, 11_008, 2_048, 256, 36),
    r"qwen2(?:\.5)?-(?:coder-|math-)?7b": Widths(3_584, 18_944, 3_584, 512, 28),
    r"qwen2\.5-(?:coder-)?14b": Widths(5_120, 13_824, 5_120, 1_024, 48),
    r"qwen2\.5-(?:coder-)?32b": Widths(5_120, 27_648, 5_120, 1_024, 64),
    r"qwen2\.5-(?:math-)?72b": Widths(8_192, 29_568, 8_192, 1_024, 80),
    r"qwen3-0\.6b": Widths(1_024, 3_072, 2_048, 1_024, 28),
    r"qwen3-1\.7b": Widths(2_048, 6_144, 2_048, 1_024, 28),
    r"qwen3-4b": Widths(2_560, 9_728, 4_096, 1_024, 36),
    r"qwen3-8b": Widths(4_096, 12_288, 4_096, 1_024, 36),
    r"qwen3-14b": Widths(5_120, 17_408, 5_120, 1_024, 40),
    r"qwen3-32b": Widths(5_120, 25_600, 8_192, 1_024, 64),
    r"(?:meta-)?llama-3(?:\.1)?-8b": Widths(4_096, 14_336, 4_096, 1_024, 32),
    r"(?:meta-)?llama-3(?:\.[13])?-70b": Widths(8_192, 28_672, 8_192, 1_024, 80),
    r"llama-3\.2-1b": Widths(2_048, 8_192, 2_048, 512, 16),
    r"llama-3\.2-3b": Widths(3_072, 8_192, 3_072, 1_024, 28),
    r"mistral-7b-(?:instruct-)?v0\.[123]": Widths(4_096, 14_336, 4_096, 1_024, 32),
}
"""By the beginning of the model's name. Each gives, with its vocabulary, the number of parameters that the model's card tells
(`tests/test_against_libraries.py` builds them)."""


def widths_of(base_model: str) -> Widths | None:
    """The widths of a model by its name; None where they are not known. A local folder may hold anything."""
    if is_local(base_model) or model_named(base_model) is None:
        return None
    name = base_model.rpartition("/")[2].lower()
    return next((widths for pattern, widths in WIDTHS.items() if re.match(rf"{pattern}(?:-|$)", name)), None)


def lora_parameters(base_model: str, rank: int, modules: frozenset[str]) -> int | None:
    """How many parameters LoRA adds; None where the widths of the model, or of one of the modules, are not known."""
    widths = widths_of(base_model)
    if widths is None or not modules <= set(LLAMA_LIKE):
        return None
    hidden, mlp, queries, keys, blocks = widths
    sides = {
        "q_proj": hidden + queries,
        "k_proj": hidden + keys,
        "v_proj": hidden + keys,
        "o_proj": queries + hidden,
        "gate_proj": hidden + mlp,
        "up_proj": hidden + mlp,
        "down_proj": mlp + hidden,
    }
    return blocks * rank * sum(sides[module] for module in modules)
