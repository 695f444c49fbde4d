"""The sandbox against cases/attacks.yaml, in each way in which this machine can isolate, and what a run must give back."""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if sys.platform != "linux":
    pytest.skip("the sandbox needs Linux", allow_module_level=True)

from confguard.trainer.sandbox import Isolator, NoIsolator, cgroup, isolator, seccomp, sight, uid
from confguard.trainer.sandbox.isolator import candidates
from confguard.trainer.sandbox.outcome import ASKS, MIB, OUTPUT_LIMIT, PROCESSES, PROMPT_LIMIT
from confguard.trainer.sandbox.selftest import PROBES, failed

if not shutil.which("bwrap"):
    needs_bubblewrap = pytest.mark.skip(reason="bubblewrap is not installed")
else:
    needs_bubblewrap = pytest.mark.skipif(False, reason="")

ATTACKS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("cases").joinpath("attacks.yaml").read_text(encoding="utf-8"))
SYSTEM_PYTHON = "/usr/bin/python3"
NOBODY = 65534

HELP = """
def tried(function, *arguments):
    try:
        print("through", function(*arguments))
    except (OSError, ValueError, RuntimeError, ImportError, AttributeError):
        pass

def call(name, *arguments):
    import ctypes
    library = ctypes.CDLL(None, use_errno=True)
    return 0 if library.syscall(CALLS[name], *arguments) >= 0 else ctypes.get_errno()

def pipe():
    import fcntl, os
    for number in range(3, 4096):
        try:
            if fcntl.fcntl(number, fcntl.F_GETFL) & 3 == os.O_WRONLY:
                return number
        except OSError:
            pass

"""


class Machine(NamedTuple):
    """What an attack may be after: a file, a socket and a port of the machine."""

    folder: str
    known: dict[str, Any]

    def state(self) -> dict[str, Any]:
        """What no run may change, or leave."""
        return {
            "files": {file.name: file.read_bytes() for file in Path(self.folder).iterdir()},
            "here": sorted(os.listdir()),
            "descriptors": len(os.listdir("/proc/self/fd")),
            "processes": left_running(),
            "groups": [
                name
                for home in cgroup.homes()
                for folder in home.folders
                for name in os.listdir(folder)
                if f"confguard-{os.getpid()}-" in name
            ],
        }


def left_running() -> list[str]:
    """Processes that a run of ours has left: our children, and those of the users that runs of ours are given."""
    lent = uid.numbers("uid_map")
    ours = range(lent.first + os.getpid() * 16 % lent.size, lent.first + os.getpid() * 16 % lent.size + 16) if lent else ()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            name, _, rest = (folder / "stat").read_text().rpartition(")")
            state, parent = rest.split()[:2]
            owner = folder.stat().st_uid
            is_bubblewrap = "bwrap" in name and not lent and owner == os.getuid()
            if state != "Z" and (owner in ours or int(parent) == os.getpid() or is_bubblewrap):
                found.append(name)
    return found


def a_machine() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory() as folder, socket.socket() as net, socket.socket(socket.AF_UNIX) as unix:
        canary = Path(folder, "canary")
        canary.write_text("canary")
        net.bind(("127.0.0.1", 0))
        net.listen()
        unix.bind(f"\0{canary}")
        unix.listen()
        column = seccomp.MACHINES[platform.machine()].column
        calls = {name: numbers[column] for name, numbers in seccomp.DENIED.items() if numbers[column] is not None}
        calls |= {name: rule.numbers[column] for name, rule in seccomp.BY_ARGUMENT.items()}
        known = {
            "CANARY": str(canary),
            "FOLDER": folder,
            "HOME": os.path.expanduser("~"),
            "PORT": net.getsockname()[1],
            "SOCKET": f"\0{canary}",
            "PARENT": os.getpid(),
            "SECRETS": list(os.environ),
            "MACHINE": platform.machine(),
            "CALLS": {**calls, "clone": seccomp.MACHINES[platform.machine()].clone},
        }
        yield Machine(folder, known)


