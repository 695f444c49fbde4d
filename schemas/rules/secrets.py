"""Secrets that are written into a config."""

from __future__ import annotations

from confguard.words.finding import ERROR, NEVER, WARNING
from confguard.words.recipe import Comment, Place
from confguard.words.rule import Broken, Verdicts, rule
from confguard.words.secret import Secret

_TRACKING = "wandb.api_key"
_EXECUTOR = "models:\n  gpt-4o-mini:\n    api_type: openai\n    max_tokens: 4096\n    "


@rule(
    "SEC001",
    ERROR,
    NEVER,
    source="a config in git is read by everyone who reads the repository, for ever",
    bad={"config/aflow_llm.yaml": _EXECUTOR + 'api_key: "sk-0123456789abcdef0123456789abcdef"'},
    good={"config/aflow_llm.yaml": _EXECUTOR + 'api_key: "${OPENAI_API_KEY}"'},
    zh="配置中写了明文密钥；应写成 ${VAR}，由环境变量提供。",
)
def literal_secret(secrets: list[Secret]) -> Verdicts:
    """No key, token or password stands in a config; `${VAR}` takes it from the environment.

    A secret that was committed once is to be revoked: removing it from the file leaves it in the history. It is never printed.
    """
    for secret in secrets:
        if secret.path != _TRACKING:
            yield _secret(secret)


@rule(
    "SEC002",
    WARNING,
    NEVER,
    source="wandb reads WANDB_API_KEY, or the file that `wandb login` writes",
    bad='wandb:\n  enabled: true\n  api_key: "0123456789abcdef0123456789abcdef01234567"',
    good='wandb:\n  enabled: true\n  api_key: "${WANDB_API_KEY}"',
    zh="配置中写了 wandb 的密钥；wandb 会自己读取环境变量或登录文件。",
)
def wandb_key_in_file(secrets: list[Secret]) -> Verdicts:
    """No Weights & Biases key stands in a config: wandb finds it in the environment or where `wandb login` put it."""
    for secret in secrets:
        if secret.path == _TRACKING:
            yield _secret(secret)


def _secret(secret: Secret) -> Broken:
    name = (secret.path or "").rpartition(".")[2].upper() or "KEY"
    offsets = (secret.start, secret.end) if secret.start is not None and secret.end is not None else None
    if secret.path is None:
        at: Place | Comment = Comment("", *(offsets or (0, 0)))
        return Broken("a comment holds what looks like a secret", at=at, help="remove it, and revoke the secret")
    return Broken(
        f"`{secret.path}` holds a literal secret",
        at=Place(secret.path, None, None, offsets),
        help=f'write "${{{name}}}", set it in the environment, and revoke the secret if it was ever committed',
    )
