"""`confguard undo`: what it puts back, to the byte; what it refuses; and that every command ends first what was cut short."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from trials import State, calls_of, killed_at, state

from confguard.__main__ import _run
from confguard.transaction.commit import FileChange, commit
from confguard.transaction.history import kept
from confguard.transaction.journal import MODE
from confguard.transaction.leftover import JOURNAL

AFTER = Path(__file__).parent / "mission" / "after" / "config"
HISTORY = Path(".confguard/history")
STRANGE = "not made by confguard as it stands; look at it and remove it"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkdir("config")
    for name in ("a", "b", "c"):
        Path(f"config/{name}.yaml").write_bytes(name.encode())


def write(command: str, **texts: str | None) -> str:
    """Let files of config/ hold these texts; None: there is no such file then. The name of the transaction."""
    changes = []
    for name, text in texts.items():
        path = Path(f"config/{name}.yaml")
        before = path.read_bytes() if path.exists() else None
        changes.append(FileChange(str(path), before, None if text is None else text.encode()))
    done = commit(changes, ".", command)
    assert done.history is not None
    return done.history


def texts() -> dict[str, str]:
    return {path.stem: path.read_text() for path in sorted(Path("config").glob("*.yaml"))}


def undo(*arguments: str) -> int:
    return _run(["undo", *arguments])


def refused(says: str, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
    before = everything()
    capsys.readouterr()
    assert undo(*arguments) == 2
    assert capsys.readouterr() == ("", f"confguard: {says}\n")
    assert everything() == before


def everything() -> tuple[State, dict[str, bytes]]:
    return state(), {str(path): path.read_bytes() for path in Path(".confguard").rglob("*") if path.is_file()}


# --- what is put back ---


def test_the_last_transaction(capsys: pytest.CaptureFixture[str]) -> None:
    first = write("first", a="A", b="B")
    last = write("second", b="BB", new="N")
    assert undo() == 0
    assert capsys.readouterr() == (
        f"config/b.yaml: as it was before `second` ({last})\nconfig/new.yaml: removed again, as before `second` ({last})\n",
        "",
    )
    assert texts() == {"a": "A", "b": "B", "c": "c"}
    assert [transaction.id for transaction in kept(os.path.realpath("."))] == [first]
    assert undo() == 0
    assert texts() == {"a": "a", "b": "b", "c": "c"}
    assert sorted(state()) == ["config", "config/a.yaml", "config/b.yaml", "config/c.yaml"]


def test_all_since_a_transaction(capsys: pytest.CaptureFixture[str]) -> None:
    write("first", a="A")
    second = write("second", a="AA", b="B", new="N", c=None)
    write("third", a="AAA", new=None, c="other")
    fourth = write("fourth", b="BB")
    assert undo("--to", second) == 0
    assert texts() == {"a": "A", "b": "b", "c": "c"}
    assert sorted(capsys.readouterr().out.splitlines()) == [
        f"config/{name}.yaml: {then} `second` ({second})"
        for name, then in (
            ("a", "as it was before"),
            ("b", "as it was before"),
            ("c", "as it was before"),
            ("new", "removed again, as before"),
        )
    ]
    assert len(kept(os.path.realpath("."))) == 1
    assert fourth not in os.listdir(HISTORY)


def test_what_took_itself_back() -> None:
    first = write("there", a="A")
    write("and back", a="a")
    assert undo("--to", first) == 0
    assert texts() == {"a": "a", "b": "b", "c": "c"}
    assert os.listdir(HISTORY) == []


def test_what_is_put_back_is_the_file_with_all_that_it_had() -> None:
    os.chmod("config/a.yaml", 0o640)
    os.chmod("config/c.yaml", 0o604)
    has_attributes = hasattr(os, "setxattr")
    try:
        for name in ("a", "c"):
            os.setxattr(f"config/{name}.yaml", "user.note", b"ours")
    except (OSError, AttributeError):
        has_attributes = False
    write("first", a="A", c=None)
    assert undo() == 0
    assert texts() == {"a": "a", "b": "b", "c": "c"}
    assert [stat.S_IMODE(os.stat(f"config/{name}.yaml").st_mode) for name in ("a", "c")] == [0o640, 0o604]
    if has_attributes:
        assert [os.getxattr(f"config/{name}.yaml", "user.note") for name in ("a", "c")] == [b"ours", b"ours"]


def test_a_link_stays_a_link() -> None:
    os.symlink("config/a.yaml", "link.yaml")
    commit([FileChange("link.yaml", b"a", b"A")], ".", "first")
    assert undo() == 0
    assert os.readlink("link.yaml") == "config/a.yaml"
    assert texts()["a"] == "a"


def test_what_was_waived() -> None:
    for source in sorted(AFTER.iterdir()):
        (Path("config") / source.name).write_bytes(source.read_bytes())
    before = state()
    assert _run(["waive", "lora_alpha", "--because", "half the scale"]) == 0
    once = state()
    assert _run(["waive", "top_k", "--because", "small cards"]) == 0
    assert undo() == 0
    assert state() == once
    assert undo() == 0
    assert state() == before


def test_from_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    write("first", a="A")
    os.mkdir("elsewhere")
    monkeypatch.chdir("elsewhere")
    assert undo(f"{tmp_path}/config/a.yaml") == 0
    assert capsys.readouterr().out.startswith(f"{tmp_path}/config/a.yaml: as it was before `first`")


@pytest.mark.parametrize("where", ["config", "config/a.yaml", "config/gone.yaml", "link.yaml", "folder"])
def test_from_below(where: str) -> None:
    write("first", a="A")
    os.symlink("config/a.yaml", "link.yaml")
    os.symlink("config", "folder")
    assert undo(where) == 0
    assert texts()["a"] == "a"


def test_a_project_within_a_project_has_its_own_history() -> None:
    write("outer", a="A")
    os.mkdir("inner")
    Path("inner/d.yaml").write_bytes(b"d")
    commit([FileChange("inner/d.yaml", b"d", b"D")], "inner", "inner")
    assert undo() == 0
    assert (Path("inner/d.yaml").read_bytes(), texts()["a"]) == (b"D", "a")
    assert undo("inner") == 0
    assert Path("inner/d.yaml").read_bytes() == b"d"


# --- what is listed ---


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    first = write("migrate config --to profile:reference", a="A", b="B")
    second = write("waive x --because 'sk-proj-abcdefghijklmnop0123'", c="C")
    assert undo("--list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "WHEN", line) for line in lines] == [
        f"{second}  WHEN  waive x --because '{lines[0].split(chr(39))[1]}'",
        "  config/c.yaml",
        f"{first}  WHEN  migrate config --to profile:reference",
        "  config/a.yaml, config/b.yaml",
    ]
    assert "abcdefghij" not in lines[0]


# --- what is refused ---

NOTHING = "there is nothing to undo: no transaction is kept in . or above it"


def test_nothing_to_undo(capsys: pytest.CaptureFixture[str]) -> None:
    refused(NOTHING, capsys)
    refused(NOTHING, capsys, "--list")
    write("first", a="A")
    assert undo() == 0
    refused(NOTHING, capsys)


def test_no_such_place(capsys: pytest.CaptureFixture[str]) -> None:
    write("first", a="A")
    refused("gone/a.yaml: there is no such file, and no folder that it could have been in", capsys, "gone/a.yaml")
    assert undo("x/" * 50_000) == 2


def test_no_such_transaction(capsys: pytest.CaptureFixture[str]) -> None:
    first = write("first", a="A")
    refused(f"--to {first[:-1]}: there is no such transaction; did you mean {first}?", capsys, "--to", first[:-1])
    refused(f"--to yesterday: there is no such transaction; there are: {first}", capsys, "--to", "yesterday")


CHANGED: dict[str, tuple[Callable[[], object], str]] = {
    "other bytes": (lambda: Path("config/a.yaml").write_bytes(b"a"), "config/a.yaml"),
    "two of them": (
        lambda: (Path("config/a.yaml").write_bytes(b"x"), Path("config/new.yaml").write_bytes(b"x")),
        "config/a.yaml, config/new.yaml",
    ),
    "gone": (lambda: os.remove("config/a.yaml"), "config/a.yaml"),
    "gone, and was made": (lambda: os.remove("config/new.yaml"), "config/new.yaml"),
    "there again": (lambda: Path("config/c.yaml").write_bytes(b"c"), "config/c.yaml"),
    "a folder": (lambda: (os.remove("config/a.yaml"), os.mkdir("config/a.yaml")), "config/a.yaml"),
    "a link to its like": (lambda: (os.rename("config/a.yaml", "x"), os.symlink("../x", "config/a.yaml")), "config/a.yaml"),
    "in a folder that is a link": (
        lambda: (os.rename("config", "x"), os.symlink("x", "config")),
        "config/a.yaml, config/new.yaml, config/c.yaml",
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_files_that_changed_since(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    change, files = CHANGED[name]
    first = write("first", a="A", new="N", c=None)
    change()
    refused(f"{files}: changed since, so nothing is taken back; what was there before is in .confguard/history/{first}", capsys)


def test_a_file_that_was_changed_between(capsys: pytest.CaptureFixture[str]) -> None:
    """What somebody wrote between two transactions would be lost."""
    first = write("first", a="A")
    Path("config/a.yaml").write_bytes(b"theirs")
    write("second", a="AA")
    says = f"config/a.yaml: changed since, so nothing is taken back; what was there before is in .confguard/history/{first}"
    refused(says, capsys, "--to", first)
    assert undo() == 0
    assert texts()["a"] == "theirs"
    refused(says, capsys)


def test_a_file_that_is_read_only_now(capsys: pytest.CaptureFixture[str]) -> None:
    write("first", a="A")
    os.chmod("config/a.yaml", 0o444)
    refused("config/a.yaml: the file is read-only; make it writable (chmod u+w) and run again", capsys)


def test_an_old_copy_that_is_not_what_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    first = write("first", a="A")
    (HISTORY / first / "0.old").write_bytes(b"evil")
    refused(f".confguard/history/{first}/0.old: not what it was when it was kept, so nothing is taken back", capsys)


Entry = Callable[[Path], object]


def manifest(change: Callable[[dict[str, Any]], Any]) -> Entry:
    def arrange(entry: Path) -> None:
        done = entry / "done"
        done.write_text(json.dumps(change(json.loads(done.read_text()))))

    return arrange


PLANTED: dict[str, Entry] = {
    "from a repository": lambda entry: entry.chmod(0o755),
    "from a repository, at a careful user's": lambda entry: entry.chmod(0o700),
    "a link": lambda entry: (entry.rename("x"), entry.symlink_to(os.path.abspath("x"))),
    "a file": lambda entry: (shutil.rmtree(entry), entry.write_bytes(b"")),
    "no manifest": lambda entry: (entry / "done").unlink(),
    "not done": lambda entry: (entry / "done").rename(entry / "live"),
    "something else": lambda entry: (entry / "x").write_bytes(b""),
    "no JSON": lambda entry: (entry / "done").write_bytes(b"{"),
    "a path that leads out": manifest(lambda found: {**found, "files": [["../../x", *found["files"][0][1:]]]}),
    "an absolute path": manifest(lambda found: {**found, "files": [["/etc/passwd", *found["files"][0][1:]]]}),
    "a folder that leads out": manifest(lambda found: {**found, "home": ".."}),
    "an absolute folder": manifest(lambda found: {**found, "home": "/etc"}),
    "one that takes back others": manifest(lambda found: {**found, "undone": ["20261125-171343-ab12"]}),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_transaction(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    entry = HISTORY / write("first", a="A")
    PLANTED[name](entry)
    for option in ((), ("--list",)):
        refused(f"{os.path.realpath('.')}/{HISTORY}/{entry.name}: {STRANGE}", capsys, *option)


@pytest.mark.parametrize("mode", [0o755, 0o700, None])
def test_a_planted_history(mode: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    write("first", a="A")
    if mode is None:
        HISTORY.rename("x")
        HISTORY.symlink_to(os.path.abspath("x"))
    else:
        HISTORY.chmod(mode)
    refused(f"{os.path.realpath('.')}/{HISTORY}: {STRANGE}", capsys)


# --- every command ends first what was cut short ---


@pytest.fixture
def _cut_short() -> None:
    """A transaction that was killed when its files were replaced and it was not done."""
    for source in sorted(AFTER.iterdir()):
        (Path("config") / source.name).write_bytes(source.read_bytes())
    before = state()
    paths = [f"config/{name}" for name in ("training.yaml", "aflow_llm.yaml")]
    changes = [FileChange(path, Path(path).read_bytes(), b"learning_rate: [\n") for path in paths]

    def run() -> None:
        commit(changes, ".", "migrate config")

    made = calls_of(run)
    assert undo() == 0
    assert state() == before
    assert killed_at(run, max(number for number, name in enumerate(made) if name == "replace"), True)
    assert os.path.lexists(f"config/{JOURNAL}")


COMMANDS = [
    ["check", "config"],
    ["check", "config", "--format", "json"],
    ["check", "config/training.yaml"],
    ["check"],
    ["diff", "profile:reference", "config"],
    ["diff", "config", "config", "--format", "json"],
    ["report", "profile:reference", "config"],
    ["waive", "lora_alpha", "--because", "r"],
    ["waive", "lora_alpha", "--because", "r", "--config", "config/training.yaml"],
]


@pytest.mark.usefixtures("_cut_short")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_what_was_cut_short_is_ended(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert _run(arguments) in (0, 1)
    said = capsys.readouterr()
    assert re.fullmatch(
        r"confguard: config: `migrate config` of .* was cut short and is taken back; its files are as they were before\n", said.err
    )
    assert Path("config/training.yaml").read_bytes() == (AFTER / "training.yaml").read_bytes()
    assert not os.path.lexists(f"config/{JOURNAL}")


def test_what_was_cut_short_below_is_ended_before_anything_is_undone(capsys: pytest.CaptureFixture[str]) -> None:
    """Were it not, the transaction before it would be taken back in its place."""
    write("first", a="A")

    def run() -> None:
        commit([FileChange("config/b.yaml", b"b", b"B")], ".", "second")

    made = calls_of(run)
    assert undo() == 0
    _, _, done, _ = (number for number, name in enumerate(made) if name == "rename")
    assert killed_at(run, done, True)
    capsys.readouterr()
    assert undo() == 0
    assert "`second` of" in capsys.readouterr().err
    assert (texts()["a"], texts()["b"]) == ("A", "b")


@pytest.mark.parametrize("arguments", [*COMMANDS, ["undo"], ["undo", "--list"]], ids=" ".join)
def test_a_planted_journal_stops_every_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for source in sorted(AFTER.iterdir()):
        (Path("config") / source.name).write_bytes(source.read_bytes())
    os.mkdir(JOURNAL, 0o755)
    Path(JOURNAL, "live").write_bytes(b"{}")
    before = state()
    assert _run(arguments) == 2
    assert capsys.readouterr() == ("", f"confguard: {os.path.realpath('.')}/{JOURNAL}: {STRANGE}\n")
    assert state() == before


def test_a_journal_that_nothing_is_in_is_swept_away() -> None:
    os.mkdir(JOURNAL, MODE)
    assert _run(["check", "config"]) in (0, 1, 2)
    assert not os.path.lexists(JOURNAL)
