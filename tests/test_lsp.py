"""The language server as an editor meets it: over standard input and output, with unsaved texts, and in UTF-16."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from editor import Editor, applied, offset_of, position
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types
from test_fixes import AFTER, CASES

from confguard.checking.pipeline import check_documents
from confguard.checking.setting import Options
from confguard.diffing.compare import compare
from confguard.document.document import Document
from confguard.document.fit import Fitted, fitted
from confguard.migrate.planning import Goals, plan
from confguard.migrate.wishes import Wishes
from confguard.schemas.catalogue import CATALOGUE, PROFILES
from confguard.server import checks as checking
from confguard.server.actions import actions
from confguard.server.buffers import Buffer, Buffers
from confguard.server.checks import Checks
from confguard.server.notes import Found, Note, found_in
from confguard.server.spots import spots_of
from confguard.server.texts import Edit, Lines, Place, Stretch, changed, edits_between
from confguard.words.change import Change

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "grpo-lora"
TRAINING, EXECUTOR, PROJECT = "config/training.yaml", "config/aflow_llm.yaml", "confguard.yaml"
TEXT = (EXAMPLE / TRAINING).read_text(encoding="utf-8")
SEVERITIES = {"error": 1, "warning": 2, "info": 3, "waived": 4}
REFERENCE = Path(PROFILES) / "reference" / "training.yaml"
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
    root = tmp_path / "项 目 100%"
    shutil.copytree(EXAMPLE, root)
    editor = Editor(root)
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


def test_a_byte_order_mark_is_a_character_of_the_editor_s(editor: Editor) -> None:
    text = "\ufeff" + 'max_steps: "500"\n' + TEXT.replace("max_steps: 500\n", "")
    editor.open(TRAINING, text)
    found = [item.range for item in editor.diagnostics(TRAINING) if item.code == "YAML010"]
    assert found == [at(text, text.index('"500"'), text.index('"500"') + 5), at(text, text.index("1e-2"), text.index("1e-2") + 4)]
    hover = editor.hover(TRAINING, position(text, text.index("max_steps") + 9))
    assert hover is not None
    assert hover.range == at(text, 1, 10)
    fixed = text.replace('"500"', "500").replace("1e-2", "1.0e-2").replace("-4batch", "-8batch")
    assert after(editor, editor.actions(TRAINING, ALL, ["source.fixAll"])[0]) == fixed
    assert after(editor, editor.actions(TRAINING, cursor_at(text, '"500"'), ["refactor"])[0]) == text.replace('"500"', "500")


URIS = [
    ("as a folder and a file", "file://{root}/config/training.yaml", True),
    ("with what another reader takes for parameters", "file://{root}/config/a;1.yaml", True),
    ("on a drive", "file:///c%3A/config/training.yaml", False),
    ("seen from somewhere", "file:config/training.yaml", False),
    ("with a NUL", "file://{root}/config/a%00.yaml", False),
    ("not saved", "untitled:Untitled-1", False),
    ("of another version", "git:/config/training.yaml?HEAD", False),
    ("none", "", False),
]


@pytest.mark.parametrize(("uri", "is_ours"), [row[1:] for row in URIS], ids=[row[0] for row in URIS])
def test_names_of_files(editor: Editor, uri: str, is_ours: bool) -> None:
    """What is no file of this machine is passed over in silence."""
    uri = uri.replace("{root}", editor.root.as_uri().removeprefix("file://"))
    editor.open_uri(uri, TEXT)
    editor.open(EXECUTOR)
    editor.diagnostics(EXECUTOR)
    assert (uri in {told.uri for told in editor.published}) == is_ours


def test_two_files_that_differ_behind_a_semicolon(editor: Editor) -> None:
    uris = [f"{editor.root.as_uri()}/a;{number}.yaml" for number in (1, 2)]
    for uri, text in zip(uris, (TEXT, "max_steps: 1\nlora_alpha: 1\nlora_rank: [\n"), strict=True):
        editor.open_uri(uri, text)
    editor.open(TRAINING)
    editor.diagnostics(TRAINING)
    counts = {told.uri: len(told.diagnostics) for told in editor.published}
    assert [counts[uri] for uri in uris] == [len(editor.diagnostics(TRAINING)), 1]


# --- other files ---


def test_nothing_is_said_of_a_file_that_the_project_excludes(editor: Editor) -> None:
    project = editor.root / PROJECT
    plain = project.read_text(encoding="utf-8")
    project.write_text(plain + 'exclude: ["config/t*.yaml"]\n', encoding="utf-8")
    editor.open(TRAINING)
    assert editor.diagnostics(TRAINING) == []
    place = cursor_at(TEXT, "learning_rate: ")
    assert editor.hover(TRAINING, place.start) is None
    assert editor.definition(TRAINING, place.start) is None
    assert editor.hints(TRAINING, ALL) == []
    assert editor.actions(TRAINING, place) == []
    since = len(editor.published)
    editor.open(PROJECT, plain)  # taken out again, and not saved
    assert "YAML010" in codes(editor.diagnostics(TRAINING, since=since))
    project.write_text('references: {reference: none}\nexclude: ["config/t*.yaml"]\n', encoding="utf-8")
    since = len(editor.published)
    editor.close(PROJECT)
    assert editor.diagnostics(TRAINING, since=since) == []  # nor that it was not checked


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


def test_the_folder_may_go_and_come_back(editor: Editor) -> None:
    editor.open(TRAINING)
    before = told_by_server(editor.diagnostics(TRAINING))
    moved = editor.root.with_name("moved")
    editor.root.rename(moved)
    shutil.copytree(moved, moved.with_name("kept"))
    shutil.rmtree(moved)  # the folder that the server stands in
    editor.becomes(TRAINING, TEXT + "# more\n")
    assert "EXEC001" in codes(editor.diagnostics(TRAINING))
    moved.with_name("kept").rename(editor.root)
    editor.becomes(TRAINING, TEXT)
    assert told_by_server(editor.diagnostics(TRAINING)) == before


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
        *(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in (b"{{{", b"[]", b"5", b'"\xff"')),
        message(id=4, method="textDocument/hover", params={"textDocument": {"uri": "untitled:1"}, "position": {"line": 0, "character": 0}}),
        message(id=5, method="shutdown"),
        message(method="exit"),
    ]
    done = subprocess.run([sys.executable, "-m", "confguard", "lsp"], input=b"".join(asked), capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    answers = {
        item["id"]: item
        for item in map(json.loads, re.findall(rb"\{\"(?:id|jsonrpc|error|params).*?\}(?=Content|$)", done.stdout))
        if "id" in item
    }
    assert answers[2]["error"] == {"code": -32602, "message": "Invalid Params"}
    assert answers[3]["error"] == {"code": -32601, "message": "Method Not Found: no/such"}
    assert answers[4]["result"] is None
    assert b"Traceback" not in done.stdout
    assert b"traceback" not in done.stdout
    assert b"a bug of ours" not in done.stdout


# --- code actions ---

WANDB = TEXT[TEXT.index("wandb:") :]
IN_BRACES = 'wandb: {enabled: true, project: "显存😀", run_name: "grpo-4batch"}\n'
MODULES = 'lora_target_modules: "q_proj,v_proj,up_proj,down_proj"'
IGNORE = "ignore it here (write the reason behind the bracket)"


class Doing(NamedTuple):
    """One action: what is laid over the file, where the cursor is, the title, and what becomes of which words."""

    name: str
    cursor: str
    title: str
    gone: str
    come: str
    over: tuple[str, str] = ("", "")
    is_preferred: bool = False
    ending: str = "\n"


ACTIONS = [
    Doing("a number", "1e-2", "YAML010: write 1.0e-2", "1e-2", "1.0e-2", is_preferred=True),
    Doing("a number, CRLF", "1e-2", "YAML010: write 1.0e-2", "1e-2", "1.0e-2", is_preferred=True, ending="\r\n"),
    Doing("a quoted number", '"500"', "YAML010: write 500", '"500"', "500", ("steps: 500", 'steps: "500"'), True),
    Doing("a look-alike letter", "max_stepѕ", "YAML006: type max_steps anew", "max_stepѕ", "max_steps", ("max_steps:", "max_stepѕ:"), True),
    Doing("a name behind an emoji", "grpo-4batch", "NAME001: write grpo-8batch", "grpo-4batch", "grpo-8batch", (WANDB, IN_BRACES), True),
    Doing(
        "a comment",
        "# Target",
        "NAME002: bring the comment up to date (unsafe fix)",
        "x 4 prompts x 6 workflows = 12000",
        "x 8 prompts x 6 workflows = 24000",
    ),
    Doing(
        "ignore behind a value",
        "16\nlora_dropout",
        f"LORA006: {IGNORE}",
        "lora_alpha: 16\n",
        "lora_alpha: 16  # confguard: ignore[LORA006] \n",
    ),
    Doing(
        "ignore behind a blank",
        "0.2 \n",
        f"SAMPLE003: {IGNORE}",
        "0.2 \n",
        "0.2 # confguard: ignore[SAMPLE003] \n",
        ("temperature: 0.2\n", "temperature: 0.2 \n"),
    ),
    Doing(
        "ignore above a line with a comment",
        "0.00005",
        f"BATCH005: {IGNORE}",
        "learning_rate: 0",
        "# confguard: ignore[BATCH005] \nlearning_rate: 0",
    ),
    Doing(
        "ignore above, CRLF",
        "0.00005",
        f"BATCH005: {IGNORE}",
        "learning_rate: 0",
        "# confguard: ignore[BATCH005] \r\nlearning_rate: 0",
        ending="\r\n",
    ),
    Doing(
        *(
            "ignore above, indented",
            "0.2 # hot",
            f"SAMPLE003: {IGNORE}",
            "  temperature: 0.2",
            "  # confguard: ignore[SAMPLE003] \n  temperature: 0.2",
        ),
        over=("temperature: 0.2\n", "temperature: 0.2 # hot\n"),
    ),
    Doing(
        *(
            "ignore below another ignore",
            "16\nlora_dropout",
            f"LORA006: {IGNORE}",
            "lora_alpha: 16\n",
            "lora_alpha: 16  # confguard: ignore[LORA006] \n",
        ),
        over=("lora_alpha", "# confguard: ignore[LORA004] because\nlora_alpha"),
    ),
    Doing("the reference's number", "learning_rate: ", "Set `learning_rate` to the reference's 2e-5", "0.00005 ", "2.0e-5 "),
    Doing(
        "the reference's, of two keys of one name",
        "0.2\n  max",
        "Set `generation_config.temperature` to the reference's 0.5",
        "ure: 0.2",
        "ure: 0.5",
    ),
    Doing(
        "the reference's, in a section",
        "enabled: false",
        "Set `temperature_schedule.enabled` to the reference's true",
        "enabled: false",
        "enabled: true",
    ),
    Doing(
        "the reference's names",
        "lora_target",
        'Set `lora_target_modules` to the reference\'s "q_proj,k_proj,v_proj,o_proj"',
        "q_proj,v_proj,up_proj,down_proj",
        "q_proj,k_proj,v_proj,o_proj",
    ),
    Doing(
        *(
            "the reference's names as a list",
            "- v_proj",
            'Set `lora_target_modules` to the reference\'s ["q_proj", "k_proj", "v_proj", "o_proj"]',
        ),
        *(
            "  - q_proj # a\n  - v_proj\n",
            "  - q_proj # a\n  - k_proj\n  - v_proj\n  - o_proj\n",
            (MODULES, "lora_target_modules:\n  - q_proj # a\n  - v_proj"),
        ),
    ),
    Doing(
        "the reference's, behind an emoji",
        "top_k",
        "Set `generation_config.top_k` to the reference's 50",
        "top_k: 40",
        "top_k: 50",
        ("top_p: 0.95\n", "top_p: 0.95 # 😀\n"),
    ),
]


def cursor_at(text: str, words: str) -> types.Range:
    return at(text, text.index(words), text.index(words))


@pytest.mark.parametrize("doing", ACTIONS, ids=lambda doing: doing.name)
def test_actions(shared: Editor, doing: Doing) -> None:
    text = TEXT.replace(*doing.over, 1).replace("\n", doing.ending)
    shared.becomes(TRAINING, text)
    action = next(found for found in shared.actions(TRAINING, cursor_at(text, doing.cursor)) if found.title == doing.title)
    assert bool(action.is_preferred) == doing.is_preferred
    assert text.count(doing.gone) >= 1
    assert after(shared, action) == text.replace(doing.gone, doing.come, 1)
    if action.kind == "quickfix":
        assert action.diagnostics is not None
        assert action.diagnostics[0] in shared.diagnostics(TRAINING)


def after(editor: Editor, action: types.CodeAction, file: str = TRAINING) -> str:
    """The file after an action, which may edit no other and no other version."""
    assert action.edit is not None
    assert action.edit.document_changes is not None
    (change,) = action.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    path = editor.root / file
    assert (change.text_document.uri, change.text_document.version) == (path.as_uri(), editor.versions[path])
    return applied(editor.texts[path], [edit for edit in change.edits if isinstance(edit, types.TextEdit)])


NONE_FOR = [
    ("what is waived", "32\nlora_alpha", "", ""),
    ("a waived key", "lora_rank", "", ""),
    ("a key that is as in the reference", "max_steps", "", ""),
    ("a section", "temperature_schedule:", "", ""),
    ("an ignore without a reason", "# confguard: ignore", "lora_alpha", "# confguard: ignore[LORA006]\nlora_alpha"),
    ("a line that has no room for an ignore", "\n  model # x", "base_model: ", 'x: ["\n   text", \n  model # x\n  ]\nbase_model: '),
    ("a file that cannot be read", "learning_rate", "bf16: false", "bf16: ["),
]


@pytest.mark.parametrize(("cursor", "old", "new"), [row[1:] for row in NONE_FOR], ids=[row[0] for row in NONE_FOR])
def test_no_action(shared: Editor, cursor: str, old: str, new: str) -> None:
    text = TEXT.replace(old, new, 1)
    shared.becomes(TRAINING, text)
    assert shared.actions(TRAINING, cursor_at(text, cursor), ["quickfix", "refactor"]) == []


def test_an_ignore_silences_once_its_reason_is_written(shared: Editor) -> None:
    shared.becomes(TRAINING, TEXT)
    action = next(found for found in shared.actions(TRAINING, cursor_at(TEXT, "16\nlora_dropout")) if found.title.startswith("LORA006"))
    text = after(shared, action)
    shared.becomes(TRAINING, text)
    found = {str(item.code): item for item in shared.diagnostics(TRAINING)}
    assert found["LORA006"].severity == types.DiagnosticSeverity.Warning
    assert found["WAIVE004"].message.startswith("an ignore needs a reason")
    shared.becomes(TRAINING, text.replace("[LORA006] ", "[LORA006] as in the paper"))
    found = {str(item.code): item for item in shared.diagnostics(TRAINING)}
    assert found["LORA006"].severity == types.DiagnosticSeverity.Hint
    assert "WAIVE004" not in found


def test_fix_all_is_what_check_fixes(editor: Editor) -> None:
    text = TEXT.replace("max_steps: 500", 'max_steps: "500"').replace("save_every", "ѕave_every").replace("\n", "\r\n")
    editor.open(TRAINING, text)  # and never saved
    (action,) = editor.actions(TRAINING, ALL, ["source.fixAll"])
    assert (action.title, action.kind) == ("Make all safe fixes in this file", "source.fixAll.confguard")
    (editor.root / TRAINING).write_bytes(text.encode())
    done = subprocess.run(
        [sys.executable, "-m", "confguard", "check", "--fix", TRAINING], cwd=editor.root, capture_output=True, check=False
    )
    assert b"mended 4 findings in 1 file" in done.stderr
    assert after(editor, action) == (editor.root / TRAINING).read_bytes().decode()
    editor.becomes(TRAINING, after(editor, action))
    assert editor.actions(TRAINING, ALL, ["source.fixAll"]) == []


def test_edits_for_an_editor_without_versions(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "project")
    editor = Editor(tmp_path / "project", versioned_edits=False)
    editor.open(TRAINING)
    action = editor.actions(TRAINING, cursor_at(TEXT, "1e-2"))[0]
    assert action.edit is not None
    assert list(action.edit.changes or {}) == [editor.uri(TRAINING)]
    assert editor.stop() == 0


# --- actions, without a server ---


def in_memory(path: Path, text: str) -> tuple[str, Buffers]:
    return os.path.realpath(path), Buffers({os.path.realpath(path): Buffer(text, 1)})


def made_of(text: str, edits: Sequence[Edit]) -> str:
    return applied(
        text, [types.TextEdit(types.Range(types.Position(*edit.at.start), types.Position(*edit.at.end)), edit.text) for edit in edits]
    )


@pytest.mark.parametrize(("good", "bad", "mended"), CASES, ids=lambda value: repr(value)[:30])
def test_every_safe_fix_is_a_preferred_quick_fix(good: str, bad: str, mended: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(AFTER.parent)
    original = (AFTER / "training.yaml").read_text(encoding="utf-8")
    text = original.replace(good, bad)
    path, buffers = in_memory(AFTER / "training.yaml", text)
    found = actions(path, stretch(ALL), found_in(path, buffers, False), buffers, ("quickfix",))
    (fix,) = [action for action in found if action.is_preferred]
    assert made_of(text, fix.edits) == original.replace(good, mended)


def drifted() -> list[Change]:
    theirs, ours = sides(EXAMPLE / TRAINING)
    return [row for row in compare(theirs, ours, CATALOGUE) if row.kind == "changed" and not row.identity and row.key != "lora_rank"]


def sides(path: Path) -> tuple[Fitted, Fitted]:
    """The reference's file and another one."""
    shape = CATALOGUE.shape("aflow-training")
    documents = [Document(str(path), path.read_bytes()) for path in (REFERENCE, path)]
    return fitted(documents[0], shape), fitted(documents[1], shape)


