"""The keys that a project declares as its own (`extension_keys`), as JSON Schema lets them pass.

The project writes them as paths in which `*` stands for anything, dots too. In a section a pattern says what is left of it below the
section's own path; where its first `*` stands above, any name will do there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from confguard.words.json_schema import Schema

_WILD = re.compile(r"[*?\[]")


def own_keys(patterns: Sequence[str], prefix: str) -> Schema:
    r"""The `patternProperties` of a section, whose path with its last dot is `prefix`.

    >>> own_keys(["my_*", "wandb.group"], ""), own_keys(["my_*", "wandb.group"], "wandb.")
    ({'^my_.*$': {}, '^wandb\\.group$': {}}, {'^group$': {}})
    >>> own_keys(["models.*.extra"], "models.*."), own_keys(["my_team.*"], "")
    ({'^.*$': {}}, {'^my_team\\..*$': {}, '^my_team$': {}})
    """
    whole = [pattern[:-2] for pattern in patterns if pattern.endswith(".*")]  # a section of which everything is theirs
    left = (_left(pattern, prefix) for pattern in (*patterns, *whole))
    return {f"^{_regex(pattern)}$": {} for pattern in left if pattern is not None}


def _left(pattern: str, prefix: str) -> str | None:
    """What a pattern says of the names below a section; None for nothing."""
    wild = _WILD.search(pattern)
    fixed = pattern[: wild.start()] if wild else pattern
    above = prefix.partition("*")[0]
    if prefix == above and fixed.startswith(prefix):
        return pattern[len(prefix) :]
    is_above = fixed.startswith(above) or (wild is not None and above.startswith(fixed))
    return "*" if is_above else None


def _regex(pattern: str) -> str:
    r"""A shell pattern as a regular expression that Python and JavaScript read alike; an intricate `[...]` lets any character pass.

    >>> _regex("my-*.[!ab]?"), _regex("x[z-a]")
    ('my-.*\\.[^ab].', 'x.')
    """
    return "".join(map(_part, re.findall(r"\[!?[^\]]+\]|.", pattern)))


def _part(part: str) -> str:
    if part in ("*", "?"):
        return ".*" if part == "*" else "."
    if len(part) > 1:
        return part.replace("[!", "[^") if re.fullmatch(r"\[!?\w+\]", part) else "."
    return f"\\{part}" if part in r"\^$.+()[]{}|" else part  # re.escape escapes more than JavaScript allows
