"""What a transaction is about to do, as its journal and its history keep it: read as if anybody could have written it."""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import Any, NamedTuple

MAX_BYTES = 1 << 24
_MAX_FILES = 20_000
_MAX_TEXT = 4096
_VERSION = 1
_TOKEN = re.compile(r"[0-9a-f]{16}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
_NEVER = {".git", ".hg", ".svn"}
"""What obeys its files, and is not carried from one to another with the files that it keeps."""


class Digest(NamedTuple):
    """What is known of a file's bytes."""

    size: int
    sha256: str


class Entry(NamedTuple):
    """One file: where it is, seen from the folder of the journal, and its bytes; None where there is no such file."""

    path: str
    before: Digest | None
    after: Digest | None


class Manifest(NamedTuple):
    """A transaction. `home` is the folder of its journal, seen from the one that keeps the history."""

    home: str
    command: str
    time: str
    token: str
    files: list[Entry]
    undone: list[str]
    """The transactions in the history that this one takes back; none is kept of itself then."""


class BadManifest(Exception):
    """A manifest that confguard has not written, or that somebody has changed since."""


def digest(data: bytes | None) -> Digest | None:
    """What is kept of a file's bytes."""
    return None if data is None else Digest(len(data), hashlib.sha256(data).hexdigest())


def new_token() -> str:
    """What the names of one transaction's files have in common, and no other's."""
    return os.urandom(8).hex()


def beside(manifest: Manifest, number: int, ending: str = "tmp") -> str:
    """The name of a file beside the one of that number; short, since that one's name may be as long as names can be."""
    return f".confguard-{manifest.token}{number:04x}.{ending}"


def to_json(manifest: Manifest) -> bytes:
    """The bytes of a manifest, one file a line; raises `BadManifest` for one that would not be read again, and says why."""
    head = {name: value for name, value in manifest._asdict().items() if name != "files"}
    files = ",\n".join(json.dumps(entry) for entry in manifest.files)
    data = f'{json.dumps({"version": _VERSION, **head})[:-1]}, "files": [\n{files}\n]}}\n'.encode()
    if len(data) > MAX_BYTES or len(manifest.files) > _MAX_FILES:
        raise BadManifest("too many files to be written as one; name fewer")
    if not _is_sound(manifest):
        raise BadManifest("lies where git or its like keeps what is its own, which is not written to")
    return data


def of_json(data: bytes) -> Manifest:
    """The manifest that these bytes are; raises `BadManifest`."""
    try:
        found = json.loads(data)
        if found.pop("version") != _VERSION:
            raise BadManifest
        manifest = Manifest(**{**found, "files": [_entry(*entry) for entry in found["files"]]})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadManifest from None
    if not _is_sound(manifest):
        raise BadManifest
    return manifest


def _entry(path: str, before: Any, after: Any) -> Entry:
    return Entry(path, None if before is None else Digest(*before), None if after is None else Digest(*after))


def _is_sound(manifest: Manifest) -> bool:
    texts = (manifest.home, manifest.command, manifest.time, manifest.token)
    return (
        all(isinstance(text, str) and len(text) <= _MAX_TEXT for text in texts)
        and (manifest.home == "" or is_below(manifest.home))
        and _TOKEN.fullmatch(manifest.token) is not None
        and isinstance(manifest.undone, list)
        and all(isinstance(name, str) and ID.fullmatch(name) for name in manifest.undone)
        and 0 < len(manifest.files) <= _MAX_FILES
        and all(map(_is_sound_entry, manifest.files))
        and len({entry.path for entry in manifest.files}) == len(manifest.files)
    )


def _is_sound_entry(entry: Entry) -> bool:
    return (
        isinstance(entry.path, str)
        and is_below(entry.path)
        and (entry.before, entry.after) != (None, None)
        and all(found is None or _is_sound_digest(found) for found in (entry.before, entry.after))
    )


def _is_sound_digest(found: Digest) -> bool:
    return type(found.size) is int and found.size >= 0 and isinstance(found.sha256, str) and _SHA256.fullmatch(found.sha256) is not None


def is_below(path: str) -> bool:
    """Whether a path leads from a folder to something in it, by the shortest way, and to no folder that is obeyed as git's is."""
    parts = path.split(os.sep)
    return (
        not os.path.isabs(path)
        and not os.path.splitdrive(path)[0]
        and "\0" not in path
        and not any(part in ("", os.curdir, os.pardir) or part.lower() in _NEVER for part in parts)
    )