@pytest.mark.parametrize("row", drifted(), ids=lambda row: row.key)
def test_the_reference_s_value_is_set_as_a_migration_sets_it(row: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLE)
    theirs, ours = sides(EXAMPLE / TRAINING)
    planned = plan([theirs], [ours], Goals("reference", Wishes(only=(row.key,)), CATALOGUE, lambda file: ()), None)
    path, buffers = in_memory(EXAMPLE / TRAINING, TEXT)
    key = next(spot.key for spot in spots_of(ours.document) if spot.path == row.key)
    (action,) = actions(path, Lines(TEXT).stretch(key.start, key.start), found_in(path, buffers, False), buffers, ("refactor",))
    assert made_of(TEXT, action.edits) == planned.files[0].after.text


# --- hovers and definitions ---

HOVERS = [
    (
        TRAINING,
        "learning_rate: ",
        "",
        "",
        [
            "the reference: 2e-5, here: 5e-5 (higher, x2.5)",
            "**learning_rate**: The peak learning rate",
            "range: `(0, inf)`",
            "published (GRPO, LoRA): 1e-6 - 5e-5",
            "BATCH005 learning-rate-against-batch",
        ],
    ),
    (
        TRAINING,
        "lora_rank",
        "",
        "",
        ["waived by ann: the adapters have to fit our 24 GB cards", "**lora_r**: The rank", "the reference: 64, here: 32"],
    ),
    (TRAINING, "rollout_batch_size", "", "", ["unit: `prompts a step`"]),
    (TRAINING, "'top_p'", "top_p: ", "'top_p': ", ["nucleus"]),
    (TRAINING, "temperature: 0.2", "", "", ["**temperature**", "the reference: 0.5, here: 0.2"]),
    (
        TRAINING,
        "LORA006]",
        "lora_alpha: 16",
        "lora_alpha: 16 # 😀\n# confguard: ignore[NAME001, LORA006] why\nbf17: 1",
        ["**LORA006** lora-scale-differs", "severity: warning"],
    ),
    (TRAINING, "warmup_step:", "", "", None),
    (TRAINING, "5e-5", "0.00005", "5.0e-5 # 5e-5", None),
    (TRAINING, "temperature_schedule", "", "", None),
    (EXECUTOR, "top_p", "", "", ["nucleus"]),
]


