"""The executor: its entry, the embedded one, and each fault of a server, on a loopback server."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confguard.trainer.executor import Executor, ExecutorError, executor_of
from confguard.trainer.executor.asking import Answer
from confguard.trainer.executor.faults import FAULTS, fault_of
from confguard.trainer.executor.local import UNKNOWN
from confguard.trainer.executor.sections import section_of, sectioned

KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123"

# --- the entry ---


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"api_type": "azure", "base_url": "http://127.0.0.1"}, 'api_type "azure" is not supported; write openai'),
        ({"api_type": "anthropic"}, "is not supported"),
        ({"model_name": "gpt-4o-mini"}, "api_type null"),
        ({"api_type": "openai", "model_name": "m"}, "needs base_url"),
        ({"base_url": "http://127.0.0.1"}, "needs model_name"),
        ({"base_url": "127.0.0.1:8000", "model_name": "m"}, "neither http:// nor https://"),
        ({"base_url": "http://127.0.0.1", "model_name": "m", "api_version": "2024"}, "does not honour api_version"),
        ({"base_url": "http://127.0.0.1", "model_name": "m", "temperature": 3}, "temperature is 3"),
        ({"base_url": "http://127.0.0.1", "model_name": "m", "temperature": "0"}, 'temperature is "0"'),
        ({"base_url": "http://127.0.0.1", "model_name": "m", "top_p": -0.1}, "top_p is -0.1"),
        ({"base_url": "http://127.0.0.1", "model_name": "m", "max_tokens": 0.5}, "max_tokens is 0.5"),
        ({"base_url": "http://127.0.0.1", "model_name": "m", "timeout": -1}, "timeout is -1"),
        ({"base_url": "http://127.0.0.1", "model_name": "m", "no_proxy": "localhost"}, "NO_PROXY"),
        ({"base_url": "${NO_SUCH_URL}", "model_name": "m"}, "needs the variable NO_SUCH_URL"),
        ({"base_url": "http://127.0.0.1", "model_name": "m", "api_key": "${NO_SUCH_KEY}"}, "needs the variable NO_SUCH_KEY"),
        ({"base_url": "http://127.0.0.1", "model_name": "m", "api_key": "${A_KEY:-none}"}, "no \\$\\{NAME\\}"),
        ({"base_url": "http://127.0.0.1", "model_name": "m", "api_key": "${TWO_LINES}"}, "api_key holds a space"),
        ({"api_type": "local", "api_key": "EMPTY"}, "embedded executor does not honour api_key"),
        ({"api_type": "local", "temperature": 0.7}, "write temperature: 0"),
    ],
)
def test_entries_that_are_refused(entry: dict[str, object], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWO_LINES", f"{KEY}\nX-Other: 1")
    with pytest.raises(ExecutorError, match=message) as raised:
        executor_of(entry, timeout=1)
    assert raised.value.lasting
    assert KEY not in str(raised.value)


# --- the embedded one ---


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("What is 12 * 7?", "84"),
        ("Work out (3 + 4) * 2 - 1/2.", "13.5"),
        ("1/3 + 1/3 =", "2/3"),
        ("-3 + 5", "2"),
        ("6 × 7 = ?", "42"),
        ("Repeat after me: hello, world", "hello, world"),
        ("1 / 0", UNKNOWN),
        ("9**9**9**9", UNKNOWN),
        ("9" * 300 + "*" + "9" * 300, UNKNOWN),
        ("(" * 150 + "1+1", UNKNOWN),
        ("Who are you?", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_the_embedded_executor(prompt: str, expected: str) -> None:
    executor = executor_of({"api_type": "local", "model_name": "tiny", "temperature": 0, "top_p": 1, "max_tokens": 50}, timeout=1)
    assert executor.ask(prompt) == expected == executor.ask(prompt)


def test_the_embedded_executor_keeps_its_length() -> None:
    executor = executor_of({"api_type": "local", "max_tokens": 3}, timeout=1)
    assert executor.ask("Repeat: one two three four") == "one two three"
    assert executor.ask("Repeat: one two three four", max_tokens=2) == "one two"
    assert (executor.counts.calls, executor.counts.cut) == (2, 2)


@given(st.text(max_size=200))
def test_the_embedded_executor_answers_anything(prompt: str) -> None:
    assert executor_of({"api_type": "local"}, timeout=1).ask(prompt) is not None


@given(st.dictionaries(st.sampled_from(["question", "reference", "answer"]), st.text(max_size=40), min_size=1))
def test_sections_are_read_as_they_were_written(texts: dict[str, str]) -> None:
    assert {name: section_of(sectioned(texts), name) for name in texts} == texts


# --- a server ---


class Reply(NamedTuple):
    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    wait: float = 0.0
    drip: bool = False
    hang_up: bool = False


def answer(text: object, reason: str = "stop") -> Reply:
    return Reply(body=json.dumps({"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": reason}]}).encode())


GOOD = answer("fine")


class Server(NamedTuple):
    url: str
    replies: list[Reply]
    seen: list[tuple[str, dict[str, str], Any]]


class Quiet(ThreadingHTTPServer):
    """A server whose clients go away when they have waited long enough."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of it."""


