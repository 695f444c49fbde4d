"""Calls of an OpenAI-compatible server: one HTTP client, kept open, and every failure as a `Failed`."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import Any, NamedTuple

from confguard.trainer.executor.asking import Answer
from confguard.trainer.executor.faults import ExecutorError, Failed, fault_of

LONGEST_ANSWER = 8 << 20
LONGEST_DETAIL = 200
QUIET = ("key",)
"""Faults whose text from the server is not shown: servers quote parts of the key there."""


class Server(NamedTuple):
    """Where calls go, and what each one carries."""

    url: str
    key: str
    body: dict[str, object]
    each: float | None
    """Seconds that one try may take."""
    proxies: bool


def calling(server: Server) -> Callable[[str, int | None, float], Answer]:
    """The function that calls a server; its client is made at the first call."""
    lock = threading.Lock()
    made: list[Any] = []

    def call(prompt: str, max_tokens: int | None, seconds: float) -> Answer:
        with lock:
            if not made:
                made.append(_client(server))
        body = dict(server.body, messages=[{"role": "user", "content": prompt}])
        if max_tokens is not None:
            body["max_tokens"] = min(max_tokens, int(str(body.get("max_tokens", max_tokens))))
        limit = seconds if server.each is None else min(seconds, server.each)
        status, headers, content = _posted(made[0], server.url, body, limit)
        fault = fault_of(status)
        if fault is not None:
            raise Failed(fault, _detail(status, content, fault, server.key), _wait(headers.get("retry-after", "")))
        return _answer(content)

    return call


def _library() -> Any:
    try:
        return import_module("httpx")
    except ImportError:
        raise ExecutorError("an executor behind a URL needs httpx: pip install 'httpx>=0.25'", lasting=True) from None


def _client(server: Server) -> Any:
    key = {"Authorization": f"Bearer {server.key}"} if server.key else {}
    return _library().Client(headers=key, trust_env=server.proxies)


def _posted(client: Any, url: str, body: dict[str, object], seconds: float) -> tuple[int, Any, bytes]:
    """Status, headers and content of a POST. httpx limits each wait alone, so an answer that drips in is stopped here."""
    httpx = _library()
    ends = time.monotonic() + seconds
    try:
        with client.stream("POST", url, json=body, timeout=seconds) as response:
            content = b""
            for part in response.iter_bytes():
                content += part
                if time.monotonic() > ends:
                    raise Failed("slow", f"{seconds:.3g} s")
                if len(content) > LONGEST_ANSWER:
                    raise Failed("too long")
            return response.status_code, response.headers, content
    except httpx.TimeoutException:
        raise Failed("slow", f"{seconds:.3g} s") from None
    except httpx.ConnectError as error:
        raise Failed("unreachable", _short(str(error))) from None
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise Failed("cut off", _short(str(error))) from None
    except (httpx.InvalidURL, UnicodeError) as error:
        raise Failed("refused", _short(str(error))) from None


def _answer(content: bytes) -> Answer:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise Failed("no JSON", f"it begins with {content[:20]!r}") from None
    try:
        choice = found["choices"][0]
        text = choice["message"]["content"]
    except (LookupError, TypeError):
        raise Failed("no choices") from None
    if not isinstance(text, str) or not text.strip():
        raise Failed("empty", f"finish_reason {choice.get('finish_reason')}")
    return Answer(text, cut=choice.get("finish_reason") == "length")


def _detail(status: int, content: bytes, fault: str, key: str) -> str:
    """The status, and the server's own message where it has one that may be shown."""
    if fault in QUIET:
        return f"HTTP {status}"
    said = content.decode("utf-8", "replace")
    with suppress(ValueError, LookupError, TypeError, RecursionError):
        said = str(json.loads(content)["error"]["message"])
    said = said.replace(key, "***") if key else said  # before it is cut, which might leave half of the key
    return f"HTTP {status}: {_short(said)}" if said.strip() else f"HTTP {status}"


def _short(text: str) -> str:
    plain = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * LONGEST_DETAIL]).split())
    return plain if len(plain) <= LONGEST_DETAIL else plain[:LONGEST_DETAIL] + "..."


def _wait(retry_after: str) -> float | None:
    """The seconds that a Retry-After header asks for, written as such or as a date; None where it cannot be read."""
    try:
        return max(float(retry_after), 0.0)
    except ValueError:
        pass
    try:
        return max((parsedate_to_datetime(retry_after) - datetime.now(timezone.utc)).total_seconds(), 0.0)
    except (ValueError, TypeError, IndexError):
        return None