@pytest.mark.parametrize(("file", "cursor", "old", "new", "words"), HOVERS, ids=[row[1] for row in HOVERS])
def test_hover(shared: Editor, file: str, cursor: str, old: str, new: str, words: list[str] | None) -> None:
    text = (EXAMPLE / file).read_text(encoding="utf-8").replace(old, new, 1)
    if file != TRAINING:
        shared.open(file)
    shared.becomes(file, text)
    found = shared.hover(file, position(text, text.index(cursor) + 1))
    if file != TRAINING:
        shared.close(file)
    if words is None:
        assert found is None
        return
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    for word in words:
        assert word.casefold() in found.contents.value.casefold()
    assert found.range is not None
    start = offset_of(text, found.range.start)
    assert text[start : offset_of(text, found.range.end)] == re.match(r"['\w]+", text[text.index(cursor) :])[0]  # type: ignore[index]


def test_hover_tells_the_defaults_by_release(editor: Editor) -> None:
    text = "model_name_or_path: a\ndataset_name: b\nlearning_rate: 1.0e-6\nbeta: 0.04\nnum_generations: 8\nmax_prompt_length: 512\n"
    editor.open("grpo.yaml", text)
    for key, word in (("beta", "default by release: trl: 0.04 (0.14), 0 (0.19)"), ("max_prompt", "is gone since trl 0.28")):
        found = editor.hover("grpo.yaml", position(text, text.index(key)))
        assert found is not None
        assert isinstance(found.contents, types.MarkupContent)
        assert word in found.contents.value.replace("\\", "")


