"""The language server as an editor meets it: over standard input and output, with unsaved texts, and in UTF-16."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from editor import Editor, applied, offset_of, position
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types

from confguard.check.pipeline import check_documents
from confguard.check.setting import Options
from confguard.document.document import Document
from confguard.migrate.fixing import fixed
from confguard.schemas.catalogue import CATALOGUE, PROFILES
from confguard.server import checks as checking
from confguard.server.buffers import Buffer, Buffers
from confguard.server.checks import Checks
from confguard.server.notes import Found, Note
from confguard.server.texts import Edit, Lines, Place, Stretch, changed, edits_between

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "grpo-lora"
TRAINING, EXECUTOR, PROJECT = "config/training.yaml", "config/aflow_llm.yaml", "confguard.yaml"
TEXT = (EXAMPLE / TRAINING).read_text(encoding="utf-8")
SEVERITIES = {"error": 1, "warning": 2, "info": 3, "waived": 4}
ALL = types.Range(types.Position(0, 0), types.Position(10_000, 0))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor whose files on the disk nobody changes."""
    root = tmp_path_factory.mktemp("shared") / "project"
    shutil.copytree(EXAMPLE, root)
    editor = Editor(root)
    editor.open(TRAINING)
    yield editor
    assert editor.logged == []
    assert editor.stop() == 0
    assert editor.stderr == b""


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    shutil.copytree(EXAMPLE, tmp_path / "project")
    editor = Editor(tmp_path / "project")
    yield editor
    assert editor.logged == []
    assert editor.stop() == 0
    assert editor.stderr == b""


def codes(found: list[types.Diagnostic]) -> list[str]:
    return [str(item.code) for item in found]


def at(text: str, start: int, end: int) -> types.Range:
    return types.Range(position(text, start), position(text, end))


Row = tuple[str, int, types.Range]


def told_by_check(root: Path, file: str, text: str, **others: str) -> list[Row]:
    """What `check` says of a text: code, severity and place, in the order of the text."""
    here = os.getcwd()
    os.chdir(root)
    try:
        report = check_documents([Document(file, text.encode())], CATALOGUE, Options(ignore=("WAIVE002",)))
    finally:
        os.chdir(here)
    return sorted(
        (
            (item.code, SEVERITIES["waived" if item.waiver else item.severity], at(text, item.span.start.offset, item.span.end.offset))
            for item in report.findings
            if item.file == file
        ),
        key=repr,
    )


def told_by_server(found: list[types.Diagnostic]) -> list[Row]:
    return sorted(((str(item.code), int(item.severity or 0), item.range) for item in found), key=repr)


# --- diagnostics ---

SAID = [
    ("the file as it is", "", "", "weight_decay: ", "1e-2", "YAML010", 1),
    ("an info", "", "", "", "# Target: 500 steps x 4 prompts x 6 workflows = 12000 workflows", "NAME002", 3),
    ("what is waived is a hint", "", "", "lora_rank: ", "32", "LORA007", 4),
    (
        "Chinese before it",
        'project: "aflow-roll-integration"',
        'project: "显存"',
        "run_name: ",
        '"grpo-500steps-4batch-6workflows-tuned"',
        "NAME001",
        2,
    ),
    ("an emoji on its line", "lora_alpha: 16", '"lora_alpha": 16  # 😀', '"lora_alpha": ', "16", "LORA006", 2),
    ("emoji before it on its line", "bf16: false", '{"😀😀": 1, 2: 2e', "", "", "YAML001", 1),
    ("a key of Chinese", "bf16: false", "显存: 24", "", "显存", "SCHEMA002", 2),
    ("half typed", "bf16: false", "bf16: [", "", "", "YAML001", 1),
]


@pytest.mark.parametrize(("old", "new", "before", "words", "code", "severity"), [row[1:] for row in SAID], ids=[row[0] for row in SAID])
def test_diagnostics(shared: Editor, old: str, new: str, before: str, words: str, code: str, severity: int) -> None:
    text = TEXT.replace(old, new, 1) if old else TEXT
    shared.becomes(TRAINING, text)
    found = shared.diagnostics(TRAINING)
    assert told_by_server(found) == told_by_check(shared.root, TRAINING, text)
    places = [(item.range, int(item.severity or 0)) for item in found if item.code == code]
    if words:
        start = text.index(before + words) + len(before)
        assert (at(text, start, start + len(words)), severity) in places
    else:
        assert [found for _, found in places] == [severity]


def test_a_place_behind_an_emoji_counts_it_twice(shared: Editor) -> None:
    shared.becomes(TRAINING, TEXT.replace("bf16: false", "bf16: false\nx: {😀: 1}\n").replace("wandb:\n", "wandb: # 😀\n"))
    shared.diagnostics(TRAINING)
    line = 'wandb: {project: "显存😀", run_name: "grpo-4batch"}'
    text = TEXT[: TEXT.index("wandb:")] + line + "\n"
    shared.becomes(TRAINING, text)
    name = next(item for item in shared.diagnostics(TRAINING) if item.code == "NAME001")
    assert name.range.start.character == line.index('"grpo') + 1
    assert name.range.end.character == line.index("}") + 1


