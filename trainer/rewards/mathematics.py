"""Answers in mathematics, compared by math-verify in a process of its own, which ends with an expression that takes too long."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import weakref
from contextlib import suppress
from importlib.util import find_spec

from confguard.trainer.rewards.attempt import RewardError
from confguard.trainer.rewards.math_text import answer_in, gold_in, in_words, integer, said_in_words, squeezed, too_big

_HOLDS_A_NUMBER = re.compile(r"[\d\\½¼¾⅓⅔]|\bpi\b|π|∞", re.IGNORECASE)
"""Without any of these a text is no integer in any spelling that is read: words for numbers are not."""
SECONDS = 5.0
STARTING = 120.0
MISSING = "grading mathematics needs math-verify: pip install 'math-verify>=0.8'"

_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from confguard.trainer.rewards.math_worker import serve; serve()"
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH", "LANG")
"""What the process sees of the environment: no key is among it."""


def installed() -> bool:
    """Whether math-verify is there."""
    return find_spec("math_verify") is not None


class Grader:
    """Compares answers with references; may be asked from any thread. `stopped` counts the comparisons that were cut short."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.stopped = 0
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._owner = 0
        self._end: weakref.finalize[..., Grader] | None = None

    def correct(self, answer: str, reference: str, question: str = "") -> float:
        """1.0 for the same value in any spelling, else 0.0.

        What needs no library is decided without: integers, words, and what is too big to be worked out, which is right only where it is
        spelled as the reference is.
        """
        gold, said = gold_in(reference), answer_in(answer)
        if not gold or not said:
            return 0.0
        numbers = integer(gold), integer(said)
        if numbers[0] is not None and numbers[1] is not None:
            return float(numbers[0] == numbers[1])
        words = in_words(gold)
        if words is not None:
            return float(said_in_words(said) == words)
        if squeezed(gold) == squeezed(said):
            return 1.0
        if too_big(gold) or too_big(said) or (numbers[0] is not None and not _HOLDS_A_NUMBER.search(said)):
            return 0.0
        with self._lock:
            return float(self._compared({"gold": gold, "answer": said, "question": question[:2_000], "seconds": self._seconds}))

    def close(self) -> None:
        """End the process; it starts anew with the next question."""
        if self._end is not None:
            self._end()
        self._process = None

    def _compared(self, question: dict[str, object]) -> bool:
        for _ in range(2):  # a process that a late timer ended, or that was killed from outside, is no verdict
            fresh = self._started()
            reply, late = _asked(fresh, json.dumps(question), self._seconds)
            if reply is not None:
                return bool(reply.get("equal"))
            self.close()
            if late:
                break
        self.stopped += 1
        return False

    def _started(self) -> subprocess.Popen[str]:
        if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
            return self._process
        if self._owner == os.getpid():
            self.close()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _BOOT, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
        self._owner = os.getpid()
        self._end = weakref.finalize(self, _ended, self._process)
        reply, late = _asked(self._process, None, STARTING)
        if reply is None or "missing" in reply:
            self.close()
            said = reply["missing"] if reply else "its process did not start" + " in time" * late
            raise RewardError(f"{MISSING} ({said})")
        return self._process


def _asked(process: subprocess.Popen[str], line: str | None, seconds: float) -> tuple[dict[str, object] | None, bool]:
    """What the process replies, and whether it was ended for being late; no reply where it ended."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    assert process.stdin is not None
    assert process.stdout is not None
    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        if line is not None:
            process.stdin.write(line + "\n")
            process.stdin.flush()
        reply = process.stdout.readline()
        return (json.loads(reply) if reply.endswith("\n") else None), late.is_set()
    except (OSError, ValueError):
        return None, late.is_set()
    finally:
        timer.cancel()


def _ended(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