def test_hover_in_the_editor_s_language(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "project")
    editor = Editor(tmp_path / "project", locale="zh-cn")
    editor.open(TRAINING)
    found = editor.hover(TRAINING, position(TEXT, TEXT.index("learning_rate: ")))
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    assert "参考: 2e-5, 此处: 5e-5" in found.contents.value
    assert "预热后达到的峰值学习率" in found.contents.value
    assert editor.stop() == 0


def test_the_reference_s_value_stands_behind_one_that_differs(shared: Editor) -> None:
    text = (
        TEXT.replace("lora_alpha: 16", '"lora_alpha": 16 # 😀')
        .replace("top_k: 40", "'top_k'   :   40")
        .replace(MODULES, "lora_target_modules:\n  - q_proj")
    )
    shared.becomes(TRAINING, text)
    lines = text.split("\n")
    shown = {lines[hint.position.line][: hint.position.character]: hint.label for hint in shared.hints(TRAINING, ALL)}
    assert shown == {
        "rollout_batch_size: 8": "the reference: 5",
        "learning_rate: 0.00005": "the reference: 2e-5",
        "  enabled: false": "the reference: true",
        "  initial: 0.2": "the reference: 0.5",
        "  final: 0.2": "the reference: 0.15",
        "  warmup_steps: 0": "the reference: 150",
        "  temperature: 0.2": "the reference: 0.5",
        "  max_tokens: 2048": "the reference: 4096",
        "  'top_k'   :   40": "the reference: 50",
        "lora_rank: 32": "the reference: 64 (waived)",
        '"lora_alpha": 16': "the reference: 64",
        "lora_dropout: 0.1": "the reference: 0.05",
        "lora_target_modules:": 'the reference: "q_proj,k_proj,v_proj,o_proj"',
    }
    line = text[: text.index("lora_dropout")].count("\n")
    (hint,) = shared.hints(TRAINING, types.Range(types.Position(line, 0), types.Position(line + 1, 0)))
    assert hint.label == "the reference: 0.05"


