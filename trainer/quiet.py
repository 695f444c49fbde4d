"""What the libraries print on their own account, silenced: the story of a run is told once."""

from __future__ import annotations

import warnings


def quiet() -> None:
    """No progress bars but ours, and no warnings of names that are about to change: the releases are checked before."""
    import datasets
    import transformers

    datasets.disable_progress_bars()
    transformers.utils.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", category=FutureWarning)