def complaints(attack: dict[str, Any], way: Isolator, machine: Machine) -> list[str]:
    """What is wrong with how an attack went; nothing where it was held."""
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return prompt

    before = machine.state()
    code = "".join(f"{name} = {value!r}\n" for name, value in machine.known.items()) + HELP + attack["code"]
    outcome = way.run(code, seconds=attack.get("seconds", 10), memory=attack.get("memory", 256) * MIB, ask=ask if "llm" in attack else None)
    end = outcome.stopped or ("ok" if outcome.ok else "error")
    after = machine.state()
    after["descriptors"] = max(before["descriptors"], after["descriptors"])  # there may be fewer: those that earlier tests left
    found = [f"{what}: {before[what]} -> {after[what]}" for what in before if before[what] != after[what]]
    if "through" in outcome.output:
        found.append(f"it came through: {outcome.output[:500]}")
    allowed = attack.get("alone", attack["ends"]) if way.home is None else attack["ends"]
    if end not in allowed:
        found.append(f"it ended with {end}, not with {' or '.join(allowed)}: {outcome}"[:1000])
    if "prints" in attack and outcome.output != attack["prints"]:
        found.append(f"it printed {outcome.output[:500]!r}")
    if len(asked) > ASKS:
        found.append(f"it asked {len(asked)} times")
    return found


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    yield from a_machine()


@pytest.fixture(scope="module", params=["a control group", "one process"])
def way(request: pytest.FixtureRequest) -> Isolator:
    """Each way of this machine that passes its self-test."""
    reasons = []
    for candidate in candidates():
        if (candidate.home is None) == (request.param == "one process"):
            reason = failed(candidate)
            if reason is None:
                return candidate
            reasons.append(reason)
    pytest.skip(f"no isolation with {request.param} here: {'; '.join(reasons) or 'no control group can be made'}")


@needs_bubblewrap
@pytest.mark.parametrize("attack", ATTACKS, ids=[attack["name"] for attack in ATTACKS])
def test_an_attack_is_held(attack: dict[str, Any], way: Isolator, machine: Machine) -> None:
    assert not complaints(attack, way, machine)


def as_nobody(test: Any) -> Any:
    """What a function gives in a process of an ordinary user, whose interpreter is the system's."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            os.chdir("/")
            sys._base_executable = SYSTEM_PYTHON  # type: ignore[attr-defined]
            os.close(receive)
            with open(send, "w") as pipe:
                json.dump(test(), pipe)
        except BaseException as error:
            with suppress(OSError):
                os.write(send, json.dumps(repr(error)).encode())
        finally:
            os._exit(0)
    os.close(send)
    with open(receive) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return json.loads(told)


@needs_bubblewrap
@pytest.mark.skipif(os.geteuid() != 0, reason="the tests are run by an ordinary user anyway")
@pytest.mark.skipif(not os.path.exists(SYSTEM_PYTHON), reason="there is no interpreter that an ordinary user can run")
def test_attacks_are_held_for_an_ordinary_user() -> None:
    def all_of_them() -> Any:
        try:
            way = isolator.__wrapped__()
        except NoIsolator as error:
            return str(error)
        found = {}
        for machine in a_machine():
            found = {attack["name"]: complaints(attack, way, machine) for attack in ATTACKS}
        return {name: what for name, what in found.items() if what}

    told = as_nobody(all_of_them)
    if isinstance(told, str) and "is not run" in told:
        pytest.skip(told)
    assert told == {}


def test_refused_where_nothing_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoIsolator, match="Install the package bubblewrap"):
        isolator.__wrapped__()


@needs_bubblewrap
def test_refused_where_bubblewrap_isolates_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A bubblewrap that starts what it is given and tells of it, but holds nothing back."""
    false = tmp_path / "bwrap"
    false.write_text(
        '#!/bin/bash\nwhile [ "$1" != -- ]; do [ "$1" = --info-fd ] && told=$2; shift; done; shift\n'
        '"$@" <&0 & echo "{\\"child-pid\\": $!}" >&$told; eval "exec $told>&-"; wait $!\n'
    )
    false.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(NoIsolator, match="does not hold against a plain run that looks around"):
        isolator.__wrapped__()


