"""From one entry of the executor file to an executor. A key that cannot be honoured is refused, never dropped."""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Callable, Mapping
from typing import NoReturn

from confguard.trainer.executor.asking import Executor
from confguard.trainer.executor.faults import ExecutorError
from confguard.trainer.executor.local import answered
from confguard.trainer.executor.openai import Server, calling
from confguard.words.spelling import listed, show

SUPPORTED = "openai (any server with /chat/completions), or local without base_url (embedded, no model)"
SAMPLING = ("temperature", "top_p", "max_tokens")
KEYS = ("api_type", "base_url", "api_key", "model_name", *SAMPLING, "timeout", "no_proxy")
EMBEDDED = ("api_type", "model_name", *SAMPLING)

_VARIABLE = re.compile(r"\$\{(\w+)\}")

# What a value must be: a test, and its words.
_BOUNDS: dict[str, tuple[Callable[[float], bool], str]] = {
    "temperature": (lambda value: 0 <= value <= 2, "a number in [0, 2]"),
    "top_p": (lambda value: 0 <= value <= 1, "a number in [0, 1]"),
    "max_tokens": (lambda value: value >= 1 and value == int(value), "a whole number, 1 or more"),
    "timeout": (lambda value: value > 0, "seconds, more than 0"),
}


def executor_of(entry: Mapping[str, object], *, timeout: float, at_once: int = 8, sleep: Callable[[float], None] = time.sleep) -> Executor:
    """The executor that an entry describes; `timeout` is the seconds that a question may take in all. Raises `ExecutorError`.

    `api_type: local` without a base_url is the embedded executor; with one, it is a server that speaks OpenAI's protocol, like `openai`.
    """
    given = {key: _filled(key, value) for key, value in entry.items() if value is not None}
    kind = given.get("api_type") or ("openai" if given.get("base_url") else None)
    if kind not in ("openai", "local"):
        _refuse(f"api_type {show(kind)} is not supported; write {SUPPORTED}")
    embedded = kind == "local" and not given.get("base_url")
    _hold(given, EMBEDDED if embedded else KEYS, "the embedded executor" if embedded else "an executor")
    return (_embedded if embedded else _behind_url)(given, timeout, at_once, sleep)


def _embedded(given: Mapping[str, object], timeout: float, at_once: int, sleep: Callable[[float], None]) -> Executor:
    """The embedded executor; it never samples, so that only a temperature of 0 is what it does."""
    if given.get("temperature"):
        _refuse("the embedded executor (api_type local without base_url) always answers the same; write temperature: 0")
    limit = _whole(given.get("max_tokens"))
    name = str(given.get("model_name", "local"))
    return Executor(
        name, lambda prompt, most, within: answered(prompt, _least(limit, most), within), timeout=timeout, at_once=at_once, sleep=sleep
    )


def _behind_url(given: Mapping[str, object], timeout: float, at_once: int, sleep: Callable[[float], None]) -> Executor:
    for key in ("base_url", "model_name"):
        if not given.get(key):
            _refuse(f"an executor behind a URL needs {key}; write it into its entry")
    name, key = str(given["model_name"]), str(given.get("api_key", "")).strip()
    url = str(given["base_url"]).rstrip("/")
    if not url.lower().startswith(("http://", "https://")):
        _refuse("base_url begins with neither http:// nor https://")
    if not key.isascii() or not key.isprintable() or " " in key:
        _refuse("api_key holds a space, a line end or a letter beyond ASCII, as no key does; look at the variable that it names")
    body = {"model": name, **{key: given[key] for key in SAMPLING if key in given}}
    if "max_tokens" in body:
        body["max_tokens"] = _whole(body["max_tokens"])
    each = given.get("timeout")
    server = Server(f"{url}/chat/completions", key, body, None if each is None else float(str(each)), given.get("no_proxy") is not True)
    return Executor(name, calling(server), timeout=timeout, secrets=(key,), at_once=at_once, sleep=sleep)


def _hold(given: Mapping[str, object], known: tuple[str, ...], who: str) -> None:
    """Refuse keys that are not honoured, and values that are none."""
    strange = sorted(set(given) - set(known))
    if strange:
        _refuse(f"{who} does not honour {listed(strange)}; remove it, or write {SUPPORTED}")
    for key, (fits, says) in _BOUNDS.items():
        value = given.get(key)
        if value is not None and (type(value) not in (int, float) or not math.isfinite(value) or not fits(value)):  # type: ignore[arg-type]
            _refuse(f"{key} is {show(value)}; write {says}")
    if type(given.get("no_proxy", True)) is not bool:
        _refuse("no_proxy is neither true nor false; hosts are listed in the variable NO_PROXY")


def _filled(key: str, value: object) -> object:
    """A text with each `${NAME}` read from the environment; the error names the variable, never a value."""
    if not isinstance(value, str):
        return value
    for name in _VARIABLE.findall(value):
        if not os.environ.get(name):
            _refuse(f"{key} needs the variable {name}, which is not set; export {name}=...")
    if "${" in _VARIABLE.sub("", value):
        _refuse(f"{key} holds a ${{...}} that is no ${{NAME}}; write ${{NAME}} alone")
    return _VARIABLE.sub(lambda found: os.environ[found[1]], value)


def _whole(value: object) -> int | None:
    return None if value is None else int(float(str(value)))


def _least(*values: int | None) -> int | None:
    return min((value for value in values if value is not None), default=None)


def _refuse(message: str) -> NoReturn:
    raise ExecutorError(f"the executor's entry: {message}", lasting=True)
