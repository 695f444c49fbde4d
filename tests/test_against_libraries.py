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

from confguard.schemas.architectures import BESIDES, LAYERS, LLAMA_LIKE, WIDTHS, lora_parameters, widths_of  # noqa: E402
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


# A model of these widths has as many parameters as its card tells, in billions: vocabulary, heads, key-value heads, head width, tied, card.
CARDS = [
    ("Qwen/Qwen2.5-0.5B-Instruct", "qwen2", 151_936, 14, 2, 64, True, 0.49),
    ("Qwen/Qwen2.5-1.5B-Instruct", "qwen2", 151_936, 12, 2, 128, True, 1.54),
    ("Qwen/Qwen2.5-3B-Instruct", "qwen2", 151_936, 16, 2, 128, True, 3.09),
    ("Qwen/Qwen2.5-7B-Instruct", "qwen2", 152_064, 28, 4, 128, False, 7.61),
    ("Qwen/Qwen2.5-14B-Instruct", "qwen2", 152_064, 40, 8, 128, False, 14.7),
    ("Qwen/Qwen2.5-32B-Instruct", "qwen2", 152_064, 40, 8, 128, False, 32.5),
    ("Qwen/Qwen2.5-72B-Instruct", "qwen2", 152_064, 64, 8, 128, False, 72.7),
    ("Qwen/Qwen3-0.6B", "qwen3", 151_936, 16, 8, 128, True, 0.6),
    ("Qwen/Qwen3-1.7B", "qwen3", 151_936, 16, 8, 128, True, 1.7),
    ("Qwen/Qwen3-4B", "qwen3", 151_936, 32, 8, 128, True, 4.0),
    ("Qwen/Qwen3-8B", "qwen3", 151_936, 32, 8, 128, False, 8.2),
    ("Qwen/Qwen3-14B", "qwen3", 151_936, 40, 8, 128, False, 14.8),
    ("Qwen/Qwen3-32B", "qwen3", 151_936, 64, 8, 128, False, 32.8),
    ("meta-llama/Llama-3.1-8B-Instruct", "llama", 128_256, 32, 8, 128, False, 8.03),
    ("meta-llama/Llama-3.3-70B-Instruct", "llama", 128_256, 64, 8, 128, False, 70.6),
    ("meta-llama/Llama-3.2-1B-Instruct", "llama", 128_256, 32, 8, 64, True, 1.24),
    ("meta-llama/Llama-3.2-3B-Instruct", "llama", 128_256, 24, 8, 128, True, 3.21),
    ("mistralai/Mistral-7B-Instruct-v0.3", "mistral", 32_768, 32, 8, 128, False, 7.25),
]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card[0])
def test_widths_give_the_size_that_the_card_tells_and_lora_adds_what_we_say(card: tuple[Any, ...]) -> None:
    name, model_type, vocabulary, heads, key_heads, width, tied, billions = card
    widths = widths_of(name)
    assert widths is not None
    assert (widths.queries, widths.keys) == (heads * width, key_heads * width)
    config = transformers.AutoConfig.for_model(
        model_type,
        vocab_size=vocabulary,
        hidden_size=widths.hidden,
        intermediate_size=widths.mlp,
        num_hidden_layers=widths.blocks,
        num_attention_heads=heads,
        num_key_value_heads=key_heads,
        head_dim=width,
        tie_word_embeddings=tied,
    )
    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(config)
        assert model.num_parameters() / 1e9 == pytest.approx(billions, rel=0.02)
        adapted_model = peft.get_peft_model(model, peft.LoraConfig(r=8, target_modules=list(LLAMA_LIKE)))
    trained = sum(parameter.numel() for parameter in adapted_model.parameters() if parameter.requires_grad)
    assert trained == lora_parameters(name, 8, frozenset(LLAMA_LIKE))


def test_every_model_of_known_widths_has_a_card() -> None:
    assert {widths_of(card[0]) for card in CARDS} == set(WIDTHS.values())