def test_a_diagnostic_says_what_to_do_and_what_else_it_is_about(shared: Editor) -> None:
    shared.becomes(TRAINING, TEXT)
    found = {str(item.code): item for item in shared.diagnostics(TRAINING)}
    assert found["YAML010"].message.endswith("\nhelp: write 1.0e-2 (safe fix)")
    assert found["LORA007"].message.endswith("(waived, ann: the adapters have to fit our 24 GB cards)")
    assert {item.source for item in found.values()} == {"confguard"}
    other = (found["LORA006"].related_information or [])[0]
    start = TEXT.index("lora_rank")
    assert other.message == "lora_rank: 32"
    assert other.location == types.Location(shared.uri(TRAINING), at(TEXT, start, start + len("lora_rank")))


def test_a_key_of_older_releases_is_struck_through(editor: Editor) -> None:
    text = "model_name_or_path: a\ndataset_name: b\nlearning_rate: 1.0e-6\nnum_generations: 8\nmax_prompt_length: 512\n"
    editor.open("grpo.yaml", text)
    gone = next(item for item in editor.diagnostics("grpo.yaml") if item.code == "RELEASE001")
    assert list(gone.tags or ()) == [types.DiagnosticTag.Deprecated]


def test_no_secret_is_shown_beside_a_finding(editor: Editor) -> None:
    secret = "sk-proj-" + "a1B2" * 8
    editor.open(TRAINING, TEXT.replace("project: ", f"api_key: {secret}\n  project: "))
    assert "SEC002" in codes(editor.diagnostics(TRAINING))
    assert secret not in repr(editor.published)


@pytest.mark.parametrize("text", ["", "services:\n  web: {image: nginx}\n", "- a\n- b\n", "{{ values }}\n", "a: [\n", "# nothing\n"])
def test_a_file_of_no_known_kind_has_no_diagnostics(shared: Editor, text: str) -> None:
    shared.open("compose.yaml", text)
    assert shared.diagnostics("compose.yaml") == []
    shared.close("compose.yaml")


# --- other files ---


def test_a_finding_in_another_file_is_told_there(editor: Editor) -> None:
    editor.open(TRAINING)
    (found,) = editor.diagnostics(EXECUTOR)
    assert found.code == "EXEC005"
    since = len(editor.published)
    editor.open(EXECUTOR)  # now what the editor has counts, saved or not
    text = editor.texts[editor.root / EXECUTOR]
    editor.becomes(EXECUTOR, "# 说明😀\n" + text)
    moved = editor.diagnostics(EXECUTOR, since=since)
    assert [(item.code, item.range.start.line) for item in moved] == [("EXEC005", found.range.start.line + 1)]
    since = len(editor.published)
    editor.becomes(EXECUTOR, text + "    max_tokens: 2048\n")
    assert editor.diagnostics(EXECUTOR, since=since) == []
    since = len(editor.published)
    editor.close(EXECUTOR)  # the disk counts again
    assert codes(editor.diagnostics(EXECUTOR, "EXEC005", since=since)) == ["EXEC005"]
    since = len(editor.published)
    editor.close(TRAINING)
    assert editor.diagnostics(EXECUTOR, since=since) == []


WAIVER = '  - {parameter: lora_alpha, value: 16, reason: "as in the paper", by: bob, expires: never}\n'


def test_what_is_typed_into_the_project_file_counts(editor: Editor) -> None:
    editor.open(TRAINING)
    before = editor.diagnostics(TRAINING)
    editor.open(PROJECT)
    since = len(editor.published)
    editor.becomes(PROJECT, editor.texts[editor.root / PROJECT] + WAIVER)
    found = {str(item.code): item for item in editor.diagnostics(TRAINING, since=since)}
    assert found["LORA006"].severity == types.DiagnosticSeverity.Hint
    since = len(editor.published)
    editor.becomes(PROJECT, "waivers:\n  - {parameter: lora_r, va")  # half typed: as it was saved
    (wrong,) = editor.diagnostics(PROJECT, since=since)
    assert wrong.severity == types.DiagnosticSeverity.Error
    assert told_by_server(editor.diagnostics(TRAINING, *codes(before))) == told_by_server(before)


def test_a_project_file_that_cannot_be_used_is_told_in_both_files(editor: Editor) -> None:
    (editor.root / PROJECT).write_text("referenses: {}\n", encoding="utf-8")
    editor.open(TRAINING)
    editor.open("compose.yaml", "services: {}\n")
    (found,) = editor.diagnostics(TRAINING)
    assert found.message.startswith("not checked: confguard.yaml:1:1: `referenses` is no known key")
    (there,) = editor.diagnostics(PROJECT)
    assert there.range.start == types.Position(0, 0)
    assert editor.diagnostics("compose.yaml") == []
    (editor.root / PROJECT).write_text("references: {}\n", encoding="utf-8")
    since = len(editor.published)
    editor.changed_on_disk(PROJECT)
    assert editor.diagnostics(PROJECT, since=since) == []
    assert "YAML010" in codes(editor.diagnostics(TRAINING, since=since))


