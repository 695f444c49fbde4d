"""The rules against the libraries they are about. Needs the extra `train`; CI has it, a light checkout passes it over."""

from __future__ import annotations

import os
from typing import Any

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
peft = pytest.importorskip("peft")
trl = pytest.importorskip("trl")

from confguard.schemas.architectures import BESIDES, LAYERS  # noqa: E402
from confguard.schemas.rules.lora import scale  # noqa: E402

SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "intermediate_size": 32,
    "vocab_size": 64,
}


def small_model() -> Any:
    config = transformers.AutoConfig.for_model("qwen2", **SMALL)
    return transformers.AutoModelForCausalLM.from_config(config)


def adapted(**changes: Any) -> Any:
    values = {"r": 4, "lora_alpha": 4, "lora_dropout": 0.0, "target_modules": ["q_proj"], **changes}
    return peft.get_peft_model(small_model(), peft.LoraConfig(**values))


@pytest.mark.parametrize("model_type", LAYERS)
def test_layers_of_an_architecture(model_type: str) -> None:
    config = transformers.AutoConfig.for_model(model_type)
    config.num_hidden_layers = 2
    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(config)
    linear = {name.rpartition(".")[2] for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}
    assert linear - set(BESIDES) == set(LAYERS[model_type])
    assert set(BESIDES) <= {name.rpartition(".")[2] for name, _ in model.named_modules()}


# What a rule calls an error at start, and how the library says so.
REFUSED_BY_PEFT = [
    ("LORA001", {"r": 0}, ValueError),
    ("LORA001", {"r": -8}, ValueError),
    ("LORA003", {"lora_dropout": 1.5}, ValueError),
    ("LORA008", {"target_modules": ["nope"]}, ValueError),
    ("LORA008", {"target_modules": [""]}, ValueError),
]
ACCEPTED_BY_PEFT = [
    ("LORA002", {"lora_alpha": 0}),
    ("LORA003", {"lora_dropout": 1.0}),
    ("LORA009", {"target_modules": ["q_proj", "nope"]}),
    ("LORA011", {"target_modules": ["q_proj", "lm_head"]}),
    ("LORA013", {"target_modules": ["q_proj", " v_proj"]}),
]


@pytest.mark.parametrize(("code", "changes", "error"), REFUSED_BY_PEFT)
def test_peft_refuses(code: str, changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        adapted(**changes)


@pytest.mark.parametrize(("code", "changes"), ACCEPTED_BY_PEFT)
def test_peft_says_nothing(code: str, changes: dict[str, Any]) -> None:
    assert adapted(**changes) is not None


def test_a_name_with_a_space_is_never_adapted() -> None:
    assert not any("v_proj" in name for name, _ in adapted(target_modules=["q_proj", " v_proj"]).named_parameters() if "lora" in name)


@pytest.mark.parametrize("rslora", [False, True])
def test_scale_is_pefts(rslora: bool) -> None:
    model = adapted(r=16, lora_alpha=24, use_rslora=rslora)
    (scaling,) = {module.scaling["default"] for module in model.modules() if isinstance(getattr(module, "scaling", None), dict)}
    assert scaling == pytest.approx(scale(24, 16, rslora))


# --- torch ---


@pytest.mark.parametrize(
    ("code", "values", "error"),
    [("YAML010", {"lr": "2e-5"}, TypeError), ("BATCH004", {"lr": -1.0}, ValueError), ("LOSS008", {"weight_decay": -1.0}, ValueError)],
)
def test_adamw_refuses(code: str, values: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        torch.optim.AdamW([torch.nn.Parameter(torch.ones(2))], **values)


@pytest.mark.parametrize("rate", [0.0, float("inf")])
def test_adamw_accepts_in_silence(rate: float) -> None:
    assert torch.optim.AdamW([torch.nn.Parameter(torch.ones(2))], lr=rate) is not None


@pytest.mark.parametrize(("norm", "sign"), [(0.0, 0), (-1.0, -1), (1.0, 1)])
def test_gradient_norm(norm: float, sign: int) -> None:
    """LOSS006, LOSS007: 0 makes every gradient 0, a negative norm turns it around."""
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.grad = torch.ones(2)
    torch.nn.utils.clip_grad_norm_([parameter], norm)
    assert torch.sign(parameter.grad).tolist() == [sign, sign]


# --- transformers and TRL ---


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("SAMPLE001", {"temperature": 0.0}),
        ("SAMPLE001", {"temperature": -1.0}),
        ("SAMPLE005", {"top_k": -2}),
        ("SAMPLE006", {"max_new_tokens": 0}),
    ],
)
def test_generate_refuses(code: str, values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"temperature|top_k|max_new_tokens"):
        small_model().generate(torch.tensor([[1, 2]]), **{"do_sample": True, "max_new_tokens": 2, **values})


@pytest.mark.parametrize(
    ("code", "values"),
    [("BATCH001", {"num_generations": 1}), ("SCHED008", {"warmup_steps": -1}), ("SCHED006", {"logging_steps": 0})],
)
def test_trl_refuses(code: str, values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"generations|warmup_steps|logging_steps"):
        trl.GRPOConfig(output_dir="unused", bf16=False, **values)


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("SCHED001", {"warmup_steps": 1000, "max_steps": 10}),
        ("SCHED004", {"save_steps": 0}),
        ("SCHED007", {"max_steps": 0}),
        ("BATCH002", {"per_device_train_batch_size": 0}),
        ("BATCH003", {"gradient_accumulation_steps": 0}),
        ("LOSS001", {"epsilon": -0.1}),
        ("LOSS003", {"beta": -1.0}),
    ],
)
def test_trl_accepts_in_silence(code: str, values: dict[str, Any]) -> None:
    """Why confguard says it: nobody else does."""
    assert trl.GRPOConfig(output_dir="unused", bf16=False, **values) is not None
