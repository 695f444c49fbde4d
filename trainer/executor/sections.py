"""Prompts in named sections, whose marks nothing that is quoted in them can imitate."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

_SECTION = r"<(?P<mark>{name}-[0-9a-f]{{12}})>\n(?P<text>.*?)\n</(?P=mark)>"


def sectioned(sections: Mapping[str, str]) -> str:
    """Texts between marks that hold a hash of all of them: a text that closes its own section would have to know its own hash."""
    tag = hashlib.sha256("\0".join(sections.values()).encode("utf-8", "replace")).hexdigest()[:12]
    return "\n\n".join(f"<{name}-{tag}>\n{text}\n</{name}-{tag}>" for name, text in sections.items())


def section_of(prompt: str, name: str) -> str | None:
    """The text of a section; None where a prompt has none of that name.

    >>> section_of(sectioned({"question": "2 + 2", "answer": "4"}), "answer")
    '4'
    """
    found = re.search(_SECTION.format(name=re.escape(name)), prompt, re.DOTALL)
    return found["text"] if found else None
