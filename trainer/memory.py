"""How much memory a run takes on its device, estimated from the shape of its model: arithmetic, with its assumptions said.

Sources: the bytes of weights, gradients and Adam's two moments are exact; TRL loads weights in 32 bits, and autocast holds a copy of
them in 16. The activations of a layer: Korthikanti and others 2022 (arXiv 2205.05198), without the attention matrix, which
scaled-dot-product attention never writes down, for gated MLPs and grouped keys; tests/test_train.py holds them against what autograd
really saves. The tile of logits: TRL 1.16.0, kernels/chunked_logprob.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

GIB = 2**30
TILE = (4096, 32768)
"""Positions and words whose logits TRL's fused head holds at a time; on a GPU the buffer has room for all, whatever the vocabulary."""
ON_CPU = 6
"""Tiles at a time without Triton, each as wide as the vocabulary: every step of the sum makes one more."""


class Shape(NamedTuple):
    """What of a model's configuration the estimate needs."""

    hidden: int
    intermediate: int
    layers: int
    heads: int
    key_heads: int
    vocabulary: int

    @property
    def key_width(self) -> int:
        """The width of all keys of a position."""
        return self.hidden // self.heads * self.key_heads


class Load(NamedTuple):
    """What a device has to hold at a time."""

    parameters: int
    trained: int
    micro_batch: int
    """Completions of a forward pass."""
    generated: int
    """Completions that are sampled at once."""
    prompt: int
    """Tokens of the longest prompt."""
    completion: int
    compute_bytes: int
    """Of an activation: 2 under bf16, else 4."""
    checkpointing: bool
    on_gpu: bool


class Estimate(NamedTuple):
    """Bytes, part by part."""

    weights: int
    """In 32 bits, and their copy in 16 under bf16."""
    optimizer: int
    """Gradients and both moments of what is trained, in 32 bits."""
    activations: int
    cache: int
    logits: int

    @property
    def least(self) -> int:
        """What is certain: weights, gradients and moments."""
        return self.weights + self.optimizer

    @property
    def total(self) -> int:
        """All of it: sampling and learning take turns, so the larger of cache and activations counts."""
        return self.least + max(self.cache, self.activations) + self.logits

    def told(self) -> str:
        """The estimate in a sentence, with its assumptions."""
        return (
            f"about {size(self.total)}: weights {size(self.weights)}, gradients and Adam {size(self.optimizer)}, "
            f"activations {size(self.activations)} or cache {size(self.cache)}, logits {size(self.logits)} "
            "(a completion has all its tokens; no attention matrix is held; what the libraries and the allocator need comes on top)"
        )


def shape_of(config: Mapping[str, Any]) -> Shape | None:
    """The shape in a configuration of transformers; None where it says it in other words."""
    try:
        heads = int(config["num_attention_heads"])
        return Shape(
            int(config["hidden_size"]),
            int(config["intermediate_size"]),
            int(config["num_hidden_layers"]),
            heads,
            int(config.get("num_key_value_heads") or heads),
            int(config["vocab_size"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def estimate(shape: Shape, load: Load) -> Estimate:
    """The memory of a run on one device."""
    positions = load.micro_batch * (load.prompt + load.completion)
    # Of a layer, in values a position: its input, two norms, queries, keys, values, the attention's output, and the gated MLP's four.
    layer = 5 * shape.hidden + 2 * shape.key_width + 4 * shape.intermediate
    kept = 2 * shape.hidden * shape.layers + layer if load.checkpointing else layer * shape.layers
    cache = 2 * shape.layers * shape.key_width * load.generated * (load.prompt + load.completion) * load.compute_bytes
    tile = TILE[1] if load.on_gpu else min(TILE[1], shape.vocabulary) * ON_CPU
    return Estimate(
        load.parameters * (6 if load.compute_bytes == 2 else 4),
        load.trained * 12,
        positions * kept * load.compute_bytes,
        cache,
        min(TILE[0], positions) * tile * load.compute_bytes,
    )


def size(number: int) -> str:
    """Bytes as people read them.

    >>> size(3 * 2**30), size(388 * 1024)
    ('3.0 GiB', '0.4 MiB')
    """
    return f"{number / GIB:.1f} GiB" if number >= GIB else f"{number / 2**20:.1f} MiB"
