"""The sandbox: where code that the policy has written runs, or nowhere.

`isolator()` gives what runs it, or raises `NoIsolator`: there is no way without isolation. It keeps a run away from the machine; it does
not keep code from lying about itself. What a run prints, that it ended well and what it asks are claims of the code that ran.
"""

from confguard.trainer.sandbox.isolator import Isolator, isolator
from confguard.trainer.sandbox.outcome import NoIsolator, Outcome

__all__ = ["Isolator", "NoIsolator", "Outcome", "isolator"]
