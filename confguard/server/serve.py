"""The server itself: what pygls hands over, and what is sent back. What is said and done lies in the other modules."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Generator
from typing import BinaryIO, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcMethodNotFound
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method

from confguard.report.safe import clean
from confguard.server.actions import KINDS, actions
from confguard.server.buffers import Buffer
from confguard.server.checks import Checks
from confguard.server.definition import definition
from confguard.server.hover import hover
from confguard.server.inlay import hints
from confguard.server.notes import Note
from confguard.server.protocol import (
    Uris,
    action_of,
    diagnostic_of,
    hover_of,
    inlay_of,
    location_of,
    to_changes,
    to_place,
    to_stretch,
)
from confguard.server.texts import changed
from confguard.words.typing import Any
from confguard.words.version import __version__

_WATCHED = ("**/*.yaml", "**/*.yml", "**/pyproject.toml")
_STACK = 64 * 1024 * 1024
"""Bytes for a thread: an audit goes as deep as the code that it follows, and some systems give a thread little."""
_Answer = TypeVar("_Answer")


def serve(told: Callable[[Exception], str]) -> int:
    """Serve the editor on standard input and output until it is done; `told` says what a bug of ours was, on one line."""
    for name in ("pygls", "asyncio"):  # they would write tracebacks on standard error, which editors show
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # else it would wait for the thread that reads, which waits for the editor
    threading.stack_size(_STACK)
    incoming, outgoing = _streams()
    server = _Server(told)
    _register(server)
    server.start_io(incoming, outgoing)
    server.checks.stop()
    return 0 if server.protocol.is_done else 1


def _streams() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for the protocol alone: whoever else reads finds nothing, and who prints does so on standard error."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return incoming, outgoing


class _Protocol(LanguageServerProtocol):
    """pygls without its own copies of the texts, whose lines end where Python's do, and without its tracebacks."""

    is_done = False

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Start; places are in UTF-16, which every editor has to know."""
        if params.capabilities.general is not None:
            params.capabilities.general.position_encodings = None
        return (yield from super().lsp_initialize(params))

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Generator[Any, Any, None]:
        """A file was opened."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Generator[Any, Any, None]:
        """The text of an open file changed."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Generator[Any, Any, None]:
        """A file was closed."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        """The editor is about to go."""
        self.is_done = True
        return (yield from super().lsp_shutdown(*args))

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A message in its type; a request that has none is answered, since the editor waits."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            raise

    def _send_response(self, msg_id: Any, result: Any = None, error: types.ResponseError | None = None) -> None:
        if error is not None:
            error.data = None  # it holds a traceback
        super()._send_response(msg_id, result, error)


class _Server(LanguageServer):
    """The server, its open files, and how it says what went wrong."""

    protocol: _Protocol

    def __init__(self, told: Callable[[Exception], str]) -> None:
        super().__init__("confguard", __version__, types.TextDocumentSyncKind.Incremental, protocol_cls=_Protocol)
        self.told = told
        self.uris = Uris()
        self.checks = Checks(self.publish, self.failed)
        self.folder = os.getcwd()
        self.lang = "en"
        self.edits_have_versions = False

    def publish(self, path: str, version: int | None, notes: list[Note]) -> None:
        """Show what there is to say of a file."""
        diagnostics = [diagnostic_of(note, self.uris) for note in notes]
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(self.uris.of(path), diagnostics, version))

    def failed(self, error: Exception) -> None:
        """Say in the editor's log what went wrong; the server lives on."""
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, clean(f"confguard: {self.told(error)}")))

    def stand(self) -> None:
        """Work in the editor's folder, which may have been removed and made anew: a branch without it was checked out."""
        folder = self.folder if os.path.isdir(self.folder) else os.sep
        try:
            is_there = os.getcwd() == folder
        except OSError:
            is_there = False
        if not is_there:
            os.chdir(folder)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What pygls could not make sense of, or could not do."""
        if source is not JsonRpcException and not isinstance(error, JsonRpcException):
            self.failed(error)
        elif not isinstance(error, JsonRpcMethodNotFound):  # which the answer says
            message = clean(f"confguard: the editor sent what is no request: {error}")
            self.window_log_message(types.LogMessageParams(types.MessageType.Warning, message))

    async def asked(self, answer: Callable[..., _Answer], *about: Any) -> _Answer:
        """The answer to a question about the open files, worked out where it keeps nobody from typing."""
        return await asyncio.get_running_loop().run_in_executor(self.checks.answering, answer, *about)


def _register(server: _Server) -> None:
    """Tell pygls what there is to ask for; nothing that goes wrong in it reaches the editor as more than a line in its log."""
    for name, (handle, options) in _FEATURES.items():
        server.feature(name, options)(_guarded(handle))


def _guarded(handle: Callable[[_Server, Any], Any]) -> Callable[[_Server, Any], Any]:
    async def answer(ls: _Server, params: Any) -> Any:  # pygls hands the server to what has an `ls`
        try:
            ls.stand()
            return await handle(ls, params)
        except Exception as error:
            ls.failed(error)
            return None

    def note(ls: _Server, params: Any) -> None:
        try:
            ls.stand()
            handle(ls, params)
        except Exception as error:
            ls.failed(error)

    return answer if asyncio.iscoroutinefunction(handle) else note


# --- the editor and its folder ---


def _initialized(server: _Server, params: types.InitializedParams) -> None:
    """Ask to be told of files that change on the disk, where the editor can do that."""
    workspace = server.client_capabilities.workspace
    watched = workspace.did_change_watched_files if workspace else None
    if watched is not None and watched.dynamic_registration:
        watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        registration = types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        server.client_register_capability(types.RegistrationParams([registration]))


def _initialize(server: _Server, params: types.InitializeParams) -> None:
    """Work in the editor's folder, as a command line would; speak its language where we can."""
    folders = [folder.uri for folder in params.workspace_folders or ()] or [params.root_uri or ""]
    root = server.uris.path(folders[0])
    server.folder = root if root is not None and os.path.isdir(root) else server.folder
    server.stand()
    server.lang = "zh" if (params.locale or "").startswith("zh") else "en"
    workspace = params.capabilities.workspace
    edits = workspace.workspace_edit if workspace else None
    server.edits_have_versions = bool(edits and edits.document_changes)


