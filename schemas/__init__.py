"""What is known of configs: models, parameters, rules, published ranges. `from confguard.schemas import AflowTraining`."""

from __future__ import annotations

from confguard.words.typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from confguard.schemas.aflow import AflowLlm as AflowLlm
    from confguard.schemas.aflow import AflowTraining as AflowTraining

__all__ = ["AflowLlm", "AflowTraining"]


def __getattr__(name: str) -> Any:
    """The models, imported when they are asked for: Pydantic takes longer to load than a check takes."""
    if name in __all__:
        from confguard.schemas import aflow

        return getattr(aflow, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
