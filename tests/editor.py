"""An editor for tests: pygls' own client, which starts `confguard lsp` and talks to it over standard input and output."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from confguard.server.texts import Edit

T = TypeVar("T")
Suits = Callable[[list[types.Diagnostic]], bool]
EXAMPLE = Path(__file__).parents[1] / "examples" / "grpo-lora"
COMMAND = ("-m", "confguard", "lsp")
PATIENCE = 60.0
"""Seconds after which a test gives up on the server."""


class Editor:
    """Open files with their texts, and the last diagnostics of every file. Calls wait for the server."""

    def __init__(self, root: Path, locale: str | None = None, versioned_edits: bool = True, command: Sequence[str] = COMMAND) -> None:
        self.root = root
        self.command = command
        self.texts: dict[Path, str] = {}
        self.versions: dict[Path, int] = {}
        self.published: list[types.PublishDiagnosticsParams] = []
        self.logged: list[str] = []
        self.stderr = b""
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.client = LanguageClient("tests", "1")
        self.news = asyncio.Event()
        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self._published(params))
        self.client.feature(types.WINDOW_LOG_MESSAGE)(lambda params: self.logged.append(params.message))
        self.client.feature(types.WINDOW_SHOW_MESSAGE)(lambda params: self.logged.append(params.message))
        self.wait(self._start(locale, versioned_edits))

    def _published(self, params: types.PublishDiagnosticsParams) -> None:
        self.published.append(params)
        self.news.set()

    async def _start(self, locale: str | None, versioned_edits: bool) -> None:
        environment = {**os.environ, "PYTHONPATH": ""}
        # Started elsewhere, since an editor may start it anywhere.
        await self.client.start_io(sys.executable, *self.command, cwd=self.root.anchor, env=environment)
        capabilities = types.ClientCapabilities(
            workspace=types.WorkspaceClientCapabilities(
                workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=versioned_edits)
            ),
            general=types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf8, types.PositionEncodingKind.Utf16]),
        )
        folder = types.WorkspaceFolder(self.root.as_uri(), "root")
        params = types.InitializeParams(
            capabilities, process_id=os.getpid(), root_uri=folder.uri, workspace_folders=[folder], locale=locale
        )
        self.server = (await self.client.initialize_async(params)).capabilities
        self.client.initialized(types.InitializedParams())

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, PATIENCE), self.loop).result()

    def stop(self) -> int | None:
        """Say goodbye; the server's exit code."""

        async def leave() -> int | None:
            await self.client.shutdown_async(None)
            self.client.exit(None)
            process = self.client._server
            assert process is not None
            assert process.stderr is not None
            self.stderr = await process.stderr.read()
            return await process.wait()

        code = self.wait(leave())
        self.loop.call_soon_threadsafe(self.loop.stop)
        return code

    def kill(self) -> None:
        """Leave no server behind where a test failed."""
        assert self.client._server is not None
        self.loop.call_soon_threadsafe(self.client._server.kill)

    # --- files ---

    def uri(self, file: str | Path) -> str:
        return self._path(file).as_uri()

    def _path(self, file: str | Path) -> Path:
        return self.root / file

    def text(self, file: str | Path) -> str:
        """What the editor has of a file, or the disk where it is not open."""
        path = self._path(file)
        return self.texts[path] if path in self.texts else path.read_bytes().decode()

    def open(self, file: str | Path, text: str | None = None) -> None:
        path = self._path(file)
        self.texts[path] = path.read_bytes().decode() if text is None else text
        self.versions[path] = self.versions.get(path, 0) + 1
        self.open_uri(path.as_uri(), self.texts[path], self.versions[path])

    def open_uri(self, uri: str, text: str, version: int = 1) -> None:
        """Open what may be no file."""
        item = types.TextDocumentItem(uri, "yaml", version, text)
        self._tell(self.client.text_document_did_open, types.DidOpenTextDocumentParams(item))

    def close_uri(self, uri: str) -> None:
        self._tell(self.client.text_document_did_close, types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def change(self, file: str | Path, changes: Sequence[tuple[types.Range | None, str]]) -> None:
        """Send changes; the text that the editor has is kept by `becomes`."""
        path = self._path(file)
        self.versions[path] += 1
        events: list[types.TextDocumentContentChangeEvent] = [
            types.TextDocumentContentChangeWholeDocument(text) if at is None else types.TextDocumentContentChangePartial(at, text)
            for at, text in changes
        ]
        identifier = types.VersionedTextDocumentIdentifier(self.versions[path], path.as_uri())
        self._tell(self.client.text_document_did_change, types.DidChangeTextDocumentParams(identifier, events))

    def becomes(self, file: str | Path, text: str) -> None:
        """The whole text anew."""
        self.texts[self._path(file)] = text
        self.change(file, [(None, text)])

    def show(self, file: str | Path, text: str) -> None:
        """Let a file have a text; it is opened if it is not open."""
        if self._path(file) in self.texts:
            self.becomes(file, text)
        else:
            self.open(file, text)

    def save(self, file: str | Path) -> None:
        path = self._path(file)
        path.write_bytes(self.texts[path].encode())
        self._tell(self.client.text_document_did_save, types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(path.as_uri())))

    def close(self, file: str | Path) -> None:
        del self.texts[self._path(file)]
        self.close_uri(self.uri(file))

    def changed_on_disk(self, file: str | Path) -> None:
        event = types.FileEvent(self.uri(file), types.FileChangeType.Changed)
        self._tell(self.client.workspace_did_change_watched_files, types.DidChangeWatchedFilesParams([event]))

    def _tell(self, send: Any, params: Any) -> None:
        async def sent() -> None:
            send(params)

        self.wait(sent())

    # --- what the server says ---

    def diagnostics(self, file: str | Path, suits: Suits = lambda found: True, since: int = 0) -> list[types.Diagnostic]:
        """What is published for the version of a file that is open, or for one that is not, once it suits."""
        path = self._path(file)
        told = [f"told of {file} until time was up:"]

        async def come() -> list[types.Diagnostic]:
            while True:
                self.news.clear()
                last = next((params for params in reversed(self.published[since:]) if params.uri == path.as_uri()), None)
                if last is not None and last.version == (self.versions[path] if path in self.texts else None):
                    found = list(last.diagnostics)
                    if suits(found):
                        return found
                    told.extend(f"{item.code} {item.range} {item.message}" for item in found)
                await self.news.wait()

        try:
            return self.wait(come())
        except asyncio.TimeoutError:
            raise AssertionError("\n".join(told)) from None

    def hover(self, file: str | Path, at: types.Position) -> types.Hover | None:
        params = types.HoverParams(types.TextDocumentIdentifier(self.uri(file)), at)
        return self.wait(self.client.text_document_hover_async(params))

    def definition(self, file: str | Path, at: types.Position) -> Any:
        params = types.DefinitionParams(types.TextDocumentIdentifier(self.uri(file)), at)
        return self.wait(self.client.text_document_definition_async(params))

    def hints(self, file: str | Path, at: types.Range) -> list[types.InlayHint]:
        params = types.InlayHintParams(types.TextDocumentIdentifier(self.uri(file)), at)
        return list(self.wait(self.client.text_document_inlay_hint_async(params)) or ())

    def actions(self, file: str | Path, at: types.Range, only: Sequence[str] | None = None) -> list[types.CodeAction]:
        context = types.CodeActionContext([], only=list(only) if only else None)
        params = types.CodeActionParams(types.TextDocumentIdentifier(self.uri(file)), at, context)
        found = self.wait(self.client.text_document_code_action_async(params))
        return [action for action in found or [] if isinstance(action, types.CodeAction)]


