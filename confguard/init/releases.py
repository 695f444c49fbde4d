"""`target`: the releases that TRL's own configs are checked for. What a check reads by itself is not copied, since a copy goes stale."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from confguard.init.home import Home, in_tests
from confguard.init.proposal import Entry, Found, told
from confguard.project.discover import PROJECT_FILE
from confguard.project.target import Pin, aim_of, pins_in, pins_of
from confguard.words.catalogue import Catalogue
from confguard.words.target import PACKAGES, minor

_FURTHER = re.compile(
    r"(?:^|/)(?:(?:requirements|constraints)[^/]*\.(?:txt|in)|requirements/[^/]*\.txt|environment[^/]*\.ya?ml|[^/]*\.lock)$"
)
"""Files that pin releases as well, and that a check does not ask, since several of them may not agree."""
_MOST_FURTHER = 50


def releases_of(home: Home, catalogue: Catalogue) -> Found:
    """Where the releases are from; a line for each that only a file names which a check does not ask."""
    if not any(file.shape is not None and file.shape.target is not None for file in home.every):
        return Found()
    aim = aim_of(home.project, catalogue)
    read = {pin.package: pin for pin in reversed(pins_of(home.root))}
    if PROJECT_FILE in aim.whence:
        return Found()
    if "trl" in read:
        return Found(notes=(_read_anyway(home, aim.target.trl), *_at_odds(home)))
    further = _further(home)
    of_trl = [pin for pin in further if pin.package == "trl"]
    if not of_trl:
        found = (
            "no file here names the release of trl; a check takes the one that is installed beside confguard, else the newest that it knows"
        )
        return Found(notes=(f"target: {found}",))
    if len({minor(pin.version) for pin in of_trl}) > 1:
        at_odds = told([f"{home.inside(pin.file)}:{pin.line} has trl {pin.version}" for pin in of_trl])
        return Found(notes=(f"target: {at_odds}; name the one that is trained with",))
    return Found(tuple(_entry(pin, home) for pin in _of_one_file(of_trl, further)))


def _of_one_file(of_trl: Sequence[Pin], pins: Sequence[Pin]) -> list[Pin]:
    """The releases that the file names which names the most of them, and TRL among them."""
    by_file = [[pin for pin in pins if pin.file == one.file] for one in of_trl]
    most = max(by_file, key=len)
    return sorted(most, key=lambda pin: PACKAGES.index(pin.package))


def _read_anyway(home: Home, trl: str) -> str:
    pins = [pin for pin in pins_of(home.root) if pin.package == "trl"]
    line = next(pin for pin in pins if pin.version == trl)
    others = [pin for package in PACKAGES[1:] for pin in pins_in(line.file) if pin.package == package]
    releases = told([f"{pin.package} {pin.version} ({home.inside(pin.file)}:{pin.line})" for pin in (line, *others)])
    return f"target: {releases}, read at each check, so no line is proposed that would go stale"


def _at_odds(home: Home) -> list[str]:
    """Pins of TRL that another file has before them."""
    first, *others = [pin for pin in pins_of(home.root) if pin.package == "trl"]
    odd = [pin for pin in others if minor(pin.version) != minor(first.version)]
    return [f"{home.inside(pin.file)}:{pin.line} has trl {pin.version}; {home.inside(first.file)} comes first" for pin in odd]


def _further(home: Home) -> list[Pin]:
    asked = {pin.file for pin in pins_of(home.root)}
    files = [
        file
        for file in home.files
        if _FURTHER.search(home.inside(file)) and not in_tests(home.inside(file)) and os.path.normpath(file) not in asked
    ]
    files.sort(key=lambda file: (file.count(os.sep), file))
    return [pin for file in files[:_MOST_FURTHER] for pin in pins_in(file)]


def _entry(pin: Pin, home: Home) -> Entry:
    return Entry("target", pin.package, pin.version, f"{home.inside(pin.file)}:{pin.line}, which a check does not read by itself")
