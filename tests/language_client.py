"""A small client of the Language Server Protocol: starts a server, asks it over its standard input, and keeps what it is told."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds after which an answer is not waited for any longer; a server that works needs none of them."""

Message = dict[str, Any]


class ServerGone(Exception):
    """The server ended, or did not answer in time."""


class LanguageClient:
    """One server and what it has said. `settings` are what it gets where it asks for a section of the editor's configuration."""

    def __init__(self, command: Sequence[str], folder: Path, settings: Mapping[str, Any] | None = None) -> None:
        self.folder = folder
        self.settings = settings or {}
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.told = threading.Condition()
        self.answers: dict[int, Message] = {}
        self.notices: list[Message] = []
        """The notifications of the server, oldest first."""
        self.capabilities: dict[str, Any] = {}
        self.last_id = 0
        self.is_over = False
        self.complaints = b""
        self.threads = [threading.Thread(target=read, daemon=True) for read in (self._read, self._read_errors)]
        for thread in self.threads:
            thread.start()

    # --- what a test asks ---

    def request(self, method: str, params: Any = None) -> Any:
        """The result of a request; raises `ServerGone`, and AssertionError where the server answers with an error."""
        answer = self.answer(method, params)
        assert "error" not in answer, answer["error"]
        return answer.get("result")

    def answer(self, method: str, params: Any = None, is_cancelled: bool = False) -> Message:
        """The answer to a request, an error too; perhaps to one that is taken back in the same breath."""
        self.last_id += 1
        id_ = self.last_id
        sent: list[Message] = [{"id": id_, "method": method, "params": params}]
        if is_cancelled:
            sent.append({"method": "$/cancelRequest", "params": {"id": id_}})
        self.send(b"".join(framed({"jsonrpc": "2.0", **message}) for message in sent))
        return self.answered(id_)

    def answered(self, id_: int) -> Message:
        """The answer to the request of a number."""
        self._wait(lambda: id_ in self.answers, f"answer {id_}")
        return self.answers.pop(id_)

    def notify(self, method: str, params: Any = None) -> None:
        """Tell the server something."""
        self.send(framed({"jsonrpc": "2.0", "method": method, "params": params}))

    def start(self) -> None:
        """Shake hands."""
        capabilities = {
            "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}, "workspaceFolders": True},
            "textDocument": {
                "hover": {"contentFormat": ["markdown", "plaintext"]},
                "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown", "plaintext"]}},
                "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
                "publishDiagnostics": {"relatedInformation": True},
            },
        }
        uri = self.folder.as_uri()
        params = {
            "processId": None,
            "rootUri": uri,
            "capabilities": capabilities,
            "workspaceFolders": [{"uri": uri, "name": self.folder.name}],
        }
        self.capabilities = self.request("initialize", params)["capabilities"]
        self.notify("initialized", {})
        self.notify("workspace/didChangeConfiguration", {"settings": dict(self.settings)})

    def open(self, path: Path, text: str, language: str = "yaml") -> str:
        """Open a document, with a text that need not be the file's; its URI."""
        uri = path.as_uri()
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def change(self, uri: str, version: int, text: str) -> None:
        """Let a document have another text."""
        changes = [{"text": text}]
        self.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": changes})

    def close(self, uri: str) -> None:
        """Close a document."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def diagnostics(self, uri: str, after: int = 0) -> list[Message]:
        """What the server finds in a document: its first word on it after so many notices."""

        def published() -> Iterator[Message]:
            for notice in self.notices[after:]:
                if notice["method"] == "textDocument/publishDiagnostics" and notice["params"]["uri"] == uri:
                    yield notice["params"]

        self._wait(lambda: any(True for _ in published()), f"diagnostics of {uri}")
        found: list[Message] = next(published())["diagnostics"]
        return found

    def stop(self) -> int:
        """Part from the server in good manners; its exit code."""
        if self.process.poll() is None:
            self.request("shutdown")
            self.notify("exit")
        return self.end()

    # --- the wire ---

    def send(self, sent: bytes) -> None:
        """Write to the server, which need not be a message."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(sent)
            self.process.stdin.flush()
        except OSError:
            raise ServerGone(self._why()) from None

    def _read(self) -> None:
        assert self.process.stdout is not None
        while (length := self._length()) is not None:
            self._take(json.loads(self.process.stdout.read(length)))
        with self.told:
            self.is_over = True
            self.told.notify_all()

    def _length(self) -> int | None:
        """How long the next message is; None where there is none."""
        assert self.process.stdout is not None
        length = None
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return length

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self.complaints = self.process.stderr.read()

    def _take(self, message: Message) -> None:
        if "method" in message and "id" in message:
            self.send(framed({"jsonrpc": "2.0", "id": message["id"], "result": self._answer(message)}))
            return
        with self.told:
            if "method" in message:
                self.notices.append(message)
            else:
                self.answers[message["id"]] = message
            self.told.notify_all()

    def _answer(self, message: Message) -> Any:
        """What the editor answers: its configuration, and nothing to all else."""
        if message["method"] == "workspace/configuration":
            return [self.settings.get(item.get("section", "")) for item in message["params"]["items"]]
        return None

    def _wait(self, is_told: Callable[[], bool], what: str) -> None:
        with self.told:
            if not self.told.wait_for(lambda: is_told() or self.is_over, PATIENCE) or not is_told():
                raise ServerGone(f"no {what}; {self._why()}")

    def _why(self) -> str:
        return f"exit code {self.process.poll()}, {self.complaints.decode('utf-8', 'replace')[-2000:]}"

    def end(self) -> int:
        """Wait for the server to end; its exit code."""
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            for thread in self.threads:
                thread.join(PATIENCE)
            for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
                if stream is not None:
                    stream.close()


def framed(message: Message | str | bytes) -> bytes:
    """A message as it is sent: an object, or a body that need not be one."""
    body = message if isinstance(message, bytes) else (message if isinstance(message, str) else json.dumps(message)).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


@contextmanager
def serving(command: Sequence[str], folder: Path, settings: Mapping[str, Any] | None = None) -> Iterator[LanguageClient]:
    """A server that is started, and stopped at the end; killed where a test failed."""
    client = LanguageClient(command, folder, settings)
    try:
        client.start()
        yield client
    except BaseException:
        client.process.kill()
        client.end()
        raise
    client.stop()


def position(text: str, offset: int) -> dict[str, int]:
    """Where a character stands, as the protocol counts: lines from 0, and UTF-16 units in them."""
    before = text[:offset]
    line = before.rpartition("\n")[2]
    return {"line": before.count("\n"), "character": len(line.encode("utf-16-le")) // 2}
