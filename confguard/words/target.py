"""The target: the library releases that a config is checked for."""

from __future__ import annotations

from confguard.words.typing import NamedTuple

PACKAGES = ("trl", "transformers", "peft")


class Target(NamedTuple):
    """One release of each library, such as `1.16.0`; empty where nothing was said of it."""

    trl: str = ""
    transformers: str = ""
    peft: str = ""

    def version(self, package: str) -> str:
        """The release of one of `PACKAGES`."""
        return {"trl": self.trl, "transformers": self.transformers, "peft": self.peft}[package]


def numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a release, to be compared.

    >>> numbers("1.16.0"), numbers("0.9") < numbers("0.12.0rc1"), numbers("newest")
    ((1, 16, 0), True, ())
    """
    found = []
    for part in version.split("."):  # no regular expression: this stands in the way of every check of a native file
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        found.append(int(digits))
        if digits != part:
            break
    return tuple(found)


def minor(version: str) -> tuple[int, ...]:
    """Major and minor: all releases of one minor have the same fields here.

    >>> minor("1.16.0"), minor("5")
    ((1, 16), (5, 0))
    """
    return (*numbers(version), 0, 0)[:2]