def test_a_reference_that_would_read_standard_input_reads_nothing(editor: Editor) -> None:
    (editor.root / PROJECT).write_text('references: {reference: "-"}\n', encoding="utf-8")
    editor.open(TRAINING)
    (found,) = editor.diagnostics(TRAINING)
    assert found.message == "not checked: the reference reference holds no config of a kind that confguard knows"


def test_what_the_code_makes_of_the_keys_is_told_when_it_is_saved(editor: Editor) -> None:
    (editor.root / "train.py").write_text(
        "import yaml\nwith open('config/training.yaml') as file:\n    config = yaml.safe_load(file)\nprint(config['max_steps'])\n",
        encoding="utf-8",
    )
    (editor.root / PROJECT).write_text("code: [train.py]\n", encoding="utf-8")
    editor.open(TRAINING)
    plain = [code for code, _, _ in told_by_check(editor.root, TRAINING, TEXT) if not code.startswith("AUDIT")]
    audited = [code for code, _, _ in told_by_check(editor.root, TRAINING, TEXT)]
    assert "AUDIT001" in audited
    unread = [item for item in editor.diagnostics(TRAINING, *audited) if item.code == "AUDIT001"]
    assert {tuple(item.tags or ()) for item in unread} == {(types.DiagnosticTag.Unnecessary,)}
    editor.becomes(TRAINING, TEXT + "# more\n")
    editor.diagnostics(TRAINING, *plain)  # nobody asks the code while something is typed
    editor.save(TRAINING)
    editor.diagnostics(TRAINING, *audited)


# --- what the editor may send ---


def test_what_the_server_offers(shared: Editor) -> None:
    server = shared.server
    assert server.position_encoding == types.PositionEncodingKind.Utf16  # though the client would rather have UTF-8
    sync = server.text_document_sync
    assert isinstance(sync, types.TextDocumentSyncOptions)
    assert (sync.open_close, sync.change, bool(sync.save)) == (True, types.TextDocumentSyncKind.Incremental, True)
    assert isinstance(server.code_action_provider, types.CodeActionOptions)
    assert list(server.code_action_provider.code_action_kinds or ()) == ["quickfix", "source.fixAll.confguard", "refactor.rewrite"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("max_steps: 1\n" + "# long\n" * 100_000, "YAML007"),
        ("max_steps: 1\nlora_rank: " + "[" * 20_000, "YAML007"),
        ("max_steps: 1\nlora_rank: " + "{a: " * 20_000, "YAML007"),
        ("max_steps: &a [1]\nlora_rank: " + "[*a, " * 300, "YAML001"),
        ("max_steps: 1\nlora_rank: \ud800\n", "YAML005"),
        ("max_steps: 1\n" + "😀" * 100_000, "YAML001"),
        ("max_steps: 1\x00\n", "YAML001"),
        ("max_steps: 1\u2028\x85\nlora_rank: [", "YAML001"),
    ],
)
def test_hostile_text_does_no_harm(shared: Editor, text: str, code: str) -> None:
    shared.becomes(TRAINING, text)
    shared.diagnostics(TRAINING)
    shared.hover(TRAINING, types.Position(1, 2))
    shared.actions(TRAINING, ALL)
    shared.becomes(TRAINING, TEXT)
    assert "YAML010" in codes(shared.diagnostics(TRAINING))


@pytest.mark.parametrize("length", range(0, len(TEXT), 97))
def test_half_a_file_is_checked_as_far_as_it_goes(shared: Editor, length: int) -> None:
    text = TEXT[:length]
    shared.becomes(TRAINING, text)
    assert told_by_server(shared.diagnostics(TRAINING)) == told_by_check(shared.root, TRAINING, text)
    shared.actions(TRAINING, ALL)
    shared.hover(TRAINING, position(text, max(length - 3, 0)))


def test_nonsense_is_answered_in_one_line() -> None:
    def message(**content: object) -> bytes:
        body = json.dumps({"jsonrpc": "2.0", **content}).encode()
        return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)

    asked = [
        message(id=1, method="initialize", params={"capabilities": {}, "processId": None, "rootUri": None}),
        message(id=2, method="textDocument/hover", params={"textDocument": 5}),
        message(id=3, method="no/such", params={}),
        message(method="textDocument/didChange", params=[]),
        message(id=4, method="textDocument/hover", params={"textDocument": {"uri": "untitled:1"}, "position": {"line": 0, "character": 0}}),
        message(id=5, method="shutdown"),
        message(method="exit"),
    ]
    done = subprocess.run([sys.executable, "-m", "confguard", "lsp"], input=b"".join(asked), capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    answers = {item["id"]: item for item in map(json.loads, re.findall(rb"\{\"(?:id|jsonrpc|error|params).*?\}(?=Content|$)", done.stdout)) if "id" in item}
    assert answers[2]["error"] == {"code": -32602, "message": "Invalid Params"}
    assert answers[3]["error"] == {"code": -32601, "message": "Method Not Found: no/such"}
    assert answers[4]["result"] is None
    assert b"Traceback" not in done.stdout
    assert b"traceback" not in done.stdout
