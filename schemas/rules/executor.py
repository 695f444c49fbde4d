"""The executor: the LLM that runs workflows and judges answers, and the file that describes it."""

from __future__ import annotations

from confguard.words.finding import ERROR, FIRST_STEP, INFO, NEVER, START, WARNING
from confguard.words.recipe import Link, Recipe
from confguard.words.rule import Broken, Verdict, rule
from confguard.words.spelling import listed, nearest, show

_MISSION = "the mission's trainer reads the executor file at start"
_MODEL = """\
models:
  gpt-4o-mini:
    api_type: openai
    base_url: https://api.openai.com/v1
    api_key: "${OPENAI_API_KEY}"
    """
"""The executor of the examples, down to where they add a key."""


@rule(
    "EXEC001",
    ERROR,
    START,
    source=_MISSION,
    bad='aflow_config_path: "config/no_such_file.yaml"',
    good='aflow_config_path: "config/aflow_llm.yaml"',
    zh="找不到执行引擎的配置文件。",
)
def executor_file_missing(aflow_config_path: str, executor: Link) -> Verdict:
    """The executor's file is where `aflow_config_path` says: at the project's root, in the working folder, beside the config or above."""
    if executor.found is None and executor.example is None:
        return Broken(
            f"`aflow_config_path`: there is no file {aflow_config_path} at the project's root, here, or beside or above this config",
            help="correct the path, or write the file",
        )
    return None


@rule(
    "EXEC002",
    INFO,
    START,
    source="real projects keep the executor file out of git, and an example of it in",
    bad={"config/executor.yaml.example": _MODEL + "max_tokens: 4096"},
    good={"config/executor.yaml": _MODEL + "max_tokens: 4096"},
    beside={"config/training.yaml": 'aflow_config_path: "config/executor.yaml"'},
    zh="执行引擎的配置文件不存在，但有其示例文件（真实文件通常不入库）。",
)
def only_an_example_of_the_executor_file(aflow_config_path: str, executor: Link) -> Verdict:
    """Where only an example of the executor's file is there, as in a fresh clone, the file was not checked."""
    if executor.found is None and executor.example is not None:
        return Broken(
            f"`aflow_config_path`: {aflow_config_path} is not there, only {executor.example}; the executor was not checked",
            help=f"copy {executor.example} and fill it in",
        )
    return None


@rule(
    "EXEC003",
    ERROR,
    START,
    source=_MISSION,
    bad='aflow_config_path: "config/training.yaml"',
    good='aflow_config_path: "config/aflow_llm.yaml"',
    zh="aflow_config_path 指向的文件不是执行引擎配置。",
)
def not_an_executor_file(aflow_config_path: str, executor: Link) -> Verdict:
    """The file that `aflow_config_path` leads to is an executor file: a mapping `models` of LLMs by name."""
    if executor.broken is not None:
        return Broken(
            f"`aflow_config_path` leads to {aflow_config_path}, which is no executor file: {executor.broken}",
            help="name a file with a models: section",
        )
    return None


@rule(
    "EXEC004",
    ERROR,
    START,
    source=_MISSION,
    bad='aflow_executor_model: "gpt-4o-minni"',
    good='aflow_executor_model: "gpt-4o-mini"',
    zh="执行引擎配置中没有该模型。",
)
def executor_model_unknown(aflow_executor_model: str, executor: Link) -> Verdict:
    """The executor's model is one of the models in the executor's file."""
    if executor.recipe is not None and aflow_executor_model not in executor.recipe.entries:
        there = list(executor.recipe.entries)
        close = nearest(aflow_executor_model, there)
        return Broken(
            f"`aflow_executor_model` {aflow_executor_model} is not in {executor.asked}, which has {listed(there) or 'none'}",
            keys=("aflow_config_path",),
            help=f"did you mean {close}?" if close else f"write one of {listed(there)}",
        )
    return None


@rule(
    "EXEC005",
    WARNING,
    NEVER,
    source="the mission's restoration: 4096 was added to the executor so that no workflow code is cut",
    bad={"config/aflow_llm.yaml": _MODEL + "temperature: 0"},
    good={"config/aflow_llm.yaml": _MODEL + "temperature: 0\n    max_tokens: 4096"},
    zh="执行引擎没有写 max_tokens：回答长度取决于客户端或服务器的默认值，可能被截断。",
)
def executor_max_tokens_missing(max_completion_length: int, aflow_executor_model: str, executor: Link) -> Verdict:
    """The executor says how long its answers may be.

    Without `max_tokens` the limit is whatever the client or the server has as its default, while the policy's own is written down.
    """
    entry = _entry(executor, aflow_executor_model)
    if entry is not None and not entry.is_given("executor_max_tokens"):
        name = entry.name("executor_max_tokens")
        at = entry.place("entry")
        return Broken(
            f"the executor {aflow_executor_model} has no `{name}`: its answers end where the client's or server's default says, while the policy may write {max_completion_length} tokens",
            at=at._replace(path=name, value=None) if at else None,
            keys=("max_completion_length",),
            help=f"add max_tokens: {max_completion_length}",
        )
    return None


