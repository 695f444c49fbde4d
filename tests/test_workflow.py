"""Completions that are workflows: they run in the real sandbox, and their calls come to an executor here."""

from __future__ import annotations

import shutil

import pytest

from confguard.trainer.executor import Executor, ExecutorError, executor_of
from confguard.trainer.rewards import Attempt, Ran, Rewards, Row
from confguard.trainer.sandbox import isolator
from confguard.trainer.workflow import MOST_FAILED, Workflows, runner

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

ROW = Row("qa", "capital of France", "Paris")
SECONDS = 20.0


def fenced(code: str) -> str:
    return f"Here it is:\n```python\n{code}\n```\n"


@pytest.fixture(scope="module")
def local() -> Executor:
    return executor_of({"api_type": "local", "model_name": "embedded", "temperature": 0}, timeout=SECONDS)


# What a completion holds, and what comes of it: whether it ended well, its output, its calls.
CASES = {
    "a plain one": ("def workflow(question):\n    return 'Paris'", (True, "Paris", 0)),
    "one that asks": ("def workflow(question):\n    return llm('What is 6 * 7?')", (True, "42", 1)),
    "one that asks twice": (
        "def workflow(question):\n    return str(int(llm('What is 2 + 2?')) + int(llm('What is 3 + 3?')))",
        (True, "10", 2),
    ),
    "an asynchronous one": ("async def workflow(question):\n    return llm('What is 6 * 7?')", (True, "42", 1)),
    "one that sees the question": ("def workflow(question):\n    return question[::-1]", (True, "ecnarF fo latipac", 0)),
    "one that fails": ("def workflow(question):\n    raise ValueError('no idea')", (False, "", 0)),
    "one without an end": ("def workflow(question):\n    while True:\n        pass", (False, "", 0)),
    "one that wants the network": (
        "import socket\ndef workflow(question):\n    return socket.create_connection(('1.1.1.1', 80), 2)",
        (False, "", 0),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_comes_of_a_workflow(name: str, local: Executor) -> None:
    code, (ok, output, calls) = CASES[name]
    ran = Workflows(isolator(), local, 2.0 if "end" in name else SECONDS)(ROW, fenced(code))
    assert ran is not None
    assert (ran.ok, ran.output if ran.ok else "", ran.calls) == (ok, output, calls), ran


@pytest.mark.parametrize("text", ["Paris", fenced("print('Paris')"), fenced("def workflow(:"), "def workflows(): pass", ""])
def test_anything_else_is_an_answer(text: str, local: Executor) -> None:
    assert Workflows(isolator(), local, SECONDS)(ROW, text) is None


def test_the_answer_of_a_workflow_is_graded() -> None:
    pytest.importorskip("math_verify")
    ran = Ran(True, "Paris", seconds=5.0)
    score = Rewards({"correctness": 0.5, "efficiency": 0.5}, execution_timeout=20.0, domains=["qa"]).score(
        Attempt(ROW, fenced("def workflow(q): ..."), 10, 20, ran)
    )
    assert score.parts == {"correctness": 1.0, "efficiency": 0.75}


class Gone:
    """An executor that does not answer."""

    def __init__(self, lasting: bool) -> None:
        self.lasting, self.asked = lasting, 0

    def ask(self, prompt: str, *, max_tokens: int | None = None, within: float | None = None) -> str:
        self.asked += 1
        raise ExecutorError("nobody is there", lasting=self.lasting)


ASKING = fenced("def workflow(question):\n    try:\n        return llm(question)\n    except RuntimeError:\n        return 'I do not know'")


def test_an_executor_that_will_not_answer_ends_the_run() -> None:
    with pytest.raises(ExecutorError, match="nobody is there"):
        Workflows(isolator(), Gone(lasting=True), SECONDS)(ROW, ASKING)  # type: ignore[arg-type]


def test_one_that_fails_now_and_then_does_not() -> None:
    gone = Gone(lasting=False)
    workflows = Workflows(isolator(), gone, SECONDS)  # type: ignore[arg-type]
    for _ in range(MOST_FAILED - 1):
        ran = workflows(ROW, ASKING)
        assert ran is not None
        assert (ran.ok, ran.output) == (True, "I do not know")
    with pytest.raises(ExecutorError):
        workflows(ROW, ASKING)
    assert gone.asked == MOST_FAILED


def test_code_is_graded_by_its_tests() -> None:
    rewards = Rewards({"correctness": 1.0}, execution_timeout=SECONDS, run_code=runner(isolator()), domains=["code"])
    row = Row("code", "add", "-", ("assert f(1, 2) == 3", "assert f(0, 0) == 1"))
    assert rewards.score(Attempt(row, fenced("def f(a, b):\n    return a + b"), 10, 100)).total == 5.0
