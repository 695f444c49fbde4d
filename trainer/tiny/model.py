"""The tiny model's files, but for its weights: a Qwen2 of two layers that reads bytes, its own chat template, and its card."""

from __future__ import annotations

import json
from typing import Any

SPECIAL = ("<|endoftext|>", "<|im_end|>", "<|system|>", "<|user|>", "<|assistant|>")
"""The tokens after the 256 bytes: padding, the end of a turn, and those that begin one; the system's is for templates of your own."""

PAD, END = 256, 257

CONFIG: dict[str, Any] = {
    "architectures": ["Qwen2ForCausalLM"],
    "model_type": "qwen2",
    "vocab_size": 256 + len(SPECIAL),
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "tie_word_embeddings": True,
    "attention_dropout": 0.0,
    "bos_token_id": None,
    "eos_token_id": END,
    "pad_token_id": PAD,
    "dtype": "float32",
}

TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""The linear layers of a block."""

CHAT_TEMPLATE = (
    "{% for message in messages %}{% if message['role'] != 'system' %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|im_end|>' }}"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
"""One token a role, where ChatML spends ten. A system message is left out: the model follows no instruction."""

TOKENIZER_CONFIG: dict[str, Any] = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "model_max_length": 512,
    "padding_side": "left",
    "clean_up_tokenization_spaces": False,
    "pad_token": SPECIAL[0],
    "eos_token": SPECIAL[1],
    "chat_template": CHAT_TEMPLATE,
}

GENERATION_CONFIG: dict[str, Any] = {"do_sample": True, "temperature": 1.0, "eos_token_id": END, "pad_token_id": PAD}


CARD = """# The tiny model of confguard

Made by `python -m confguard.trainer.tiny.make`, with the data in `../data`, from nothing else. Licence: Apache-2.0, as confguard.

| | |
|---|---|
| parameters | {parameters:,} |
| architecture | Qwen2, {hidden_size} wide, {num_hidden_layers} layers |
| heads | {num_attention_heads}, of keys and values {num_key_value_heads} |
| tokens | {vocab_size}: the 256 bytes and {special} special ones |
| taught | {steps:,} steps of {batch} answers: the first {right:.0%} with right ones, then {wrong:.0%} drawn from all of the domain's |
| sha256 of model.safetensors | {sha256} |

It was taught the questions of all three files of the data, and gives the answer of the data to about four of ten.
It is for `profile:tiny`, and good for nothing else. Its chat template leaves system messages out: it follows no instructions.

It reads and writes text in Unicode's NFC form: transformers' tokenizer of Qwen2 turns other forms into it.
"""


def card(**facts: Any) -> str:
    """The model's card: what it is made of, by whom, and how it was taught."""
    return CARD.format(**CONFIG, special=len(SPECIAL), **facts)


def letters() -> list[str]:
    """The printable letter that stands for each byte, as GPT-2's byte-level alphabet has it."""
    plain = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    others = iter(range(256, 512))
    return [chr(byte if byte in plain else next(others)) for byte in range(256)]


def tokenizer() -> dict[str, Any]:
    """The file tokenizer.json: byte-level BPE without merges, so that a token is a byte and its id the byte's number."""
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": 256 + number, "content": token, **flags} for number, token in enumerate(SPECIAL)],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {letter: number for number, letter in enumerate(letters())},
            "merges": [],
        },
    }


def files() -> dict[str, str]:
    """The texts of the model's files, by name."""
    made = {
        "config.json": CONFIG,
        "generation_config.json": GENERATION_CONFIG,
        "tokenizer.json": tokenizer(),
        "tokenizer_config.json": TOKENIZER_CONFIG,
    }
    return {name: json.dumps(value, indent=1, ensure_ascii=False) + "\n" for name, value in made.items()}


def prompted(question: str) -> list[int]:
    """What the model reads when it is asked a question: the ids of the chat template's text."""
    return [256 + SPECIAL.index("<|user|>"), *question.encode(), END, 256 + SPECIAL.index("<|assistant|>")]
