"""What is said in English and in Chinese, side by side, so that no sentence exists in one language alone."""

from __future__ import annotations

from confguard.words.typing import NamedTuple

EN, ZH = "en", "zh"


class Said(NamedTuple):
    """One text in both languages.

    >>> Said("steps", "步").to("zh")
    '步'
    """

    en: str
    zh: str

    def to(self, lang: str) -> str:
        """The text in a language: `en` or `zh`."""
        return self.zh if lang == ZH else self.en


def same(text: str) -> Said:
    """A text that is no language: a name, a number, a formula."""
    return Said(text, text)
