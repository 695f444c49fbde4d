"""Code: where it stands in a completion, and the share of a row's tests that it passes."""

from __future__ import annotations

import secrets

from confguard.trainer.rewards.attempt import RunCode
from confguard.trainer.rewards.quality import parsed

LONGEST = 100_000
LONGEST_TEST = 10.0
"""Seconds of one test: a policy writes many endless loops, and `execution_timeout` is for workflows, which wait for an LLM."""


def code_in(text: str) -> str:
    """The last block that is fenced as Python, else the last fenced one, else the whole text."""
    blocks = _blocks(text)
    python = [code for language, code in blocks if language in ("python", "py", "python3")]
    return (python or [code for _, code in blocks] or [text])[-1]


def _blocks(text: str) -> list[tuple[str, str]]:
    """Languages and contents of the fenced blocks; one that is never closed goes on to the end."""
    blocks: list[tuple[str, str]] = []
    language, lines = None, list[str]()
    for line in text.splitlines(keepends=True):
        fence = line.strip()
        if language is None and fence.startswith("```") and "```" not in fence[3:]:
            language, lines = fence[3:].strip().lower(), []
        elif language is not None and fence == "```":
            blocks.append((language, "".join(lines)))
            language = None
        elif language is not None:
            lines.append(line)
    return [*blocks, (language, "".join(lines))] if language is not None else blocks


def passed(code: str, tests: tuple[str, ...], run: RunCode, seconds: float) -> float:
    """The share of tests that pass, each in a run of its own, all of them within the seconds.

    A test has passed where a word that only this run knows was printed last: code that ends the process early passes nothing. Code that
    goes looking for that word in its own process can find it; a sandbox keeps code from the machine, not from its own tests.
    """
    if not tests or len(code) > LONGEST or parsed(code) is None:
        return 0.0
    left, good = seconds, 0
    for place, test in enumerate(tests):
        if left <= 0:
            break
        word = secrets.token_hex(16)
        ran = run(f'{code}\n\n{test}\n\nprint("\\n{word}")\n', min(left / (len(tests) - place), LONGEST_TEST))
        good += ran.ok and ran.output.rstrip().endswith(word)
        left = max(left - ran.seconds, 0.0)
    return good / len(tests)