@contextmanager
def editing(root: Path, **others: Any) -> Iterator[Editor]:
    """An editor of a copy of the example, whose server says nothing but what it is asked, and ends well."""
    shutil.copytree(EXAMPLE, root)
    editor = Editor(root, **others)
    try:
        yield editor
    except BaseException:
        editor.kill()
        raise
    assert editor.logged == []
    assert editor.stop() == 0
    assert editor.stderr == b""


# --- places, told from offsets by a way of its own ---


def position(text: str, offset: int) -> types.Position:
    """Where an offset is for an editor: UTF-16 is asked of the codec."""
    before = text[:offset].replace("\r\n", "\n\n").replace("\r", "\n") if "\r" in text else text[:offset]
    if text[offset - 1 : offset] == "\n" and text[offset - 2 : offset - 1] == "\r":
        before = before[:-2] + "\n"
    lines = text[:offset].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return types.Position(len(lines) - 1, len(lines[-1].encode("utf-16-le", "surrogatepass")) // 2)


def offset_of(text: str, place: types.Position) -> int:
    """The offset of a place."""
    start = 0
    for _ in range(place.line):
        ends = [at + len(end) for end in ("\r\n", "\n", "\r") if (at := text.find(end, start)) >= 0]
        start = min(ends) if ends else len(text)
        if text[start - 1 : start + 1] == "\r\n":
            start += 1
    units = text[start:].encode("utf-16-le", "surrogatepass")[: 2 * place.character]
    return start + len(units.decode("utf-16-le", "surrogatepass"))


def applied(text: str, edits: Sequence[types.TextEdit]) -> str:
    """A text after the edits of an action."""
    spans = sorted((offset_of(text, edit.range.start), offset_of(text, edit.range.end), edit.new_text) for edit in edits)
    for start, end, new in reversed(spans):
        text = text[:start] + new + text[end:]
    return text


def text_edits(edits: Iterable[Edit]) -> list[types.TextEdit]:
    """Edits of the server's own, in the words of the protocol."""
    return [types.TextEdit(types.Range(types.Position(*edit.at.start), types.Position(*edit.at.end)), edit.text) for edit in edits]


def after(editor: Editor, file: str, action: types.CodeAction) -> str:
    """The file after an action, which may edit no other and no other version."""
    assert action.edit is not None
    assert action.edit.document_changes is not None
    (change,) = action.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    path = editor.root / file
    assert (change.text_document.uri, change.text_document.version) == (path.as_uri(), editor.versions[path])
    return applied(editor.texts[path], [edit for edit in change.edits if isinstance(edit, types.TextEdit)])
