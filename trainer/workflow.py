"""Completions that are workflows: Python that calls `llm(prompt)`. They run in the sandbox; their calls come to the executor, here."""

from __future__ import annotations

import ast
from collections.abc import Callable

from confguard.trainer.executor import Executor, ExecutorError
from confguard.trainer.rewards import Ran, Row
from confguard.trainer.rewards.programs import code_in
from confguard.trainer.sandbox import Isolator

ENTRY = "workflow"
"""The function that makes a completion a workflow: `def workflow(question)` or `async def workflow(question)`."""

INSTRUCTION = """\
Answer the question, or write a workflow that does: a fenced Python block that defines `workflow(question)` and returns the answer as \
text. In it, `llm(prompt)` asks a language model and returns its answer. There is no network and no other library than Python's own."""

MOST_FAILED = 8
"""Questions in a row that the executor may leave unanswered, each after its retries: after them it is the executor, not the workflow."""

_CALL = """

import asyncio as _asyncio, inspect as _inspect
_answer = workflow({question!r})
_answer = _asyncio.run(_answer) if _inspect.iscoroutine(_answer) else _answer
print(_answer)
"""


class Workflows:
    """What runs the workflows of a run, and counts what went wrong with the executor."""

    def __init__(self, isolator: Isolator, executor: Executor, seconds: float) -> None:
        self.isolator, self.executor, self.seconds = isolator, executor, seconds
        self.failed = 0
        self.broken: ExecutorError | None = None

    def __call__(self, row: Row, completion: str) -> Ran | None:
        """What running a completion gave; None where it is no workflow. Raises `ExecutorError` where the executor has gone."""
        code = code_in(completion)
        if not is_workflow(code):
            return None
        calls = 0

        def ask(prompt: str) -> str:
            nonlocal calls
            calls += 1
            try:
                answer = self.executor.ask(prompt, within=self.seconds)
            except ExecutorError as error:
                self.failed += 1
                if error.lasting or self.failed >= MOST_FAILED:
                    self.broken = error
                raise
            self.failed = 0
            return answer

        found = self.isolator.run(code + _CALL.format(question=row.question), seconds=self.seconds, ask=ask)
        if self.broken is not None:
            raise self.broken
        return Ran(found.ok, found.output.strip(), found.error or found.stopped or "", found.seconds, calls)


def is_workflow(code: str) -> bool:
    r"""Whether a program defines the function that makes it a workflow.

    >>> is_workflow("def workflow(question):\n    return llm(question)"), is_workflow("42"), is_workflow("def workflow(:")
    (True, False, False)
    """
    if ENTRY not in code:
        return False
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == ENTRY for node in tree.body)


def runner(isolator: Isolator) -> Callable[[str, float], Ran]:
    """What runs a program with its tests, for the domain code."""

    def run(source: str, seconds: float) -> Ran:
        found = isolator.run(source, seconds=seconds)
        return Ran(found.ok, found.output, found.error or found.stopped or "", found.seconds)

    return run