@needs_bubblewrap
@pytest.mark.parametrize("missing", ["--unshare-net", "--seccomp", "--size"])
def test_refused_where_one_wall_is_missing(missing: str, way: Isolator, tmp_path: Path) -> None:
    """The self-test sees each wall that can be taken away without another one standing in for it."""
    leaky = tmp_path / "bwrap"
    width = 1 if missing == "--unshare-net" else 2
    leaky.write_text(
        "#!/bin/bash\nkept=()\nwhile [ $# -gt 0 ]; do\n"
        f'  if [ "$1" = {missing} ]; then shift {width}; else kept+=("$1"); shift; fi\ndone\nexec env -i {way.bubblewrap} "${{kept[@]}}"\n'
    )
    leaky.chmod(0o755)
    assert failed(way._replace(bubblewrap=str(leaky)))


@needs_bubblewrap
def test_a_probe_that_fails_is_named(way: Isolator) -> None:
    inside = way.inside.replace("RLIMIT_NPROC: processes", "RLIMIT_NPROC: 1 << 20").replace("RLIMIT_AS: memory", "RLIMIT_AS: 1 << 40")
    said = failed(way._replace(inside=inside))
    if way.home is None:
        assert said is not None
        assert any(probe.name in said for probe in PROBES)
    else:
        assert said is None  # the control group holds by itself


@needs_bubblewrap
def test_the_isolator_is_the_best_way_and_made_once() -> None:
    try:
        assert isolator() is isolator()
    except NoIsolator as error:
        pytest.skip(str(error))


@needs_bubblewrap
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=2000))
def test_any_text_comes_back(way: Isolator, text: str) -> None:
    outcome = way.run(f"print({text!r}, end='')", seconds=20)
    assert outcome._replace(seconds=0) == (True, text, "", 0, None)


@needs_bubblewrap
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prompts=st.lists(st.text(max_size=500), max_size=5))
def test_any_prompt_and_answer_go_round(way: Isolator, prompts: list[str]) -> None:
    asked = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return prompt[::-1]

    code = f"assert [llm(prompt) for prompt in {prompts!r}] == {[prompt[::-1] for prompt in prompts]!r}"
    assert way.run(code, seconds=20, ask=ask).ok
    assert asked == prompts


@needs_bubblewrap
def test_input_is_given(way: Isolator) -> None:
    text = "a line\n" * 100_000
    assert way.run("import sys; print(len(sys.stdin.read()))", seconds=20, stdin=text).output == f"{len(text)}\n"
    assert way.run("print(1)", seconds=20, stdin=text).ok  # and need not be read


ERRORS = [
    ("raise ValueError('what it was')", "ValueError: what it was"),
    ("1 / 0", "ZeroDivisionError: division by zero"),
    ("import torch", "ModuleNotFoundError: No module named 'torch'"),
    ("def f(:", "SyntaxError: invalid syntax"),
    ("raise SystemExit('said')", "said"),
    ("raise SystemExit(3)", "exit status 3"),
    ("import sys; sys.stderr.write('noise'); raise KeyError('x')", "noise"),
    ("import os; os.kill(os.getpid(), 11)", "killed by SIGSEGV"),
    ("'\ud800'", "UnicodeEncodeError: 'utf-8' codec can't encode character '\\ud800' in position 1: surrogates not allowed"),
]


@needs_bubblewrap
@pytest.mark.parametrize(("code", "error"), ERRORS)
def test_an_error_is_told_by_its_last_line(way: Isolator, code: str, error: str) -> None:
    outcome = way.run(code, seconds=20)
    assert not outcome.ok
    assert error in outcome.error or outcome.error == "KeyError: 'x'"