DEFINITIONS = [
    ("a key: the reference's", "learning_rate: ", REFERENCE, "learning_rate:"),
    ("a key in a section", "warmup_steps: 0", REFERENCE, "warmup_steps: 150"),
    ("a key that only the file has", "warmup_step:", None, ""),
    ("a value that is no path", "0.00005", None, ""),
    ("a path", '"config/aflow_llm', Path(EXECUTOR), "# The executor"),
    ("the key of a path", "aflow_config_path", Path(EXECUTOR), "# The executor"),
    ("a path to nowhere", '"data/mixed/train', None, ""),
    ("a comment", "# Target", None, ""),
]


@pytest.mark.parametrize(("cursor", "target", "words"), [row[1:] for row in DEFINITIONS], ids=[row[0] for row in DEFINITIONS])
def test_definition(shared: Editor, cursor: str, target: Path | None, words: str) -> None:
    shared.becomes(TRAINING, TEXT)
    found = shared.definition(TRAINING, position(TEXT, TEXT.index(cursor) + 1))
    if target is None:
        assert found is None
        return
    path = shared.root / target
    text = path.read_text(encoding="utf-8")
    assert found.uri == path.resolve().as_uri()
    assert text[offset_of(text, found.range.start) :].startswith(words)


def test_definition_in_a_reference_that_is_a_file(editor: Editor) -> None:
    (editor.root / "old.yaml").write_text("# 说明\n" + TEXT, encoding="utf-8")
    (editor.root / PROJECT).write_text("references: {reference: old.yaml}\n", encoding="utf-8")
    editor.open(TRAINING)
    found = editor.definition(TRAINING, position(TEXT, TEXT.index("lora_alpha")))
    assert found.uri == editor.uri("old.yaml")
    assert found.range.start.line == position(TEXT, TEXT.index("lora_alpha")).line + 1