# --- texts ---


def _did_open(server: _Server, params: types.DidOpenTextDocumentParams) -> None:
    document = params.text_document
    path = server.uris.open(document.uri)
    if path is not None:
        server.checks.opened(path, Buffer(document.text, document.version))


def _did_change(server: _Server, params: types.DidChangeTextDocumentParams) -> None:
    path = server.uris.path(params.text_document.uri)
    buffer = server.checks.open_files.get(path) if path is not None else None
    if path is not None and buffer is not None:
        text = changed(buffer.text, to_changes(params.content_changes))
        server.checks.edited(path, Buffer(text, params.text_document.version))


def _did_close(server: _Server, params: types.DidCloseTextDocumentParams) -> None:
    path = server.uris.path(params.text_document.uri)
    if path is not None:
        server.checks.closed(path)


def _changed_on_disk(server: _Server, params: Any) -> None:
    server.checks.changed_on_disk()


# --- questions ---


async def _hover(server: _Server, params: types.HoverParams) -> types.Hover | None:
    path = server.uris.path(params.text_document.uri)
    if path is None:
        return None
    return hover_of(await server.asked(hover, path, to_place(params.position), server.checks.buffers(), server.lang))


async def _definition(server: _Server, params: types.DefinitionParams) -> types.Location | None:
    path = server.uris.path(params.text_document.uri)
    if path is None:
        return None
    return location_of(await server.asked(definition, path, to_place(params.position), server.checks.buffers()), server.uris)


async def _inlay_hints(server: _Server, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    path = server.uris.path(params.text_document.uri)
    if path is None:
        return None
    return list(map(inlay_of, await server.asked(hints, path, to_stretch(params.range), server.checks.buffers(), server.lang)))


async def _code_action(server: _Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    path = server.uris.path(params.text_document.uri)
    buffers = server.checks.buffers()
    buffer = buffers.open_files.get(path) if path is not None else None
    if path is None or buffer is None:
        return None
    found = await server.checks.found_now(path, buffers)
    only = tuple(params.context.only or ())
    can = await server.asked(actions, path, to_stretch(params.range), found, buffers, only)
    version = buffer.version if server.edits_have_versions else None
    return [action_of(action, params.text_document.uri, version, server.uris) for action in can]


_FEATURES: dict[str, tuple[Callable[[_Server, Any], Any], Any]] = {
    types.INITIALIZE: (_initialize, None),
    types.INITIALIZED: (_initialized, None),
    types.TEXT_DOCUMENT_DID_OPEN: (_did_open, None),
    types.TEXT_DOCUMENT_DID_CHANGE: (_did_change, None),
    types.TEXT_DOCUMENT_DID_CLOSE: (_did_close, None),
    types.TEXT_DOCUMENT_DID_SAVE: (_changed_on_disk, types.SaveOptions(include_text=False)),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: (_changed_on_disk, None),
    types.TEXT_DOCUMENT_HOVER: (_hover, None),
    types.TEXT_DOCUMENT_DEFINITION: (_definition, None),
    types.TEXT_DOCUMENT_INLAY_HINT: (_inlay_hints, None),
    types.TEXT_DOCUMENT_CODE_ACTION: (_code_action, types.CodeActionOptions(code_action_kinds=list(KINDS))),
}
