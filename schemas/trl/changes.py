"""What became of a native key between releases, in sentences: gone, renamed, not there yet, or another command's."""

from __future__ import annotations

from confguard.schemas.releases.table import BASE, lifetime, package_of
from confguard.schemas.trl.commands import COMMANDS, Command
from confguard.schemas.trl.launch import FLAGS
from confguard.schemas.trl.shapes import owners_of
from confguard.words.shape import Known
from confguard.words.target import Target, minor
from confguard.words.typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from confguard.schemas.migrations.row import Removed, Renamed


def known_of(command: Command, target: Target, key: str) -> Known | None:
    """What is known of a key that a command's file does not have under a target; None where nothing is."""
    if key in FLAGS:
        message = f"`{key}` is a flag of `accelerate launch`, which takes the value of this key for the name of the script"
        return Known("SCHEMA007", message, "put it into accelerate's own config file")
    for owner in (*command.classes, BASE):
        package = package_of(owner)
        found = lifetime(owner, key)
        if found is None:
            continue
        since, until = found
        here = f"checked for {package} {target.version(package)}"
        if until is not None and minor(until) <= minor(target.version(package)):
            return _gone(command, key, package, until, here)
        if minor(since) > minor(target.version(package)):
            message = f"`{key}` came with {package} {since}; {here}, where the file is refused"
            return Known("RELEASE002", message, f"take it out, or install {package} {since} or newer (--target {package}=={since})")
    return _of_another_command(command, target, key)


def _gone(command: Command, key: str, package: str, until: str, here: str) -> Known:
    renamed, removed = renamed_of(command, key), removed_of(command, key)
    message = f"`{key}` is gone since {package} {until}; {here}, where the file is refused"
    if renamed is not None:
        help_ = f"write {renamed.new}" if renamed.kept else f"{renamed.note.en} ({renamed.new})"
    elif removed is not None:
        help_ = removed.do.en
    else:
        help_ = "take it out"
    return Known("RELEASE001", message, help_)


def name_today(command: Command, key: str, value: Any) -> str | None:
    """The name that says by a value what an old key of a command's file said by the same one; None where no name does."""
    if not any(lifetime(owner, key) for owner in (*command.classes, BASE)):
        return None
    renamed = renamed_of(command, key)
    return renamed.new if renamed is not None and renamed.says_the_same(value) else None


def renamed_of(command: Command, key: str) -> Renamed | None:
    """The rename of a key of a command's file."""
    from confguard.schemas.migrations.table import RENAMED  # long, and a misspelt key does without

    owners = owners_of(command)
    return next((row for row in RENAMED if row.old == key and not owners.isdisjoint(row.owners)), None)


def removed_of(command: Command, key: str) -> Removed | None:
    """The removal of a key of a command's file."""
    from confguard.schemas.migrations.table import REMOVED

    owners = owners_of(command)
    return next((row for row in REMOVED if row.old == key and not owners.isdisjoint(row.owners)), None)


def outdated(command: Command, key: str, target: Target) -> Renamed | Removed | None:
    """What is known of a key that a target still takes, but under another name as well or with a warning; None for any other key."""
    renamed, removed = renamed_of(command, key), removed_of(command, key)
    row = renamed or removed
    since = renamed.new_since if renamed else (removed.warned or removed.dead) if removed else None
    return row if row and since and minor(since) <= minor(target.version(row.package)) else None


def _of_another_command(command: Command, target: Target, key: str) -> Known | None:
    others = [other.word for other in COMMANDS if other is not command and any(lifetime(owner, key) for owner in other.classes)]
    if not others:
        return None
    kinds = ", ".join(f"trl-{word}" for word in others)
    return Known(
        "SCHEMA007",
        f"`{key}` is a key of {kinds}; `trl {command.word}` refuses it",
        "take it out, or name the file's kind in confguard.yaml",
    )
