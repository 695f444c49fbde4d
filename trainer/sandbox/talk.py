"""The talk with a run through its pipes: what it prints is read as far as a limit, what it asks is answered, and its time is kept.

Nothing that comes from there is trusted: a line that is too long, or none that the sandbox's own `llm` would write, ends the run.
"""

from __future__ import annotations

import json
import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from confguard.trainer.sandbox.outcome import (
    ANSWER_LIMIT,
    ASKS,
    COMPLAINT_LIMIT,
    LINE_LIMIT,
    OUTPUT_LIMIT,
    PROMPT_LIMIT,
    START_LIMIT,
)

_CHUNK = 64 * 1024
_GLANCE = 0.02
"""Seconds between two looks at how the run is."""
_TAIL = 16 * 1024

Ask = Callable[[str], str]


class Pipes(NamedTuple):
    """Our ends of a run's pipes."""

    output: int
    complaints: int
    questions: int
    stdin: int
    answers: int


class Terms(NamedTuple):
    """What a run may take, and who answers it."""

    seconds: float
    ask: Ask | None = None
    ask_within: float | None = None
    is_over: Callable[[], bool] = bool
    """Says whether the run has ended, in case its pipes do not: another thread may have forked with their ends open."""
    watch: Callable[[], str] = str
    """Says what the run has taken too much of, where only looking can tell; nothing otherwise."""