# --- texts ---

SNIPPETS = [
    "a",
    "max_steps: 5",
    "\n",
    "\r\n",
    "\r",
    "  ",
    "😀",
    "显存",
    "\u2028",
    "\x85",
    "\x0c",
    ": ",
    "- ",
    '"',
    "'",
    "#",
    "{",
    "]",
    "&a",
    "1e-2",
    "\t",
    "lora_alpha: 0",
]
Sent = tuple[types.Range | None, str]


@st.composite
def changes_of(draw: st.DrawFn, text: str, most: int) -> tuple[list[Sent], str]:
    """Changes of a text as an editor sends them, and the text that the editor then has."""
    changes: list[Sent] = []
    for _ in range(draw(st.integers(1, most))):
        new = "".join(draw(st.lists(st.sampled_from(SNIPPETS), max_size=4)))
        if draw(st.integers(0, 9)) == 0:
            kept = draw(st.integers(0, len(text)))
            text = text[:kept] + new
            changes.append((None, text))
            continue
        start, end = sorted(outside_line_ends(text, draw(st.integers(0, len(text)))) for _ in range(2))
        end = min(end, outside_line_ends(text, start + 40))
        changes.append((at(text, start, end), new))
        text = text[:start] + new + text[end:]
    return changes, text


def outside_line_ends(text: str, offset: int) -> int:
    """An offset that an editor can name: not between the two characters of a line end."""
    offset = min(offset, len(text))
    return offset - 1 if text[offset - 1 : offset + 1] == "\r\n" else offset


def as_places(changes: list[Sent]) -> list[tuple[Stretch | None, str]]:
    return [(stretch(found) if found is not None else None, new) for found, new in changes]


def stretch(found: types.Range) -> Stretch:
    return Stretch(Place(found.start.line, found.start.character), Place(found.end.line, found.end.character))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_edits_leave_the_server_with_the_editor_s_text(data: st.DataObject) -> None:
    before = "".join(data.draw(st.lists(st.sampled_from(SNIPPETS), max_size=30)))
    changes, text = data.draw(changes_of(before, 6))
    assert changed(before, as_places(changes)) == text
    lines = Lines(text)
    for offset in {outside_line_ends(text, offset) for offset in range(len(text) + 1)}:
        place = position(text, offset)
        assert lines.place(offset) == (place.line, place.character)
        assert lines.offset(Place(place.line, place.character)) == offset


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_edits_leave_the_diagnostics_of_check_on_the_text(shared: Editor, data: st.DataObject) -> None:
    text = TEXT
    shared.becomes(TRAINING, text)
    for _ in range(data.draw(st.integers(1, 3))):
        changes, text = data.draw(changes_of(text, 3))
        shared.change(TRAINING, changes)
    shared.texts[shared.root / TRAINING] = text
    assert told_by_server(shared.diagnostics(TRAINING)) == told_by_check(shared.root, TRAINING, text)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(SNIPPETS), max_size=12), st.lists(st.sampled_from(SNIPPETS), max_size=12), st.integers(0, 12))