@pytest.fixture(scope="module")
def stub() -> Iterator[Server]:
    pytest.importorskip("httpx")
    replies: list[Reply] = []
    seen: list[tuple[str, dict[str, str], Any]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            reply = replies.pop(0) if replies else GOOD
            time.sleep(reply.wait)
            if reply.hang_up:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            for part in reply.body if reply.drip else [reply.body]:
                self.wfile.write(bytes([part]) if isinstance(part, int) else part)
                if reply.drip:
                    self.wfile.flush()
                    time.sleep(0.05)
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError):  # the client has gone, as it should from a slow server
                super().handle()

    server = Quiet(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield Server(f"http://127.0.0.1:{server.server_port}/v1", replies, seen)
    server.shutdown()
    server.server_close()


@pytest.fixture
def server(stub: Server) -> Server:
    stub.replies.clear()
    stub.seen.clear()
    return stub


class Asleep:
    """A sleep that only remembers."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)


def executor(url: str, asleep: Callable[[float], None] | None = None, *, seconds: float = 60, **entry: object) -> Executor:
    written = {"api_type": "openai", "base_url": url, "api_key": KEY, "model_name": "m", "no_proxy": True, **entry}
    return executor_of(written, timeout=seconds, sleep=asleep or Asleep())


def test_what_is_sent(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_KEY", KEY)
    made = executor(server.url + "/", api_key="${OUR_KEY}", temperature=0, top_p=1, max_tokens=4096, api_type=None)
    assert made.ask("hello") == "fine"
    assert made.ask("hello", max_tokens=5) == "fine"
    (path, headers, body), (_, _, second) = server.seen
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == f"Bearer {KEY}"
    assert body == {"model": "m", "temperature": 0, "top_p": 1, "max_tokens": 4096, "messages": [{"role": "user", "content": "hello"}]}
    assert second["max_tokens"] == 5
    assert made.counts[:4] == (2, 0, 0, 0)


def test_a_local_server_needs_no_key(server: Server) -> None:
    made = executor_of({"api_type": "local", "base_url": server.url, "model_name": "m", "no_proxy": True}, timeout=30)
    assert made.ask("hello") == "fine"
    assert "authorization" not in server.seen[0][1]
    assert server.seen[0][2] == {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


# Faults that pass: what the server sends first, then the waits before the good answer that follows.
PASSING = {
    "busy": ([Reply(429)], [0.5]),
    "busy, and says how long": ([Reply(429, headers=(("Retry-After", "7"),))], [7.0]),
    "busy, and says nonsense": ([Reply(429, headers=(("Retry-After", "soon"),))], [0.5]),
    "server": ([Reply(500), Reply(503), Reply(502)], [0.5, 1.0, 2.0]),
    "no JSON": ([Reply(body=b"<html>"), Reply(body=b"")], [0.5, 1.0]),
    "no choices": ([Reply(body=b"{}"), Reply(body=b'{"choices": []}'), Reply(body=b"[1]")], [0.5, 1.0, 2.0]),
    "empty": ([answer(""), answer(None), answer(" \n")], [0.5, 1.0, 2.0]),
    "cut off": ([Reply(hang_up=True)], [0.5]),
    "four faults": ([Reply(500), Reply(429), Reply(body=b"{"), answer("")], [0.5, 1.0, 2.0, 4.0]),
}


@pytest.mark.parametrize("case", PASSING)
def test_faults_that_pass(server: Server, case: str) -> None:
    replies, waits = PASSING[case]
    server.replies.extend(replies)
    asleep = Asleep()
    made = executor(server.url, asleep)
    assert made.ask("hello") == "fine"
    assert asleep.waits == waits
    assert made.counts[:4] == (1, len(waits), 0, 0)


def test_a_date_to_come_back_at(server: Server) -> None:
    later = datetime.now(timezone.utc) + timedelta(seconds=30)
    server.replies.append(Reply(429, headers=(("Retry-After", format_datetime(later, usegmt=True)),)))
    asleep = Asleep()
    executor(server.url, asleep).ask("hello")
    assert 20 < asleep.waits[0] <= 30


# Faults that stay: the status, how often it is asked, and words of the error.
STAYING = [
    (400, 1, "the server refuses the request"),
    (401, 1, "does not accept the API key"),
    (403, 1, "does not accept the API key"),
    (404, 1, "there is no such model or path"),
    (307, 1, "redirects"),
    (422, 1, "the server refuses the request"),
    (429, 5, "too many requests"),
    (500, 5, "the server failed"),
]


@pytest.mark.parametrize(("status", "tries", "words"), STAYING)
def test_faults_that_stay(server: Server, status: int, tries: int, words: str) -> None:
    said = json.dumps({"error": {"message": f"no: {'x' * 185} {KEY} was given"}}).encode()
    server.replies.extend([Reply(status, said)] * 9)
    made = executor(server.url)
    with pytest.raises(ExecutorError, match=words) as raised:
        made.ask("hello")
    assert len(server.seen) == tries
    message = str(raised.value)
    assert f"tried {'once' if tries == 1 else f'{tries} times'}" in message
    assert raised.value.lasting == (tries == 1)
    assert KEY[:12] not in message
    assert raised.value.__cause__ is None
    assert made.counts[:4] == (1, tries - 1, 1, 0)
    assert KEY not in repr(made)


def test_an_answer_that_was_cut_is_an_answer(server: Server) -> None:
    server.replies.append(answer("half an ans", "length"))
    made = executor(server.url)
    assert made.ask("hello") == "half an ans"
    assert made.counts.cut == 1


def test_nobody_answers() -> None:
    pytest.importorskip("httpx")
    with socket.socket() as held:  # bound, and never listening
        held.bind(("127.0.0.1", 0))
        made = executor(f"http://127.0.0.1:{held.getsockname()[1]}/v1")
        with pytest.raises(ExecutorError, match=r"nobody answers at base_url .*tried 5 times; start the server") as raised:
            made.ask("hello")
    assert not raised.value.lasting


def test_a_slow_server_is_asked_again(server: Server) -> None:
    server.replies.append(Reply(wait=1.0))
    made = executor(server.url, timeout=0.3)
    assert made.ask("hello") == "fine"
    assert made.counts.retries == 1


@pytest.mark.parametrize("reply", [Reply(wait=1.5), GOOD._replace(drip=True)], ids=["silent", "in drips"])
def test_a_slow_server_is_not_waited_for_for_ever(server: Server, reply: Reply) -> None:
    server.replies.extend([reply] * 3)
    began = time.monotonic()
    with pytest.raises(ExecutorError, match="no answer came in time"):
        executor(server.url).ask("hello", within=0.4)
    assert time.monotonic() - began < 1.4


def test_a_wait_that_would_pass_the_limit_is_not_begun(server: Server) -> None:
    server.replies.append(Reply(429, headers=(("Retry-After", "3600"),)))
    asleep = Asleep()
    with pytest.raises(ExecutorError, match="waiting 3600 s more would pass the time limit"):
        executor(server.url, asleep).ask("hello")
    assert asleep.waits == []


def test_an_answer_without_end(server: Server) -> None:
    server.replies.append(Reply(body=b"x" * (9 << 20)))
    with pytest.raises(ExecutorError, match="longer than 8 MiB"):
        executor(server.url).ask("hello")


def test_so_many_at_once() -> None:
    lock = threading.Lock()
    running, most = 0, 0

    def slow(prompt: str, tokens: int | None, seconds: float) -> Answer:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return Answer(prompt)

    made = Executor("slow", slow, timeout=30, at_once=3)
    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(made.ask, map(str, range(30)))) == [str(number) for number in range(30)]
    assert most == 3
    assert made.counts.calls == 30
    assert made.counts.seconds > 0.5


def test_a_turn_that_never_comes() -> None:
    release = threading.Event()

    def stuck(prompt: str, tokens: int | None, seconds: float) -> Answer:
        release.wait(20)
        return Answer("late")

    made = Executor("stuck", stuck, timeout=30, at_once=1)
    first = threading.Thread(target=made.ask, args=("first",))
    first.start()
    while made._places._value:
        time.sleep(0.01)
    with pytest.raises(ExecutorError, match="no call came to its turn"):
        made.ask("second", within=0.05)
    release.set()
    first.join()
    assert made.counts[:3] == (2, 0, 1)


def test_connections_are_kept(server: Server) -> None:
    made = executor(server.url)
    began = time.monotonic()
    for _ in range(50):
        made.ask("hello")
    assert (time.monotonic() - began) / 50 < 0.2


def test_every_fault_says_what_to_do() -> None:
    assert all(fault.says and fault.help for fault in FAULTS.values())
    assert {fault_of(status) for status in range(200, 300)} == {None}
    assert all(fault_of(status) in FAULTS for status in (*range(100, 200), *range(300, 600)))
