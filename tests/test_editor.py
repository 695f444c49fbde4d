"""The schemas in an editor: the real yaml-language-server is asked over its standard input, and fetches nothing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from language_client import LanguageClient, position, serving

from confguard.report.json import to_text
from confguard.schemas.json_schema import json_schema

HERE = Path(__file__).parent
FOLDER = HERE.parent / ".editor"
VERSION = "1.25.0"
"""A release of yaml-language-server that runs on Node.js 18, which Debian 12 has; 2.0 wants 22."""
SERVER = FOLDER / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
SETTINGS = {"yaml": {"schemaStore": {"enable": False}, "validate": True, "hover": True, "completion": True}}
CURSOR = "▮"
FILES = {
    "training": ("aflow-training", HERE / "mission" / "before" / "config" / "training.yaml"),
    "llm": ("aflow-llm", HERE / "mission" / "before" / "config" / "aflow_llm.yaml"),
    "grpo": ("trl-grpo", HERE / "cases" / "native" / "trl-grpo.yaml"),
    "training after": ("aflow-training", HERE / "mission" / "after" / "config" / "training.yaml"),
    "llm after": ("aflow-llm", HERE / "mission" / "after" / "config" / "aflow_llm.yaml"),
}


def rows(table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((HERE / "cases" / "editor" / f"{table}.yaml").read_text(encoding="utf-8"))
    return found


def name_of(row: dict[str, Any]) -> str:
    return f"{row['file']}-{row.get('about', row.get('key'))}"


class Editor:
    """A project as `confguard init` leaves it, open in an editor: each document has its modeline and a name of its own."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.opened = 0

    def open(self, row: dict[str, Any]) -> tuple[str, str, int]:
        """Open a row's file: its URI, its text and the offset of the cursor."""
        kind, path = FILES[row["file"]]
        text = path.read_text(encoding="utf-8")
        if "replace" in row:
            old, new = row["replace"]
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
            text = text.replace(old, new)
        text = f"# yaml-language-server: $schema=../confguard-schemas/{kind}.json\n{text}"
        cursor, text = text.find(CURSOR), text.replace(CURSOR, "")
        self.opened += 1
        return self.client.open(self.client.folder / "config" / f"{self.opened}.yaml", text), text, cursor

    def ask(self, what: str, uri: str, where: dict[str, int]) -> Any:
        return self.client.request(f"textDocument/{what}", {"textDocument": {"uri": uri}, "position": where})


@pytest.fixture(scope="module")
def server() -> list[str]:
    """How the server is started; it is installed where it is not there yet."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None:
        pytest.skip("node is not here; .ci/run installs it")
    if not SERVER.exists():
        if npm is None:
            pytest.skip("npm is not here; .ci/run installs it")
        install = [npm, "install", "--prefix", str(FOLDER), "--no-fund", "--no-audit", f"yaml-language-server@{VERSION}"]
        done = subprocess.run(install, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"yaml-language-server could not be installed: {done.stderr.strip()[-300:]}")
    return [node, str(SERVER), "--stdio"]


@pytest.fixture(scope="module")
def editor(server: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    folder = tmp_path_factory.mktemp("project")
    (folder / "config").mkdir()
    (folder / "confguard-schemas").mkdir()
    for kind in {kind for kind, _ in FILES.values()}:
        (folder / "confguard-schemas" / f"{kind}.json").write_text(to_text(json_schema(kind)) + "\n", encoding="utf-8")
    with serving(server, folder, SETTINGS) as client:
        yield Editor(client)


def test_the_server_is_the_one_that_was_meant(server: list[str]) -> None:
    assert subprocess.run([*server[:2], "--version"], capture_output=True, text=True, check=True).stdout.strip() == VERSION


@pytest.mark.parametrize("row", rows("completions"), ids=name_of)
def test_completion(editor: Editor, row: dict[str, Any]) -> None:
    uri, text, cursor = editor.open(row)
    answer = editor.ask("completion", uri, position(text, cursor))
    items = {item["label"]: item for item in answer["items"]}
    assert set(row.get("offers", ())) <= set(items)
    assert set(items) == set(row.get("only", items))
    assert set(items).isdisjoint(row.get("never", ()))
    for label, inserted in row.get("inserts", {}).items():
        item = items[label]
        assert (item.get("textEdit", {}).get("newText") or item["insertText"]) == inserted


@pytest.mark.parametrize("row", rows("hovers"), ids=name_of)
def test_hover(editor: Editor, row: dict[str, Any]) -> None:
    uri, text, _ = editor.open(row)
    hover = editor.ask("hover", uri, position(text, offset_of(text, row["key"])))
    said = hover["contents"]["value"]
    assert [part for part in row["says"] if part not in said] == [], said


@pytest.mark.parametrize("row", rows("diagnostics"), ids=name_of)
def test_diagnostic(editor: Editor, row: dict[str, Any]) -> None:
    uri, text, _ = editor.open(row)
    found = editor.client.diagnostics(uri)
    if row["says"] is None:
        assert found == []
        return
    (finding,) = found
    assert finding["message"].startswith(row["says"])
    assert finding["range"]["start"] == position(text, text.index(row["at"], text.index("\n")))
    if "fix" in row:
        context = {"diagnostics": found}
        actions = editor.client.request(
            "textDocument/codeAction", {"textDocument": {"uri": uri}, "range": finding["range"], "context": context}
        )
        assert row["fix"] in [action["title"] for action in actions]


@pytest.mark.parametrize("file", FILES)
def test_the_files_as_they_are_have_nothing_wrong(editor: Editor, file: str) -> None:
    uri, _, _ = editor.open({"file": file})
    assert editor.client.diagnostics(uri) == []


@pytest.mark.parametrize("table", ["completions", "hovers", "diagnostics"])
def test_there_are_enough(table: str) -> None:
    assert len(rows(table)) >= 10


def offset_of(text: str, path: str) -> int:
    """Where a key stands, by its dotted path."""
    node = yaml.compose(text)
    offset = 0
    for name in path.split("."):
        assert isinstance(node, yaml.MappingNode)
        key, node = next(pair for pair in node.value if pair[0].value == name)
        offset = key.start_mark.index + 1
    return offset
