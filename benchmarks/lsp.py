"""Measure how long after a keystroke the language server tells what it finds.

`python benchmarks/lsp.py [--edits N] [--json FILE] [--strict]`; benchmarks/README.md says how to read the table.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
MISSION = ROOT / "tests" / "mission" / "before"
LIMIT = 100.0
"""Milliseconds that the median may take."""
MODELS = 42
MODEL = """\
  "model-{number}":
    api_type: "openai"
    base_url: "https://api.openai.com/v1"
    api_key: "${{OPENAI_API_KEY}}"
    model_name: "model-{number}"
    temperature: 0.2
    max_tokens: 4096
"""


class Case(NamedTuple):
    """A file in which a character is typed at the end of the line before some words, and taken out again."""

    title: str
    file: str
    before: str


CASES = (
    Case("the mission's training.yaml", "config/training.yaml", "\nwarmup_steps:"),
    Case("the same beside a confguard.yaml with a reference", "project/config/training.yaml", "\nwarmup_steps:"),
    Case("an executor's file of 300 lines", "many/aflow_llm.yaml", "\n    max_tokens"),
)


class Server:
    """`confguard lsp`, spoken to without any library that would take its own time."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "confguard", "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.send("initialize", {"capabilities": {}, "processId": None, "rootUri": root.as_uri()}, id=1)
        self.receive()
        self.send("initialized", {})

    def send(self, method: str, params: Any, **more: Any) -> None:
        """Say something; with an `id` it is a question."""
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """The next message."""
        assert self.process.stdout is not None
        length = 0
        while (line := self.process.stdout.readline()).strip():
            if line.startswith(b"Content-Length"):
                length = int(line.split(b":")[1])
        found: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return found

    def diagnostics(self, uri: str, version: int) -> list[Any]:
        """What is told of a version of a file, once it is."""
        while True:
            params = self.receive().get("params", {})
            if (params.get("uri"), params.get("version")) == (uri, version):
                return list(params["diagnostics"])

    def stop(self) -> None:
        """Let it end."""
        self.send("shutdown", None, id=2)
        self.send("exit", None)
        self.process.wait()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--edits", type=int, default=100)
    options.add_argument("--json", type=Path)
    options.add_argument("--strict", action="store_true")
    asked = options.parse_args()
    samples = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        made(root)
        for case in CASES:
            server = Server(root)
            samples[case.title] = list(measured(server, root / case.file, case.before, asked.edits))
            server.stop()
    print("\n".join(table(samples, asked.edits)))
    if asked.json:
        asked.json.write_text(json.dumps(samples), encoding="utf-8")
    return int(asked.strict and any(statistics.median(times) > LIMIT for times in samples.values()))


def made(root: Path) -> None:
    """The files."""
    for folder in (root, root / "project"):
        shutil.copytree(MISSION / "config", folder / "config")
    (root / "project" / "confguard.yaml").write_text('references: {reference: "profile:reference"}\n', encoding="utf-8")
    (root / "many").mkdir()
    text = "models:\n" + "".join(MODEL.format(number=number) for number in range(MODELS))
    (root / "many" / "aflow_llm.yaml").write_text(text, encoding="utf-8")


def measured(server: Server, path: Path, before: str, edits: int) -> Iterator[float]:
    """Milliseconds from each keystroke to what is told of the text with it."""
    text, uri = path.read_text(encoding="utf-8"), path.as_uri()
    server.send("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 0, "text": text}})
    server.diagnostics(uri, 0)
    line = text[: text.index(before)].count("\n")
    last = len(text.splitlines()[line])
    at = {"start": {"line": line, "character": last}, "end": {"line": line, "character": last}}
    for version in range(1, edits + 1):
        change = {"range": at, "text": "0" if version % 2 else ""}
        if not version % 2:
            change["range"] = {"start": at["start"], "end": {"line": line, "character": last + 1}}
        begin = time.perf_counter()
        server.send("textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]})
        server.diagnostics(uri, version)
        yield 1000 * (time.perf_counter() - begin)


def table(samples: dict[str, list[float]], edits: int) -> Iterator[str]:
    yield f"From a keystroke to its diagnostics, {edits} edits each\n"
    yield "| file | median ms | p95 ms | least to most | verdict |"
    yield "|---|---|---|---|---|"
    for title, times in samples.items():
        median, late = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        verdict = "ok" if median <= LIMIT else "MISSED"
        yield f"| {title} | {median:.1f} (at most {LIMIT:.0f}) | {late:.1f} | {min(times):.1f} to {max(times):.1f} | {verdict} |"


if __name__ == "__main__":
    sys.exit(main())
