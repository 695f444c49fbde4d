"""A loss that is no number ends the run before the weights take it up: the last checkpoint stays good."""

from __future__ import annotations

from typing import Any

import torch


class Lost(Exception):
    """A run that cannot go on; the message says since when and why."""


class Finite:
    """What lets a trainer of transformers look at each loss: mixed into one of its classes, before it."""

    state: Any

    def training_step(self, *positional: Any, **named: Any) -> torch.Tensor:
        """The loss of a forward and a backward pass. Raises `Lost` where it is not finite."""
        loss: torch.Tensor = super().training_step(*positional, **named)  # type: ignore[misc]
        if not torch.isfinite(loss):
            step = self.state.global_step + 1
            raise Lost(f"the loss of step {step} is {loss.item()}; a lower learning rate or max_grad_norm, or float32 may help")
        return loss