def test_the_edits_between_two_texts_make_one_of_the_other(one: list[str], other: list[str], shared_parts: int) -> None:
    before, text = "".join(one), "".join(one[:shared_parts] + other + one[shared_parts:])
    edits = [
        types.TextEdit(types.Range(types.Position(*edit.at.start), types.Position(*edit.at.end)), edit.text)
        for edit in edits_between(before, text)
    ]
    assert applied(before, edits) == text


EDITS = [
    ("rate: 0.00005  # a\n", "rate: 2.0e-5  # a\n", [Edit(Stretch(Place(0, 6), Place(0, 13)), "2.0e-5")]),
    ("a: 1\r\nb: 2\r\n", "a: 1\r\nc: 3\r\nb: 2\r\n", [Edit(Stretch(Place(1, 0), Place(1, 0)), "c: 3\r\n")]),
    ("😀: 1\n", "😀: 2\n", [Edit(Stretch(Place(0, 4), Place(0, 5)), "2")]),
    ("a\n", "a\n", []),
]


@pytest.mark.parametrize(("before", "after", "edits"), EDITS)
def test_edits_are_of_whole_words(before: str, after: str, edits: list[Edit]) -> None:
    assert edits_between(before, after) == edits


@pytest.mark.parametrize(
    ("place", "offset"),
    [((0, 99), 1), ((1, 1), 2), ((1, 2), 3), ((9, 0), 5), ((1, 99), 4)],
    ids=["beyond a line", "in an emoji", "behind it", "beyond the text", "end"],
)
def test_places_that_are_none(place: tuple[int, int], offset: int) -> None:
    assert Lines("a\n😀b\n").offset(Place(*place)) == offset


# --- when it checks, without a server ---