@rule(
    "EXEC006",
    WARNING,
    NEVER,
    source="the mission's restoration: both limits are 4096",
    bad={"config/aflow_llm.yaml": _MODEL + "max_tokens: 1024"},
    good={"config/aflow_llm.yaml": _MODEL + "max_tokens: 4096"},
    zh="执行引擎的 max_tokens 小于策略的 max_tokens：较长的回答会被截断。",
)
def executor_max_tokens_below_policy(max_completion_length: int, aflow_executor_model: str, executor: Link) -> Verdict:
    """The executor may write as much as the policy; a shorter limit cuts the code that it is asked to complete or repeat."""
    entry = _entry(executor, aflow_executor_model)
    limit = entry.values.get("executor_max_tokens") if entry else None
    if entry is not None and isinstance(limit, int) and 0 < limit < max_completion_length:
        return Broken(
            f"the executor's `{entry.name('executor_max_tokens')}` {limit} is below the policy's `max_completion_length` {max_completion_length}",
            at=entry.place("executor_max_tokens"),
            keys=("max_completion_length",),
            help=f"write {max_completion_length} or more",
        )
    return None


@rule(
    "EXEC007",
    INFO,
    NEVER,
    source="sampling above 0 is random: two judgements of one answer can differ",
    bad={"config/aflow_llm.yaml": _MODEL + "temperature: 0.7\n    max_tokens: 4096"},
    good={"config/aflow_llm.yaml": _MODEL + "temperature: 0\n    max_tokens: 4096"},
    zh="执行引擎的温度大于 0：评判结果带有随机性。",
)
def executor_samples(executor_temperature: float) -> Verdict:
    """The executor's temperature is 0, so that judging the same answer twice gives the same reward."""
    if executor_temperature > 0:
        return Broken(f"`executor_temperature` is {show(executor_temperature)}: judging becomes random", help="write 0")
    return None


@rule(
    "EXEC008",
    ERROR,
    FIRST_STEP,
    source="arithmetic: every execution has timed out before it starts",
    bad="execution_timeout: 0",
    good="execution_timeout: 180",
    zh="执行超时必须大于 0。",
)
def no_time_to_execute(execution_timeout: float) -> Verdict:
    """An execution has some time, in seconds."""
    if execution_timeout <= 0:
        return Broken(
            f"`execution_timeout` is {show(execution_timeout)} s: every execution has timed out before it starts",
            help="write seconds, such as 180",
        )
    return None


@rule(
    "EXEC009",
    ERROR,
    FIRST_STEP,
    source="httpx raises UnsupportedProtocol for a URL without http:// or https://",
    bad={"config/aflow_llm.yaml": _MODEL.replace("https://", "") + "max_tokens: 4096"},
    good={"config/aflow_llm.yaml": _MODEL + "max_tokens: 4096"},
    zh="base_url 缺少 http:// 或 https://。",
)
def base_url_without_scheme(executor_base_url: str) -> Verdict:
    """The base URL begins with http:// or https://; a `${VAR}` is taken on trust."""
    if executor_base_url and "$" not in executor_base_url and not executor_base_url.lower().startswith(("http://", "https://")):
        scheme = "http" if executor_base_url.startswith(("localhost", "127.")) else "https"
        return Broken(
            f"`executor_base_url` {executor_base_url} has no scheme: HTTP clients refuse it",
            help=f"write {scheme}://{executor_base_url.rpartition('://')[2]}",
        )
    return None


@rule(
    "EXEC010",
    ERROR,
    FIRST_STEP,
    source="OpenAI's API reference: temperature 0 to 2, top_p 0 to 1, max_tokens at least 1",
    bad={"config/aflow_llm.yaml": _MODEL + "max_tokens: -1"},
    good={"config/aflow_llm.yaml": _MODEL + "max_tokens: 4096"},
    zh="执行引擎的采样参数超出允许范围。",
)
def executor_sampling_out_of_range(
    recipe: Recipe, executor_temperature: float = 0, executor_top_p: float = 1, executor_max_tokens: int = 1
) -> Verdict:
    """The executor's temperature lies in [0, 2], its top_p in [0, 1], and it may write at least one token; OpenAI's API refuses the rest."""
    for name, value, fine, bounds in (
        ("executor_temperature", executor_temperature, 0 <= executor_temperature <= 2, "a value in [0, 2]"),
        ("executor_top_p", executor_top_p, 0 <= executor_top_p <= 1, "a value in [0, 1]"),
        ("executor_max_tokens", executor_max_tokens, executor_max_tokens >= 1, "1 or more"),
    ):
        if not fine and name in recipe.values:
            return Broken(f"`{name}` is {show(value)}; servers take {bounds}", at=name, help=f"write {bounds}")
    return None


def _entry(executor: Link, model: str) -> Recipe | None:
    return executor.recipe.entries.get(model) if executor.recipe is not None else None
