"""confguard: checks, compares and restores the YAML configs of LLM training runs before a GPU is touched.

    import confguard

    report = confguard.check("config/training.yaml", reference="profile:reference")
    for finding in report.findings:
        print(finding.code, finding.key, finding.message)

The functions and types that are listed in `__all__` are stable: what they take and give only ever grows. `confguard.schemas` has the
models. All else may change.
"""

from __future__ import annotations

from confguard.words.typing import TYPE_CHECKING, Any
from confguard.words.version import __version__ as __version__

if TYPE_CHECKING:
    from confguard.api import CannotRun as CannotRun
    from confguard.api import Change as Change
    from confguard.api import Comparison as Comparison
    from confguard.api import Finding as Finding
    from confguard.api import Plan as Plan
    from confguard.api import Report as Report
    from confguard.api import check as check
    from confguard.api import diff as diff
    from confguard.api import plan as plan

__all__ = ["CannotRun", "Change", "Comparison", "Finding", "Plan", "Report", "__version__", "check", "diff", "plan"]


def __getattr__(name: str) -> Any:
    """The API, loaded when something of it is asked for: a check at the command line does without."""
    if name in __all__:
        from confguard import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
