"""What comes after the constructor: a config that it takes is trained for two steps, with a tiny model and a few rows on the CPU.

The script of the command runs as it is; what needs the network or a GPU is put in its place, but never a key that a finding is about.
"""

from __future__ import annotations

import contextlib
import importlib
import re
import signal
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from agreement.real import _one_line, _own_files, _parser, _restored, _same_environment, _silence

START, STEP, SILENT, UNTRIED = "start", "training", "silent", "not tried"
SECONDS = 25
OF_MACHINE = (
    r"We couldn't connect to|[Rr]equires? bitsandbytes|is not (?:installed|available)|need to install|No module named|ModuleNotFoundError"
)
"""The words of a run that ended for want of a network or of a library."""


class Late(NamedTuple):
    """How far a run came: it failed at its start, in training, or not at all, or lacked something; and with what words."""

    stage: str
    message: str = ""


class TinyRuns:
    """Runs of the scripts with a tiny model, which is made once, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = folder / "model"
        with _silence():
            if not self.model.is_dir():
                make_model(self.model)
            sys.modules["agreement_rewards"] = _rewards()

    def run(self, kind: str, path: str, keys: set[str]) -> Late:
        """What becomes of a file that the constructors take; `keys` are left as they are written."""
        word = kind.removeprefix("trl-")
        reached = [START]
        importlib.import_module("accelerate.state").AcceleratorState._reset_state(reset_partial_state=True)
        with _silence(), _same_environment(), _own_files(), _at_most(SECONDS):
            try:
                with _restored(_parser(word)) as parser:
                    parsed = parser.parse_args_and_config(["--config", path], fail_with_unknown_args=False)
                self._make_small(*parsed, keys=keys)
                with _in_small(word, reached):
                    importlib.import_module(f"trl.scripts.{word}").main(*parsed)
            except TimeoutError:
                return Late(SILENT, f"still running after {SECONDS} s")
            except BaseException as error:
                told = f"{type(error).__name__}: {_one_line(str(error))}"
                return Late(UNTRIED if re.search(OF_MACHINE, told) else reached[-1], told)
        return Late(SILENT)

    def _make_small(self, script: Any, training: Any, model: Any, data: Any, *, keys: set[str]) -> None:
        small: list[tuple[Any, str, Any]] = [
            (model, "model_name_or_path", str(self.model)),
            (model, "load_in_4bit", False),
            (model, "load_in_8bit", False),
            (model, "attn_implementation", None),
            (training, "max_steps", 2),
            (training, "save_steps", 2),
            (training, "eval_steps", 2),
            (training, "output_dir", str(self.folder / "out")),
            (training, "report_to", []),
            (training, "push_to_hub", False),
            (training, "resume_from_checkpoint", None),
            (training, "load_best_model_at_end", False),
            (training, "max_completion_length", 6),
            (training, "max_length", 96),
            (training, "use_vllm", False),
            (training, "use_liger_kernel", False),
            (training, "torch_compile", False),
            (training, "gradient_checkpointing", False),
            (training, "activation_checkpointing", False),
            (training, "dataloader_num_workers", 0),
            (training, "dataloader_prefetch_factor", None),
            (training, "dataset_num_proc", None),
            (training, "disable_tqdm", True),
            (script, "reward_model_name_or_path", None),
            (script, "dataset_name", "rows"),
            (data, "datasets", []),
        ]
        if "lora_target_modules" not in keys and getattr(model, "lora_target_modules", None) not in (None, "all-linear"):
            model.lora_target_modules = ["q_proj", "v_proj"]
        if "reward_funcs" not in keys and getattr(script, "reward_funcs", None):
            script.reward_funcs = ["agreement_rewards.length"] * len(script.reward_funcs)
        if "num_train_epochs" in keys or "dataset_streaming" in keys or "streaming" in keys:
            keys = {*keys, "max_steps"}
        for holder, name, value in small:
            if name not in keys and hasattr(holder, name):
                setattr(holder, name, value)


def make_model(path: Path) -> None:
    """A model of one layer and a tokenizer of bytes, saved."""
    tokenizers, transformers = importlib.import_module("tokenizers"), importlib.import_module("transformers")
    byte_level = tokenizers.pre_tokenizers.ByteLevel
    words = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *sorted(byte_level.alphabet())]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocab={word: place for place, word in enumerate(words)}, merges=[]))
    tokenizer.pre_tokenizer = byte_level(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=words[2], pad_token=words[0])
    fast.chat_template = (
        "{% for m in messages %}<|im_start|>{{m.role}}\n{% generation %}{{m.content}}<|im_end|>{% endgeneration %}\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    fast.save_pretrained(path)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2}
    config = transformers.Qwen2Config(
        vocab_size=len(fast), max_position_embeddings=256, pad_token_id=0, eos_token_id=2, bos_token_id=None, **sizes
    )
    transformers.Qwen2ForCausalLM(config).save_pretrained(path)


def _rewards() -> types.ModuleType:
    module = types.ModuleType("agreement_rewards")
    vars(module)["length"] = lambda completions, **_: [float(len(str(completion)) % 7) for completion in completions]
    return module


def _said(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _rows(word: str) -> list[dict[str, Any]]:
    prompts = [[_said("user", f"{number} + 1?")] for number in range(8)]
    if word in ("grpo", "rloo"):
        return [{"prompt": prompt, "solution": "1"} for prompt in prompts]
    if word == "sft":
        return [{"messages": [*prompt, _said("assistant", "two")]} for prompt in prompts]
    if word == "kto":
        return [
            {"prompt": prompt, "completion": [_said("assistant", "two")], "label": place % 2 == 0} for place, prompt in enumerate(prompts)
        ]
    return [{"prompt": prompt, "chosen": [_said("assistant", "two")], "rejected": [_said("assistant", "no")]} for prompt in prompts]


@contextlib.contextmanager
def _in_small(word: str, reached: list[str]) -> Iterator[None]:
    """The dataset is a few rows, and the start of training is noted."""
    datasets: Any = importlib.import_module("datasets")
    transformers: Any = importlib.import_module("transformers")
    kept, train = datasets.load_dataset, transformers.Trainer.train

    def load(*_: Any, streaming: bool = False, **more: Any) -> Any:
        rows = datasets.Dataset.from_list(_rows(word))
        rows = rows.to_iterable_dataset() if streaming else rows
        if more.get("split"):
            return rows
        return {"train": rows, "test": rows}

    def noted(*arguments: Any, **named: Any) -> Any:
        reached.append(STEP)
        return train(*arguments, **named)

    datasets.load_dataset, transformers.Trainer.train = load, noted
    try:
        yield
    finally:
        datasets.load_dataset, transformers.Trainer.train = kept, train


@contextlib.contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def end(*_: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
