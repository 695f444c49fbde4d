"""How much memory a run takes on its device: what is certain by arithmetic, what a step takes from a dry run (`dry_run.py`).

The bytes of weights, gradients and Adam's two moments are exact: TRL loads weights in 32 bits (1.16.0, trainer/utils.py,
create_model_from_path), and so are the moments.
"""

from __future__ import annotations

from typing import NamedTuple

GIB = 2**30


class Load(NamedTuple):
    """What a device has to hold at a time."""

    parameters: int
    """Of the model and its adapter, and of the reference model where there is one."""
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
    accumulates: bool
    """Whether a step has several backward passes: gradients are there in the second one from its beginning."""
    on_gpu: bool

    @property
    def weights(self) -> int:
        """Bytes."""
        return self.parameters * 4

    @property
    def optimizer(self) -> int:
        """Bytes of both moments, and of gradients that a pass finds."""
        return self.trained * (12 if self.accumulates else 8)

    @property
    def least(self) -> int:
        """What is certain: weights, gradients and moments."""
        return self.parameters * 4 + self.trained * 12


class Peak(NamedTuple):
    """The most bytes that a step takes beside them."""

    learning: int
    """The most in a forward and a backward pass; with the gradients, where they are new in each step."""
    sampling: int
    kept: int
    """Of learning: what waits for the backward pass."""
    cache: int
    """Of sampling: keys and values of whole completions."""


def total(load: Load, peak: Peak) -> int:
    """All of it: sampling and learning take turns, so the larger counts."""
    return max(load.least, load.weights + load.optimizer + max(peak.learning, peak.sampling))


def told(load: Load, peak: Peak | None) -> str:
    """The estimate in a sentence, with its assumptions."""
    certain = f"weights {size(load.weights)}, {'gradients and ' if load.accumulates else ''}Adam {size(load.optimizer)}"
    if peak is None:
        return f"at least {size(load.least)}: {certain}; what a step takes was not found"
    return (
        f"about {size(total(load, peak))}: {certain}, learning {size(peak.learning)} ({size(peak.kept)} of it kept for the backward pass) "
        f"or sampling {size(peak.sampling)} (cache {size(peak.cache)}); "
        "all completions have all their tokens; what the device's libraries and the allocator need comes on top"
    )


def size(number: int) -> str:
    """Bytes as people read them.

    >>> size(3 * 2**30), size(388 * 1024)
    ('3.0 GiB', '0.4 MiB')
    """
    return f"{number / GIB:.1f} GiB" if number >= GIB else f"{number / 2**20:.1f} MiB"
