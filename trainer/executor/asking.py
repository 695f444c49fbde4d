"""Asking: within a time, so many at once, again after a passing fault, and all of it counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from confguard.trainer.executor.faults import ExecutorError, Failed
from confguard.words.secret import mask

TRIES = 5
FIRST_WAIT = 0.5
LONGEST_WAIT = 20.0


class Answer(NamedTuple):
    """What a model wrote, and whether its length limit cut it."""

    text: str
    cut: bool = False


Backend = Callable[[str, "int | None", float], Answer]
"""One call: a prompt, the tokens of its answer at most, and its seconds at most. Raises `Failed`."""


class Counts(NamedTuple):
    """What an executor did so far, for the log: questions, calls made again, questions without an answer, answers cut at their limit."""

    calls: int = 0
    retries: int = 0
    failures: int = 0
    cut: int = 0
    seconds: float = 0.0


class Executor:
    """An LLM that can be asked from any thread."""

    def __init__(
        self,
        name: str,
        backend: Backend,
        *,
        timeout: float,
        secrets: Sequence[str] = (),
        at_once: int = 8,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self._backend = backend
        self._timeout = timeout
        self._secrets = tuple(secret for secret in secrets if secret)
        self._places = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._counts = Counts()
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"<executor {self.name}>"

    @property
    def counts(self) -> Counts:
        """The counters as they are now."""
        with self._lock:
            return self._counts

    def ask(self, prompt: str, *, max_tokens: int | None = None, within: float | None = None) -> str:
        """The answer to a prompt, within so many seconds in all (otherwise the executor's own time). Raises `ExecutorError`."""
        began = time.monotonic()
        ends = began + (self._timeout if within is None else within)
        try:
            answer = self._in_turn(prompt, max_tokens, ends)
        except BaseException:
            self._count(failures=1)
            raise
        finally:
            self._count(calls=1, seconds=time.monotonic() - began)
        self._count(cut=int(answer.cut))
        return answer.text

    def _in_turn(self, prompt: str, max_tokens: int | None, ends: float) -> Answer:
        if not self._places.acquire(timeout=max(ends - time.monotonic(), 0)):
            raise ExecutorError(f"{self.name}: no call came to its turn in time; raise the time limit, or ask less at once")
        try:
            return self._until_answered(prompt, max_tokens, ends)
        finally:
            self._places.release()

    def _until_answered(self, prompt: str, max_tokens: int | None, ends: float) -> Answer:
        for tried in range(1, TRIES + 1):
            try:
                return self._backend(prompt, max_tokens, max(ends - time.monotonic(), 0.001))
            except Failed as failed:
                wait = min(FIRST_WAIT * 2 ** (tried - 1), LONGEST_WAIT) if failed.wait is None else failed.wait
                left = ends - time.monotonic()
                if not failed.fault.retried or tried == TRIES or wait >= left:
                    raise self._error(failed, tried, wait if wait >= left and tried < TRIES else None) from None
                self._count(retries=1)
                self._sleep(wait)
        raise AssertionError("unreachable")

    def _error(self, failed: Failed, tried: int, wait: float | None) -> ExecutorError:
        """What happened, how often it was tried, what to do; without the API key, whoever wrote it there."""
        detail = f" ({failed.detail})" if failed.detail else ""
        times = "once" if tried == 1 else f"{tried} times"
        late = f", and waiting {wait:g} s more would pass the time limit" if wait is not None and failed.fault.retried else ""
        message = f"{self.name}: {failed.fault.says}{detail}; tried {times}{late}; {failed.fault.help}"
        for secret in self._secrets:
            message = message.replace(secret, "***")
        return ExecutorError(mask(message), lasting=not failed.fault.retried)

    def _count(self, calls: int = 0, retries: int = 0, failures: int = 0, cut: int = 0, seconds: float = 0.0) -> None:
        with self._lock:
            now = self._counts
            self._counts = Counts(now.calls + calls, now.retries + retries, now.failures + failures, now.cut + cut, now.seconds + seconds)
