"""The executor: the LLM that runs workflows and judges answers, made from one entry of the executor file."""

from confguard.trainer.executor.asking import Counts, Executor
from confguard.trainer.executor.entry import executor_of
from confguard.trainer.executor.faults import ExecutorError

__all__ = ["Counts", "Executor", "ExecutorError", "executor_of"]