class Desk:
    """`Checks` with a check that only says which texts it was asked for, and can be held up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[str, str]] = []
        self.told: list[tuple[str, int | None, list[str]]] = []
        self.failures: list[Exception] = []
        self.during: list[object] = []
        self.reads: dict[str, frozenset[str]] = {}
        self.names_code = False
        monkeypatch.setattr(checking, "found_in", self.found_in)
        self.loop = asyncio.get_running_loop()
        self.checks = Checks(
            lambda path, version, notes: self.told.append((path, version, [note.message for note in notes])), self.failures.append
        )

    def found_in(self, path: str, buffers: Buffers, with_code: bool) -> Found:
        text = buffers.open_files[path].text
        self.asked.append((path, f"{text} by its code" if with_code else text))
        if self.during and (event := self.during.pop()) is not None:
            done = asyncio.run_coroutine_threadsafe(self._edit(event), self.loop)
            done.result()
        if text == "bug":
            raise ValueError("a bug")
        note = Note(path, Stretch(Place(0, 0), Place(0, 0)), "error", "X", text)
        return Found((note,), (), self.reads.get(path, frozenset()) | {path}, self.names_code)

    async def _edit(self, what: object) -> None:
        if what == "saved":
            self.checks.changed_on_disk()
        else:
            path, buffer = what  # type: ignore[misc]
            self.checks.edited(path, buffer)

    async def pause(self) -> None:
        """Until nothing is left to do."""
        while self.checks.timer is not None or self.checks.busy or self.checks.asking:
            await asyncio.sleep(0.01)

    async def rest(self) -> None:
        await self.pause()
        self.checks.stop()


def test_a_burst_of_keystrokes_costs_one_check(monkeypatch: pytest.MonkeyPatch) -> None:
    async def type_fast() -> Desk:
        desk = Desk(monkeypatch)
        desk.checks.opened("a", Buffer("0", 0))
        for version in range(1, 20):
            desk.checks.edited("a", Buffer(str(version), version))
        await desk.rest()
        return desk

    desk = asyncio.run(type_fast())
    assert desk.asked == [("a", "19")]
    assert desk.told == [("a", 19, ["19"])]


def test_what_an_older_text_came_to_is_never_told_once_there_is_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def type_on() -> Desk:
        desk = Desk(monkeypatch)
        desk.during = [("a", Buffer("3", 3)), ("a", Buffer("2", 2))]  # typed while the check of the text before runs
        desk.checks.opened("a", Buffer("1", 1))
        await desk.rest()
        return desk

    desk = asyncio.run(type_on())
    assert [text for _, text in desk.asked] == ["1", "2", "3"]
    assert desk.told == [("a", 3, ["3"])]


def test_a_file_is_checked_again_when_one_that_it_leads_to_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def edit_the_other() -> Desk:
        desk = Desk(monkeypatch)
        desk.reads = {"a": frozenset({"b"})}
        desk.during = [("b", Buffer("2", 2))]  # even while it is being checked
        desk.checks.opened("b", Buffer("1", 1))
        desk.checks.opened("a", Buffer("1", 1))
        desk.checks.opened("c", Buffer("1", 1))
        await desk.rest()
        return desk

    desk = asyncio.run(edit_the_other())
    assert desk.asked.count(("a", "1")) == 2
    assert desk.asked.count(("c", "1")) == 1
    assert sorted(desk.told) == [("a", 1, ["1"]), ("b", 2, ["2"]), ("c", 1, ["1"])]


def test_a_bug_in_one_check_is_logged_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def meet_a_bug() -> Desk:
        desk = Desk(monkeypatch)
        desk.checks.opened("a", Buffer("bug", 1))
        desk.checks.opened("b", Buffer("fine", 1))
        await desk.rest()
        return desk

    desk = asyncio.run(meet_a_bug())
    assert [str(error) for error in desk.failures] == ["a bug"]
    assert desk.told == [("b", 1, ["fine"])]


def test_a_bug_in_telling_is_logged_and_the_next_check_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail_to_tell() -> Desk:
        desk = Desk(monkeypatch)
        tell, desk.checks.tell = desk.checks.tell, lambda path, version, notes: 1 // 0
        desk.checks.opened("a", Buffer("1", 1))
        while not desk.failures:
            await asyncio.sleep(0.01)
        desk.checks.tell = tell
        desk.checks.edited("a", Buffer("2", 2))
        await desk.rest()
        return desk

    desk = asyncio.run(fail_to_tell())
    assert [type(error) for error in desk.failures] == [ZeroDivisionError]
    assert desk.told == [("a", 2, ["2"])]


def test_the_code_is_asked_for_what_was_opened_or_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    async def save() -> Desk:
        desk = Desk(monkeypatch)
        desk.names_code = True
        desk.during = ["saved", None]  # saved again while the code is being asked
        desk.checks.opened("a", Buffer("1", 1))
        await desk.pause()
        desk.checks.edited("a", Buffer("2", 2))
        await desk.pause()
        desk.during = [("a", Buffer("3", 3))]  # typed on while the code is being asked
        desk.checks.changed_on_disk()
        await desk.rest()
        return desk

    desk = asyncio.run(save())
    assert [text for _, text in desk.asked] == ["1", "1 by its code", "1 by its code", "2", "2 by its code", "3"]
    assert desk.told == [("a", 1, ["1"]), ("a", 2, ["2"]), ("a", 3, ["3"])]


# --- the process ---


def test_a_bug_in_an_answer_is_one_line_in_the_log(tmp_path: Path) -> None:
    """The server of a process in which one answer is broken."""
    code = "import confguard.server.serve as serve\ndef hover(*about): raise ValueError('no such\\nkey')\nserve.hover = hover\nfrom confguard.__main__ import program\nprogram()"
    shutil.copytree(EXAMPLE, tmp_path / "project")
    editor = Editor(tmp_path / "project", command=["-c", code, "lsp"])
    editor.open(TRAINING)
    assert editor.hover(TRAINING, types.Position(0, 0)) is None
    (line,) = editor.logged
    assert line == r"confguard: a bug of ours, not of your files: ValueError: no such\nkey (<string>:2)"
    assert "YAML010" in codes(editor.diagnostics(TRAINING))
    assert editor.stop() == 0
    assert editor.stderr == b""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(sent: signal.Signals) -> None:
    """At once, though it still waits for what the editor sends."""
    command = [sys.executable, "-m", "confguard", "lsp"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stderr is not None
        body = b'{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}, "processId": null, "rootUri": null}}'
        server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        server.stdin.flush()
        server.stdout.readline()  # it serves
        server.send_signal(sent)
        try:
            assert server.wait(60) == -sent
        finally:
            server.stdin.close()
        assert server.stderr.read() == b""


@pytest.mark.parametrize("missing", ["pygls", "pygls.lsp.server"])  # the second is not in pygls 1
def test_without_pygls_it_says_what_to_install(missing: str) -> None:
    code = f"import sys\nsys.modules['{missing}'] = None\nsys.argv = ['confguard', 'lsp']\nfrom confguard.__main__ import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "confguard: the language server needs pygls 2 or later: pip install 'pygls>=2'\n"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminals to make")
def test_a_person_is_told_who_starts_it() -> None:
    _, terminal = os.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "confguard", "lsp"], stdin=terminal, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "confguard: an editor starts this, and speaks to it on standard input: docs/editors.md says how\n"


def test_an_editor_that_goes_away_ends_it() -> None:
    done = subprocess.run([sys.executable, "-m", "confguard", "lsp"], input=b"", capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")