class Talk:
    """One talk: made, held once, then read."""

    def __init__(self, pipes: Pipes, terms: Terms, code: bytes, stdin: bytes) -> None:
        self.output = bytearray()
        self.complaints = bytearray()
        self.stopped: str | None = None
        self.error = ""
        self.began: float | None = None
        self.ended = 0.0
        self._terms = terms
        self._until = time.monotonic() + START_LIMIT
        self._complained = 0
        self._line = bytearray()
        self._asked: deque[str] = deque()
        self._asks = 0
        self._reply: list[str] = []
        self._replies: int | None = None
        self._reply_until: float | None = None
        self._due = {pipes.stdin: deque([stdin]), pipes.answers: deque([b"%d\n" % len(code), code])}
        self._pipes = pipes
        self._open = set(pipes)
        self._selector = selectors.DefaultSelector()

    def hold(self) -> None:
        """Talks until the run has ended or must be stopped. Closes our ends."""
        try:
            for pipe in self._pipes:
                os.set_blocking(pipe, False)
                self._selector.register(pipe, selectors.EVENT_WRITE if pipe in self._due else selectors.EVENT_READ)
            while self.stopped is None and not self._open.isdisjoint(self._pipes[:2]):
                if not self._step() and self._terms.is_over():
                    break
        finally:
            self.ended = time.monotonic()
            self._selector.close()
            for pipe in (*self._open, *([] if self._replies is None else [self._replies])):
                os.close(pipe)

    def _step(self) -> bool:
        """Whether there was something to do."""
        now = time.monotonic()
        if now >= self._until:
            self._stop("time", f"took longer than {self._terms.seconds:g} s")
        elif self.began is not None and (excess := self._terms.watch()):
            self._stop("memory", excess)
        elif self._reply_until is not None and now >= self._reply_until:
            self._answer(False, f"no answer within {self._terms.ask_within:g} s")
        else:
            ready = self._selector.select(self._wait(now))
            for key, _ in ready:
                if self.stopped is None and key.fd in (*self._open, self._replies):
                    self._serve(key.fd)
            return bool(ready)
        return True

    def _wait(self, now: float) -> float:
        until = min(self._until, self._until if self._reply_until is None else self._reply_until)
        return min(until - now, _GLANCE)

    def _stop(self, why: str, error: str) -> None:
        self.stopped, self.error = why, error

    def _serve(self, pipe: int) -> None:
        if pipe == self._replies:
            return self._answer(*(self._reply and (True, self._reply[0])) or (False, "the executor failed"))
        if pipe in self._due:
            return self._write(pipe)
        try:
            chunk = os.read(pipe, _CHUNK)
        except BlockingIOError:
            return None
        if not chunk:
            return self._close(pipe)
        if pipe == self._pipes.output:
            return self._printed(chunk)
        if pipe == self._pipes.complaints:
            return self._wrote_complaint(chunk)
        return self._spoke(chunk)

    def _printed(self, chunk: bytes) -> None:
        self.output += chunk
        if len(self.output) > OUTPUT_LIMIT:
            del self.output[OUTPUT_LIMIT:]
            self._stop("output", f"printed more than {OUTPUT_LIMIT} bytes")

    def _wrote_complaint(self, chunk: bytes) -> None:
        self.complaints += chunk
        del self.complaints[:-_TAIL]
        self._complained += len(chunk)
        if self._complained > COMPLAINT_LIMIT:
            self._stop("output", f"wrote more than {COMPLAINT_LIMIT} bytes to standard error")

    def _spoke(self, chunk: bytes) -> None:
        """Lines of the run: the first is empty and says that the code begins, each other is a prompt as a JSON string."""
        self._line += chunk
        *lines, rest = self._line.split(b"\n")
        if max(map(len, (*lines, rest))) > LINE_LIMIT:
            return self._stop("crashed", "wrote too long a line to the pipe of llm")
        self._line = rest
        for line in map(bytes, lines):
            if self.began is None and not line:
                self.began = time.monotonic()
                self._until = self.began + self._terms.seconds
                continue
            prompt = _prompt(line)
            if self.began is None or self._terms.ask is None or prompt is None or len(self._asked) > ASKS:
                return self._stop("crashed", "wrote nonsense to the pipe of llm")
            self._asked.append(prompt)
        return self._ask_next()

    def _ask_next(self) -> None:
        """Asks in a thread, so that the time is kept and floods are seen while somebody thinks."""
        if self._replies is not None or not self._asked or self._terms.ask is None:
            return None
        prompt = self._asked.popleft()
        self._asks += 1
        if self._asks > ASKS:
            return self._answer(False, f"llm was called more than {ASKS} times")
        self._reply = []
        self._replies, done = os.pipe()
        self._selector.register(self._replies, selectors.EVENT_READ)
        self._reply_until = None if self._terms.ask_within is None else time.monotonic() + self._terms.ask_within
        threading.Thread(target=_asked, args=(self._terms.ask, prompt, self._reply, done), daemon=True).start()
        return None

    def _answer(self, is_answer: bool, text: str) -> None:
        if self._replies is not None:
            self._selector.unregister(self._replies)
            os.close(self._replies)
        self._replies = self._reply_until = None
        if self._pipes.answers in self._open:
            self._due[self._pipes.answers].append(json.dumps([is_answer, text]).encode() + b"\n")
            self._listen(self._pipes.answers)
        self._ask_next()

    def _write(self, pipe: int) -> None:
        due = self._due[pipe]
        try:
            while due:
                rest = due[0][os.write(pipe, due[0][:_CHUNK]) :]
                due.popleft()
                if rest:
                    due.appendleft(rest)
        except BlockingIOError:
            return None
        except OSError:  # nobody reads any more
            return self._close(pipe)
        if pipe == self._pipes.answers:
            self._selector.unregister(pipe)  # until there is an answer
            return None
        return self._close(pipe)

    def _listen(self, pipe: int) -> None:
        if pipe not in self._selector.get_map():
            self._selector.register(pipe, selectors.EVENT_WRITE)

    def _close(self, pipe: int) -> None:
        self._selector.unregister(pipe)
        self._open.discard(pipe)
        os.close(pipe)


def _prompt(line: bytes) -> str | None:
    """The prompt of a line; None where it is not a string of JSON, or is too long. Nothing else is parsed: it may be a bomb."""
    if not line.startswith(b'"'):
        return None
    with suppress(ValueError):
        prompt = json.loads(line)
        if isinstance(prompt, str) and len(prompt) <= PROMPT_LIMIT:
            return prompt
    return None


def _asked(ask: Ask, prompt: str, reply: list[str], done: int) -> None:
    """Asks, and closes the pipe when that is over. Why it failed is not for the run to know: a message may hold an address or a key."""
    try:
        answer = ask(prompt)
        if isinstance(answer, str) and len(answer) <= ANSWER_LIMIT:
            reply.append(answer)
    except BaseException:  # it ends here
        pass
    finally:
        os.close(done)
