"""The self-test: what an isolator must hold on this very machine, before it is trusted with anything.

A table of probes, each a program and what must be seen of its outcome. Several questions share the first one, since a run is 20 ms.
"""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from confguard.trainer.sandbox.outcome import FILES_LIMIT, LEAST_MEMORY, OUTPUT_LIMIT, PROCESSES, NoIsolator, Outcome

if TYPE_CHECKING:
    from confguard.trainer.sandbox.isolator import Isolator


class Probe(NamedTuple):
    """A program, and whether what it came to is well."""

    name: str
    code: str
    holds: Callable[[Outcome], bool]
    seconds: float = 5.0


_LOOKS_AROUND = """
import os, socket, sys
def tried(name, attempt):
    try:
        attempt()
    except (OSError, ImportError):
        return
    print(name)
tried("the network", lambda: socket.create_connection(("127.0.0.1", PORT), 1))
tried("a socket of the machine", lambda: socket.socket(socket.AF_UNIX).connect(SOCKET))
tried("a socket of the network", lambda: socket.socket(socket.AF_INET))
tried("a file of the machine", lambda: open(CANARY).read())
tried("the list of processes", lambda: os.listdir("/proc/1"))
tried("the namespaces", lambda: os.unshare(0x10000000) if hasattr(os, "unshare") else open(CANARY))
for folder in {"/", *map("/".__add__, os.listdir("/")), *map(os.path.dirname, (*sys.path, sys.executable, os.__file__, CANARY))}:
    if folder != "/tmp" and os.access(folder, os.W_OK):
        print("writing to", folder)
for number in range(3, 64):
    tried(f"descriptor {number}", lambda: os.fstat(number))
if set(os.environ) - {"PWD", "LC_CTYPE"}:
    print("the environment")
if 0 in (os.getuid(), os.geteuid(), os.getgid()):
    print("being root")
room = os.statvfs("/tmp")
if room.f_blocks * room.f_frsize > FILES:
    print("a place for files without an end")
with open("/tmp/written", "w") as file:
    file.write("x" * 1000)
os.unlink("/tmp/written")
print("end" + input())
"""
_TAKES_MEMORY = """
taken = []
while len(taken) < 256:
    taken.append(bytearray(b"x") * (1 << 20))
print(len(taken))
"""
_SHARES_MEMORY = """
import os, signal, time
signal.signal(signal.SIGCHLD, lambda *_: os._exit(1))
inside, out = os.pipe()
try:
    for number in range(4):
        if os.fork() == 0:
            taken = bytearray(b"x") * (30 << 20)
            os.write(out, b"x")
            time.sleep(60)
except OSError:
    raise SystemExit("no fork")
for number in range(4):
    os.read(inside, 1)
print("all four")
"""
_FORKS = """
import _thread, os, time
count = 0
try:
    while count < 200:
        if os.fork() == 0:
            time.sleep(60)
        count += 1
except OSError:
    pass
_thread.stack_size(32768)
try:
    while count < 200:
        _thread.start_new_thread(time.sleep, (60,))
        count += 1
except RuntimeError:
    pass
print(count, flush=True)
os._exit(0)
"""

PROBES = (
    Probe("a plain run that looks around", _LOOKS_AROUND, lambda seen: seen.ok and seen.output == "endwell\n"),
    Probe("memory of one process", _TAKES_MEMORY, lambda seen: seen.stopped == "memory"),
    Probe("memory of several processes", _SHARES_MEMORY, lambda seen: not seen.ok and not seen.output),
    Probe("many processes and threads", _FORKS, lambda seen: seen.ok and int(seen.output) < PROCESSES),
    Probe("an endless loop", "while True: pass", lambda seen: seen.stopped == "time", seconds=0.05),
    Probe("a flood of output", "print('x' * 1000000)", lambda seen: seen.stopped == "output" and len(seen.output) == OUTPUT_LIMIT),
)


def failed(isolator: Isolator) -> str | None:
    """What an isolator fails at, in words; None where it holds."""
    with tempfile.TemporaryDirectory(prefix="confguard-") as folder, socket.socket() as net, socket.socket(socket.AF_UNIX) as unix:
        canary = os.path.join(folder, "canary")
        with open(canary, "w", encoding="ascii") as file:
            file.write("canary")
        net.bind(("127.0.0.1", 0))
        net.listen()
        unix.bind(f"\0{canary}")
        unix.listen()
        known = {"CANARY": canary, "PORT": net.getsockname()[1], "SOCKET": f"\0{canary}", "FILES": FILES_LIMIT}
        given = "".join(f"{name} = {value!r}\n" for name, value in known.items())
        for probe in PROBES:
            try:
                seen = isolator.run(given + probe.code, seconds=probe.seconds, memory=LEAST_MEMORY, stdin="well")
            except NoIsolator as error:
                return str(error)
            if not probe.holds(seen):
                return f"it does not hold against {probe.name} ({seen.error or seen.output.strip()[:200]})"
    return None
