"""`kill -9` at every moment of a transaction over six files: at the next start all of them are as they were, or all are new."""

from __future__ import annotations

import os
import random
import shutil
from functools import partial
from pathlib import Path

import pytest
from trials import Run, Trials, calls_of, killed_after, killed_at, state

from confguard.commands.check import run as check
from confguard.commands.migrate import Asked
from confguard.commands.migrate import run as migrate
from confguard.commands.undo import run as undo
from confguard.transaction.commit import FileChange, commit
from confguard.transaction.history import kept
from confguard.transaction.journal import LIVE, read
from confguard.transaction.leftover import JOURNAL
from confguard.transaction.recovery import recover

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")

MISSION = Path(__file__).parent / "mission"
AT_RANDOM = int(os.environ.get("CONFGUARD_KILLS", "150"))
"""How many runs are killed after a random time, besides those that are killed at each call of the system."""
OLD = {
    "config/training.yaml": 0o644,
    "config/aflow_llm.yaml": 0o600,
    "config/deep/er/grpo.yaml": 0o664,
    "other/sft.yaml": 0o640,
    "other/gone.yaml": 0o755,
}
MADE = "other/made.yaml"
FOLDERS = ("", "config", "config/deep/er", "other")


def held(path: str, version: int) -> bytes:
    return f"# {path}\nversion: {version}\n".encode() * (100 + version)


def change_six() -> None:
    """Four files are replaced, one is removed, one is made."""
    replaced = [FileChange(path, held(path, 0), held(path, 1)) for path in OLD if "gone" not in path]
    commit([*replaced, FileChange("other/gone.yaml", held("other/gone.yaml", 0), None), FileChange(MADE, None, b"new")], ".", "six")


def start() -> None:
    recover(FOLDERS)
    if os.path.exists(".confguard/history"):
        kept(os.path.realpath("."))


@pytest.fixture(autouse=True)
def _power_stays_on(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is killed leaves to the disk what it has written; a busy disk takes its time to sync."""
    if request.node.name != "test_at_random_moments":
        monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture
def six(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trials:
    monkeypatch.chdir(tmp_path)
    for path, mode in OLD.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(path).write_bytes(held(path, 0))
        os.chmod(path, mode)
    return Trials(change_six, start)


def count_of(trials: Trials, run: Run) -> int:
    trials.reset()
    return len(calls_of(run))


def test_at_every_call(six: Trials, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(count_of(six, six.run)):
        six.trial(partial(killed_at, which=number))
    assert six.outcomes["old"] > 100
    assert six.outcomes["new"] > 10
    with capsys.disabled():
        print(six.told())


def test_at_random_moments(six: Trials, capsys: pytest.CaptureFixture[str]) -> None:
    draw = random.Random(20)
    for _ in range(AT_RANDOM):
        six.trial(lambda run: killed_after(run, draw.uniform(0.0, six.seconds)))
    with capsys.disabled():
        print(six.told())


def test_recovery_is_killed_too(six: Trials, capsys: pytest.CaptureFixture[str]) -> None:
    """Again and again, at any call, until it comes to its end."""
    draw = random.Random(21)
    count = count_of(six, six.run)

    def restart() -> None:
        while killed_at(start, draw.randrange(60), draw.random() < 0.5):
            six.outcomes["recoveries killed"] += 1

    for _ in range(AT_RANDOM // 2):
        six.trial(lambda run: killed_at(run, draw.randrange(count)), restart)
    with capsys.disabled():
        print(six.told())


def test_undo_is_killed_too(six: Trials, capsys: pytest.CaptureFixture[str]) -> None:
    six.reset()
    change_six()

    def start_and_count() -> None:
        start()
        assert len(kept(os.path.realpath("."))) == int(state() == undoing.old)

    undoing = Trials(undo, start_and_count)
    assert undoing.new == six.old
    for number in range(0, count_of(undoing, undoing.run), 2):
        undoing.trial(partial(killed_at, which=number))
    with capsys.disabled():
        print(undoing.told())


def test_at_every_call_of_a_recovery(six: Trials) -> None:
    """All six are replaced, but it is not done yet: what there is most to take back of."""
    count = count_of(six, six.run)
    last = next(number for number in reversed(range(count)) if is_live_at(six, number))
    six.reset()
    assert killed_at(six.run, last)
    for number in range(len(calls_of(start))):
        six.trial(partial(killed_at, which=last), partial(killed_and_started, number))
    assert six.outcomes["new"] == 0


def killed_and_started(number: int) -> None:
    """Kill a recovery at a call, and let another one come to its end."""
    killed_at(start, number)
    start()


def is_live_at(six: Trials, number: int) -> bool:
    six.reset()
    killed_at(six.run, number)
    found = read(JOURNAL) if os.path.lexists(JOURNAL) else None
    start()
    return found is not None and found[0] == LIVE


# --- the command itself ---

KILLS = 500


def test_migrate_is_killed_500_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`confguard migrate . --write` over six files; the next start is a check. Half the kills come at a call, half after a random time."""
    monkeypatch.chdir(tmp_path)
    for folder in ("one", "two", "three"):
        shutil.copytree(MISSION / "before" / "config", folder)
    migrating = Trials(partial(migrate, Asked(".", "profile:reference", write=True)), partial(check, ["."]))
    assert sum(migrating.old[path] != migrating.new[path] for path in migrating.old) == 6
    migrating.reset()
    calls = calls_of(migrating.run)
    draw = random.Random(22)
    while migrating.outcomes["killed"] < KILLS:  # some runs are done before they are killed
        if migrating.outcomes["killed"] % 2:
            migrating.trial(lambda run: killed_after(run, draw.uniform(0.0, migrating.seconds)))
        else:
            migrating.trial(partial(killed_at, which=draw.randrange(calls.index("mkdir"), len(calls)), returned=draw.random() < 0.5))
    assert migrating.outcomes["recovered"] > KILLS // 10
    with capsys.disabled():
        print(migrating.told())