@needs_bubblewrap
def test_what_an_ending_run_printed_is_kept(way: Isolator) -> None:
    outcome = way.run("print('first')\nwhile True: pass", seconds=0.3)
    assert (outcome.ok, outcome.output, outcome.error, outcome.stopped) == (False, "first\n", "took longer than 0.3 s", "time")
    assert 0.3 <= outcome.seconds < 10


@needs_bubblewrap
def test_output_is_cut(way: Isolator) -> None:
    outcome = way.run(f"print('x' * {OUTPUT_LIMIT}, end='')", seconds=20)
    assert (outcome.ok, len(outcome.output)) == (True, OUTPUT_LIMIT)
    outcome = way.run(f"print('x' * {OUTPUT_LIMIT + 1}, end='')", seconds=20)
    assert (outcome.stopped, len(outcome.output)) == ("output", OUTPUT_LIMIT)


def raising(prompt: str) -> str:
    raise ValueError("an address with a key")


def slow(prompt: str) -> str:
    time.sleep(1)
    return "late"


LLM = [
    ("an executor that raises", raising, None, "llm('x')", "RuntimeError: the executor failed"),
    ("an answer that is no text", lambda prompt: 5, None, "llm('x')", "RuntimeError: the executor failed"),
    ("an answer that is too long", lambda prompt: "x" * MIB, None, "llm('x')", "RuntimeError: the executor failed"),
    ("an answer that comes late", slow, 0.1, "llm('x')", "RuntimeError: no answer within 0.1 s"),
    ("a prompt that is too long", str, None, f"llm('x' * {PROMPT_LIMIT + 1})", "ValueError: llm takes 65536 characters at most"),
    ("a prompt that is no text", str, None, "llm(5)", "TypeError: llm takes a string, not int"),
    ("too many calls", str, None, f"for _ in range({ASKS + 1}): llm('x')", "RuntimeError: llm was called more than 32 times"),
    ("as many as may be", str, None, f"for _ in range({ASKS}): llm('x' * {PROMPT_LIMIT})", ""),
    ("an error that is caught", raising, None, "try: llm('x')\nexcept RuntimeError: pass", ""),
]


@needs_bubblewrap
@pytest.mark.parametrize(("ask", "within", "code", "error"), [case[1:] for case in LLM], ids=[case[0] for case in LLM])
def test_llm(way: Isolator, ask: Any, within: float | None, code: str, error: str) -> None:
    outcome = way.run(code, seconds=20, ask=ask, ask_within=within)
    assert (outcome.error, outcome.stopped) == (error, None)


@needs_bubblewrap
def test_an_answer_is_part_of_the_time(way: Isolator) -> None:
    assert way.run("llm('x')", seconds=0.2, ask=slow).stopped == "time"


@needs_bubblewrap
def test_a_run_finds_nothing_of_the_last_one(way: Isolator) -> None:
    assert way.run("open('/tmp/left', 'w').write('x')", seconds=20).ok
    assert way.run("import os; print(os.listdir('/tmp'))", seconds=20).output == "[]\n"


@needs_bubblewrap
def test_several_runs_at_once(way: Isolator) -> None:
    found: dict[int, str] = {}

    def run(number: int) -> None:
        found[number] = way.run(f"import time; time.sleep(0.1); print({number})", seconds=20).output

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: f"{number}\n" for number in range(4)}


@needs_bubblewrap
def test_a_run_dies_with_its_parent(way: Isolator, tmp_path: Path) -> None:
    """A trainer that is killed leaves nothing behind that runs; what is left of its control group, the next one removes."""
    child = os.fork()
    if child == 0:
        try:
            way.run("while True: pass", seconds=60)
        finally:
            os._exit(0)
    until = time.monotonic() + 10
    while not running_below(child) and time.monotonic() < until:
        time.sleep(0.05)
    below = running_below(child)
    assert below
    os.kill(child, 9)
    os.waitpid(child, 0)
    while any(map(is_running, below)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(map(is_running, below))
    for home in cgroup.homes():
        cgroup.swept(home)
        assert not [name for folder in home.folders for name in os.listdir(folder) if f"confguard-{child}-" in name]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def running_below(pid: int) -> list[int]:
    """Bubblewrap, its first process, and the interpreter, once that is there."""
    found: list[int] = []
    for _ in range(3):
        with suppress(OSError, IndexError, ValueError):
            pid = int(
                subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True, check=False).stdout.split()[0]
            )
            found.append(pid)
    return found if len(found) == 3 else []


