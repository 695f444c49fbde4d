"""The language server as a process: how it starts and ends, how messages are framed, what it makes of bad ones and of names of files."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from editor import Editor, editing
from language_client import LanguageClient, framed, serving
from lsp_rows import EXECUTOR, TEXT, TRAINING, Row, about, place, rows, told_by_server
from lsprotocol import types

SERVER = [sys.executable, "-m", "confguard", "lsp"]
NOWHERE = {"textDocument": {"uri": "untitled:1"}, "position": {"line": 0, "character": 0}}
PATCHED = "import time, confguard.server.serve as serve\n{}\nserve.hover = hover\nfrom confguard.__main__ import program\nprogram()"
"""A server of which one answer is another function."""


# --- what it offers, and how it ends ---


def test_what_the_server_offers(tmp_path: Path) -> None:
    with editing(tmp_path / "project") as editor:
        offered = editor.server
    assert offered.position_encoding == types.PositionEncodingKind.Utf16  # though the client would rather have UTF-8
    sync = offered.text_document_sync
    assert isinstance(sync, types.TextDocumentSyncOptions)
    assert (sync.open_close, sync.change, bool(sync.save)) == (True, types.TextDocumentSyncKind.Incremental, True)
    assert isinstance(offered.code_action_provider, types.CodeActionOptions)
    assert list(offered.code_action_provider.code_action_kinds or ()) == ["quickfix", "source.fixAll.confguard", "refactor.rewrite"]


def test_a_start_that_fails_says_why_and_shows_no_traceback(tmp_path: Path) -> None:
    client = LanguageClient(SERVER, tmp_path)
    answer = client.answer("initialize", {"capabilities": {}, "processId": None, "rootUri": "file://["})
    assert answer["error"] == {"code": -32603, "message": "ValueError: Invalid IPv6 URL"}
    assert (client.stop(), client.complaints) == (0, b"")


def test_an_editor_that_says_goodbye_ends_it(tmp_path: Path) -> None:
    client = LanguageClient(SERVER, tmp_path)
    client.start()
    assert (client.stop(), client.complaints) == (0, b"")


def test_an_editor_that_says_no_goodbye_ends_it(tmp_path: Path) -> None:
    client = LanguageClient(SERVER, tmp_path)
    client.start()
    client.notify("exit")
    assert (client.end(), client.complaints) == (1, b"")


def test_an_editor_that_goes_away_ends_it() -> None:
    done = subprocess.run(SERVER, input=b"", capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(sent: signal.Signals, tmp_path: Path) -> None:
    """At once, though it still waits for what the editor sends."""
    client = LanguageClient(SERVER, tmp_path)
    client.start()
    client.process.send_signal(sent)
    assert (client.end(), client.complaints) == (-sent, b"")


@pytest.mark.parametrize("missing", ["pygls", "pygls.lsp.server"])  # the second is not in pygls 1
def test_without_pygls_it_says_what_to_install(missing: str) -> None:
    code = f"import sys\nsys.modules['{missing}'] = None\nsys.argv = ['confguard', 'lsp']\nfrom confguard.__main__ import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "confguard: the language server needs pygls 2 or later: pip install 'pygls>=2'\n"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminals to make")
def test_a_person_is_told_who_starts_it() -> None:
    _, terminal = os.openpty()
    done = subprocess.run(SERVER, stdin=terminal, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "confguard: an editor starts this, and speaks to it on standard input: docs/editors.md says how\n"


# --- messages ---


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageClient]:
    with serving(SERVER, tmp_path_factory.mktemp("client")) as client:
        yield client
    assert client.complaints == b""


@pytest.mark.parametrize("row", rows("messages"), ids=about)
def test_messages(client: LanguageClient, row: Row) -> None:
    since = len(client.notices)
    if "request" in row:
        answer = client.answer(*row["request"])
        assert (answer.get("result"), answer.get("error")) == (row.get("result"), row.get("error"))
    if "notify" in row:
        client.notify(*row["notify"])
    client.send(b"".join(framed(body.encode("latin-1")) for body in row.get("bodies", ())))
    assert client.answer("textDocument/hover", NOWHERE)["result"] is None
    logged = [notice["params"]["message"] for notice in client.notices[since:] if notice["method"] == "window/logMessage"]
    assert len(logged) == len(row.get("logged", ()))
    for line, words in zip(logged, row.get("logged", ()), strict=True):
        assert line.startswith("confguard: the editor sent what is no request: ")
        assert words in line
        assert "\n" not in line


def question(id_: int) -> bytes:
    return framed({"jsonrpc": "2.0", "id": id_, "method": "textDocument/hover", "params": NOWHERE})


def test_a_message_may_come_in_pieces(client: LanguageClient) -> None:
    sent = question(1000)
    for piece in (sent[:5], sent[5:20], sent[20:30], sent[30:]):
        client.send(piece)
        time.sleep(0.05)
    assert client.answered(1000)["result"] is None


def test_messages_may_come_at_once(client: LanguageClient) -> None:
    client.send(b"".join(map(question, range(2000, 2005))))
    assert [client.answered(id_)["result"] for id_ in range(2000, 2005)] == [None] * 5


def test_a_header_may_say_more_than_the_length(client: LanguageClient) -> None:
    more = b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n"
    client.send(more + question(3000))
    client.send(question(3001).replace(b"\r\n\r\n", b"\r\n" + more + b"\r\n", 1))
    assert [client.answered(id_)["result"] for id_ in (3000, 3001)] == [None, None]


def test_a_question_may_be_taken_back(tmp_path: Path) -> None:
    slow = [sys.executable, "-c", PATCHED.format("def hover(*about): time.sleep(0.5)"), "lsp"]
    about = {"textDocument": {"uri": (tmp_path / "a.yaml").as_uri()}, "position": {"line": 0, "character": 0}}
    with serving(slow, tmp_path) as client:
        assert client.answer("textDocument/hover", about, is_cancelled=True)["error"]["code"] == -32800
        assert client.answer("textDocument/hover", about)["result"] is None
        assert client.notices == []


def test_a_bug_in_an_answer_is_one_line_in_the_log(tmp_path: Path) -> None:
    broken = ["-c", PATCHED.format(r"def hover(*about): raise ValueError('no such\nkey')"), "lsp"]
    with editing(tmp_path / "project", command=broken) as editor:
        editor.open(TRAINING)
        assert editor.hover(TRAINING, types.Position(0, 0)) is None
        assert editor.logged == [r"confguard: a bug of ours, not of your files: ValueError: no such\nkey (<string>:2)"]
        editor.logged.clear()
        assert "YAML010" in {item.code for item in editor.diagnostics(TRAINING)}


# --- the folder, and names of files ---


def test_the_folder_may_go_and_come_back(tmp_path: Path) -> None:
    with editing(tmp_path / "project") as editor:
        editor.open(TRAINING)
        before = told_by_server(editor.diagnostics(TRAINING))
        moved, kept = tmp_path / "moved", tmp_path / "kept"
        editor.root.rename(moved)
        shutil.copytree(moved, kept)
        shutil.rmtree(moved)  # the folder that the server stands in
        editor.hover(TRAINING, place(TEXT, "▮learning_rate: ").start)
        editor.becomes(TRAINING, TEXT + "# more\n")
        assert "EXEC001" in {item.code for item in editor.diagnostics(TRAINING)}
        kept.rename(editor.root)
        editor.becomes(TRAINING, TEXT)
        assert told_by_server(editor.diagnostics(TRAINING)) == before


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    with editing(tmp_path_factory.mktemp("names") / "项 目 100%") as editor:
        yield editor


def counts(editor: Editor, uris: dict[str, str]) -> dict[str, int]:
    """How many things are told of texts, by the names under which they are opened; those of which nothing is told are left out."""
    since = len(editor.published)
    for uri, text in uris.items():
        editor.open_uri(uri, text)
    editor.show(EXECUTOR, editor.text(EXECUTOR))
    editor.diagnostics(EXECUTOR, since=since)
    editor.hover(EXECUTOR, types.Position(0, 0))  # answered after all that is told in one go with that
    told = {params.uri: len(params.diagnostics) for params in editor.published[since:] if params.uri in uris}
    for uri in uris:
        editor.close_uri(uri)
    return told


@pytest.mark.parametrize("row", rows("uris"), ids=about)
def test_names_of_files(editor: Editor, row: Row) -> None:
    uri = row["uri"].replace("{root}", editor.root.as_uri())
    assert (uri in counts(editor, {uri: TEXT})) == row["ours"]


def test_two_files_that_differ_behind_a_semicolon(editor: Editor) -> None:
    one, other = (f"{editor.root.as_uri()}/a;{number}.yaml" for number in (1, 2))
    found = counts(editor, {one: TEXT, other: "max_steps: 1\nlora_alpha: 1\nlora_rank: [\n"})
    assert found[one] > 1
    assert found[other] == 1
