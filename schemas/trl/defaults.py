"""The default of a key over the releases, by the commands that have it."""

from __future__ import annotations

from confguard.schemas.releases.table import Marker, Step, histories
from confguard.schemas.trl.commands import COMMANDS, Command
from confguard.words.language import Said, same
from confguard.words.spelling import show
from confguard.words.typing import NamedTuple


class Defaults(NamedTuple):
    """Kinds whose key has one history, and that history: oldest release first."""

    kinds: tuple[str, ...]
    said: Said


def defaults_of(key: str) -> list[Defaults]:
    """The histories of a key's default; kinds with the same one stand together. Empty for a key that no release has."""
    found: dict[Said, list[str]] = {}
    for command in COMMANDS:
        said = history_told(command, key)
        if said is not None:
            found.setdefault(said, []).append(f"trl-{command.word}")
    return [Defaults(tuple(kinds), said) for said, kinds in found.items()]


def history_told(command: Command, key: str) -> Said | None:
    """The history of a key's default in the files of a command; None where it never was one.

    It is TRL's own, and that of transformers where TRL's class does not have the field, or not always.
    """
    parts = [_told(package, steps) for owner in command.classes for package, steps in histories(owner, key)]
    if not parts:
        return None
    return Said("; ".join(part.en for part in dict.fromkeys(parts)), "；".join(part.zh for part in dict.fromkeys(parts)))


def _told(package: str, steps: list[Step]) -> Said:
    said = [_step(step) for step in steps]
    changed = [item for last, item in zip([None, *said], said, strict=False) if last is None or last[1] != item[1]]
    parts = [Said(f"{value.en} ({since})", f"{value.zh}（{since}）") for since, value in changed]
    return Said(f"{package}: " + ", ".join(part.en for part in parts), f"{package}：" + "，".join(part.zh for part in parts))


def _step(step: Step) -> tuple[str, Said]:
    if step.type is None:
        return step.since, Said("gone", "移除")
    if isinstance(step.default, Marker):
        return step.since, Said("depends on other packages", "取决于其他软件包")
    return step.since, same(show(step.default))