def test_a_broken_isolator_is_no_bad_outcome() -> None:
    """Where the machine fails, the code has not: that must not become a reward of 0."""
    if not shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed")
    way = next(iter(candidates()))
    with pytest.raises(NoIsolator, match="the isolator failed"):
        way._replace(bubblewrap="/bin/false").run("print(1)", seconds=5)
    with pytest.raises(ValueError, match="memory"):
        way.run("print(1)", seconds=5, memory=MIB)


def test_the_filter_on_each_architecture() -> None:
    """A filter is a list of whole steps that jump forwards within it, small enough for the kernel."""
    for name in seccomp.MACHINES:
        for is_alone in (True, False):
            steps = list(__import__("struct").iter_unpack("=HBBI", seccomp.program(name, is_alone=is_alone)))
            assert 50 < len(steps) < 4096
            assert all(at + 1 + max(step[1], step[2]) < len(steps) for at, step in enumerate(steps) if step[0] & 7 == 5)
            assert steps[-1][0] == 6


HIERARCHIES = [
    (
        "a session of systemd",
        "0::/user.slice/session-1.scope",
        "0 0 0:1 / CG rw - cgroup2 cgroup2 rw",
        {"user.slice": "cpu memory pids"},
        "user.slice",
    ),
    ("a group that hands nothing down", "0::/a/b", "0 0 0:1 / CG rw - cgroup2 cgroup2 rw", {"a/b": "", "a": "cpu"}, None),
    ("a container that sees its own part", "0::/", "0 0 0:1 / CG rw - cgroup2 cgroup2 rw", {".": "memory pids"}, "."),
    ("a part told from outside", "0::/docker/x", "0 0 0:1 /docker/x CG rw - cgroup2 cgroup2 rw", {".": "memory pids"}, "."),
]


@pytest.mark.parametrize(("own", "mounts", "handed", "expected"), [case[1:] for case in HIERARCHIES], ids=[case[0] for case in HIERARCHIES])
def test_where_groups_of_version_2_are_made(
    own: str, mounts: str, handed: dict[str, str], expected: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From files alone: what the kernel then does is for the self-test to see."""
    for folder, controllers in handed.items():
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "cgroup.subtree_control").write_text(controllers)
    (tmp_path / own.split(":", 2)[2].strip("/")).mkdir(parents=True, exist_ok=True)
    told = {"/proc/self/cgroup": own, "/proc/self/mountinfo": mounts.replace("CG", str(tmp_path))}
    read = cgroup._read
    monkeypatch.setattr(cgroup, "_read", lambda path: told.get(path) or read(path))
    assert [home.folders for home in cgroup.homes()] == ([] if expected is None else [(os.path.normpath(tmp_path / expected),)])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_users_of_runs_are_nobody_else() -> None:
    lent = uid.numbers("uid_map")
    assert lent is not None
    first, second = uid.of_a_run(lent, lent), uid.of_a_run(lent, lent)
    assert first != second
    assert min(first) > NOBODY or lent.size < 1 << 20


def test_nothing_of_the_environment_of_the_tests_is_shown() -> None:
    """Of the machine's files a run is shown the interpreter's, never a folder that holds more."""
    if not shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed")
    arguments = sight.sight().arguments
    shown = [arguments[at + 2] for at, word in enumerate(arguments) if word == "--ro-bind"]
    assert not {"/", "/usr", "/etc", "/home", "/root", "/opt", "/var", os.path.expanduser("~"), sys.prefix}.intersection(shown) - {"/usr"}
    assert PROCESSES >= 16
