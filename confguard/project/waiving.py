"""The waiver that someone asks for, made complete: its value comes from the configs, its author from git."""

from __future__ import annotations

import datetime
import re

from confguard.project.git import GitFailed, git
from confguard.project.held import NotWaivable, configs_of, value_of
from confguard.project.project import Project
from confguard.project.waivers import is_same, misnamed, waivers_of
from confguard.words.catalogue import Catalogue
from confguard.words.recipe import Recipe
from confguard.words.secret import mask
from confguard.words.spelling import show
from confguard.words.typing import NamedTuple
from confguard.words.waiver import Waiver


class Asked(NamedTuple):
    """What someone asks for: which key, why, until when, who wants it, and which config holds the value."""

    key: str
    because: str
    until: str | None = None
    by: str | None = None
    config: str | None = None


def waiver_for(asked: Asked, project: Project, catalogue: Catalogue, today: datetime.date) -> Waiver:
    """The waiver for what was asked; raises `NotWaivable`, `BadProject`, `Unreadable`."""
    _hold_words(asked)
    expires = _expiry(asked.until, today)
    _hold_key(asked.key, project, catalogue)
    by = (_author(project) if asked.by is None else asked.by.strip()) or None
    waiver = Waiver(asked.key, None, asked.because.strip(), by, expires, 0, Recipe("", {}))
    value = value_of(waiver, configs_of(asked.config, project, catalogue), catalogue)
    return waiver._replace(value=value)


def _hold_words(asked: Asked) -> None:
    if not asked.because.strip():
        raise NotWaivable("--because: a waiver needs a reason; say why it is wanted")
    for option, text in (("--because", asked.because), ("--by", asked.by or "")):
        if mask(text) != text:
            raise NotWaivable(f"{option} holds what looks like a secret; the project file is no place for one")
        if not text.isprintable() and any(0xD800 <= ord(char) < 0xE000 for char in text):
            raise NotWaivable(f"{option} holds bytes that are no UTF-8; write it anew")


def _expiry(until: str | None, today: datetime.date) -> datetime.date | None:
    if until is None or until == "never":
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", until, re.ASCII):
            raise ValueError
        expires = datetime.date.fromisoformat(until)
    except ValueError:
        raise NotWaivable(f"--until {until}: no such date; write YYYY-MM-DD, or never") from None
    if expires < today:
        raise NotWaivable(f"--until {until} has passed (today is {today}); write a later date, or never")
    return expires


def _hold_key(key: str, project: Project, catalogue: Catalogue) -> None:
    """Raise `NotWaivable` for a key that is nobody's, names a run, or is waived already."""
    if (wrong := misnamed(key, project, catalogue)) is not None:
        raise NotWaivable("; ".join(wrong))
    if catalogue.parameter(key) in catalogue.identity:
        raise NotWaivable(f"`{key}` only names a run or a machine: it never counts as drift, so there is nothing to waive")
    twin = next((waiver for waiver in waivers_of(project, catalogue) if is_same(key, waiver.parameter, catalogue)), None)
    if twin is not None:
        where = f"{project.document.path if project.document else project.root}:{twin.line}"
        called = f" as `{twin.parameter}`" if twin.parameter != key else ""
        raise NotWaivable(f"{where}: `{key}` is waived already{called}, at {show(twin.value)}; change that entry, or remove it first")


def _author(project: Project) -> str:
    """Who git says is working here; nobody where git does not know."""
    try:
        return git(project.root, "config", "user.name").decode(errors="replace").strip()
    except GitFailed:
        return ""
