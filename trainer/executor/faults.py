"""What can go wrong between us and a server, each with what is done about it."""

from __future__ import annotations

from typing import NamedTuple


class ExecutorError(Exception):
    """The executor gave no answer, or cannot be made from its entry; `lasting` where asking again cannot help."""

    def __init__(self, message: str, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


class Fault(NamedTuple):
    """One way in which a call fails: whether it is tried again, what happened, and what a user can do."""

    retried: bool
    says: str
    help: str


class Failed(Exception):
    """One call that failed: its fault, what the server said of it, and the seconds it asks to wait."""

    def __init__(self, fault: str, detail: str = "", wait: float | None = None) -> None:
        super().__init__(fault)
        self.fault = FAULTS[fault]
        self.detail = detail
        self.wait = wait


FAULTS = {
    "unreachable": Fault(True, "nobody answers at base_url", "start the server, or correct base_url"),
    "slow": Fault(True, "no answer came in time", "raise the time limit, lower max_tokens, or take a faster model"),
    "cut off": Fault(True, "the connection broke off", "look at the server's log"),
    "busy": Fault(True, "too many requests", "raise the account's limit, or wait"),
    "server": Fault(True, "the server failed", "look at the server's log or status page"),
    "no JSON": Fault(True, "the answer is no JSON", "base_url must lead to an OpenAI-compatible API; it often ends in /v1"),
    "no choices": Fault(True, "the answer holds no choices", "base_url must lead to an OpenAI-compatible API; it often ends in /v1"),
    "empty": Fault(True, "the answer is empty", "raise max_tokens, or take another model"),
    "too long": Fault(False, "the answer is longer than 8 MiB", "lower max_tokens"),
    "refused": Fault(False, "the server refuses the request", "correct the entry's values as the server says"),
    "key": Fault(False, "the server does not accept the API key", "set the variable that api_key names to a valid key"),
    "not found": Fault(False, "there is no such model or path", "correct model_name, or base_url, which often ends in /v1"),
    "moved": Fault(False, "the server redirects to another address", "write the address that the server names as base_url"),
}

_STATUSES = {401: "key", 403: "key", 404: "not found", 408: "slow", 409: "server", 425: "busy", 429: "busy"}
_HUNDREDS = {3: "moved", 4: "refused", 5: "server"}


def fault_of(status: int) -> str | None:
    """The name of the fault that an HTTP status stands for; None for one of success."""
    return None if 200 <= status < 300 else _STATUSES.get(status) or _HUNDREDS.get(status // 100, "cut off")
