"""The first thing that runs in the sandbox: takes its limits, becomes somebody else, then runs the code.

Its text is handed to the interpreter inside, which sees nothing of confguard; it imports the standard library only. The code runs in the
same interpreter, so that nothing here is a secret or a check: what holds the code is around this process.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from typing import BinaryIO


def limited(memory: int, processes: int, seconds: int, file: int, files: int) -> None:
    """Takes limits that cannot be raised again."""
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_NPROC: processes,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: file,
        resource.RLIMIT_NOFILE: files,
        resource.RLIMIT_STACK: 8 << 20,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: 64,
    }
    for which, limit in limits.items():
        hard = resource.getrlimit(which)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(which, (limit, limit))


def become(uid: int, gid: int) -> None:
    """Gives up root for good."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def asking(answers: BinaryIO, questions: int, limit: int) -> Callable[[str], str]:
    """The function `llm` for the code."""
    from _thread import allocate_lock
    from json import dumps, loads

    lock = allocate_lock()

    def llm(prompt: str) -> str:
        """The executor's answer to a prompt."""
        if not isinstance(prompt, str):
            raise TypeError(f"llm takes a string, not {type(prompt).__name__}")
        if len(prompt) > limit:
            raise ValueError(f"llm takes {limit} characters at most")
        with lock:
            rest = dumps(prompt).encode() + b"\n"
            while rest:
                rest = rest[os.write(questions, rest) :]
            is_answer, text = loads(answers.readline() or '[false, "nobody answers"]')
        if not is_answer:
            raise RuntimeError(text)
        return str(text)

    return llm


def main() -> None:
    """Everything, in order."""
    source, questions, uid, gid, memory, processes, seconds, file, files, prompt = map(int, sys.argv[1:])
    answers = open(source, "rb")  # noqa: SIM115 - kept for as long as the code runs
    code = answers.read(int(answers.readline())).decode("utf-8", "surrogatepass")
    limited(memory, processes, seconds, file, files)
    if uid:
        become(uid, gid)
    module = type(sys)("__main__")
    module.__dict__["__builtins__"] = __builtins__
    if prompt:
        module.__dict__["llm"] = asking(answers, questions, prompt)
    sys.modules["__main__"] = module
    sys.argv[:] = [""]
    os.write(questions, b"\n")  # ready
    if not prompt:
        answers.close()
        os.close(questions)
    exec(compile(code, "<code>", "exec"), module.__dict__)


if __name__ == "__main__":
    main()
