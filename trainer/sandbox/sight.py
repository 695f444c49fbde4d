"""What a run gets to see of this machine's files: the base interpreter, its standard library and its shared libraries, nothing else.

A virtual environment is left out, since the interpreter that it was made from does without. That interpreter is asked where its things
lie, so that it does not matter who installed it.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from typing import NamedTuple

DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
SCRATCH = "/tmp"

_TELLS = """
import json, sysconfig
for name in ("_bz2", "_ctypes", "_curses", "_hashlib", "_lzma", "_sqlite3", "_ssl", "_uuid", "zlib"):
    try:
        __import__(name)
    except ImportError:
        pass
with open("/proc/self/maps") as maps:
    libraries = sorted({line.split(None, 5)[5].strip() for line in maps if "/" in line and ".so" in line})
standard = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), sysconfig.get_config_var("DESTSHARED")]
print(json.dumps([standard, libraries]))
"""


class Sight(NamedTuple):
    """The interpreter inside, and the arguments that show bubblewrap what it needs."""

    python: str
    arguments: tuple[str, ...]


def sight() -> Sight:
    """What the interpreter that runs this needs. Raises `OSError` or `ValueError` where it cannot be asked."""
    python = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
    asked = [python, "-I", "-S", "-c", _TELLS]
    told = subprocess.run(asked, capture_output=True, text=True, env={}, cwd="/", timeout=20, check=False, stdin=subprocess.DEVNULL)
    if told.returncode:
        raise ValueError(f"{python} does not tell where its standard library lies")
    standard, libraries = json.loads(told.stdout)
    folders = {os.path.realpath(folder) for folder in standard if folder and os.path.isdir(folder)}
    folders |= {os.path.dirname(library) for library in libraries if os.path.isabs(library)}
    return Sight(python, tuple(_arguments(python, _outermost(folders), [f for f in standard if f])))


def _arguments(python: str, folders: list[str], standard: list[str]) -> list[str]:
    said = [word for link in ("/lib", "/lib64") if os.path.islink(link) for word in ("--symlink", os.readlink(link), link)]
    shown = {folder: folder for folder in folders}
    for file in (python, _loader(python), "/etc/ld.so.cache"):
        if file and os.path.exists(file):
            place = os.path.join(os.path.realpath(os.path.dirname(file)), os.path.basename(file))
            if not any(_lies_in(place, folder) for folder in folders):
                shown[place] = os.path.realpath(file)
    for folder in dict.fromkeys(above for place in sorted(shown) for above in _above(place)):
        said += ["--dir", folder]  # otherwise it gets the mode of the real one, and nobody else can look into root's home
    for place, source in sorted(shown.items()):
        said += ["--ro-bind", source, place]
    for folder in dict.fromkeys(os.path.realpath(folder) for folder in standard):
        for name in ("site-packages", "dist-packages"):
            if os.path.isdir(os.path.join(folder, name)):
                hidden = os.path.join(folder, name)
                said += ["--perms", "0555", "--size", "4096", "--tmpfs", hidden, "--remount-ro", hidden]
    for device in DEVICES:
        said += ["--dev-bind", device, device]
    return said


def _outermost(folders: set[str]) -> list[str]:
    """Folders without those that lie in others of them."""
    return sorted(folder for folder in folders if not any(_lies_in(folder, other) for other in folders - {folder}))


def _lies_in(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _above(path: str) -> list[str]:
    """The folders above a path, the highest first, without the root."""
    parts = path.strip("/").split("/")[:-1]
    return ["/" + "/".join(parts[: length + 1]) for length in range(len(parts))]


def _loader(python: str) -> str | None:
    """The dynamic loader that an ELF file of 64 bits names; None where it names none."""
    with open(python, "rb") as file:
        head = file.read(4096)
        if head[:5] != b"\x7fELF\x02":
            return None
        (start,), size, count = struct.unpack_from("<Q", head, 32), *struct.unpack_from("<HH", head, 54)
        for at in range(start, start + size * count, size):
            kind, offset, length = struct.unpack_from("<I4xQ16xQ", head, at)
            if kind == 3:  # PT_INTERP
                file.seek(offset)
                return file.read(length).rstrip(b"\0").decode()
    return None
