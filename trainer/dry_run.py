"""What a step of GRPO allocates, found by running the model's own code on tensors that have no contents.

No formula knows what a model keeps for its backward pass: norms in 32 bits under autocast, keys repeated for every head where there is
padding, an adapter's own copies. So the model's own code, PEFT's and TRL's fused head are run on fake tensors (PyTorch documents them:
docs.pytorch.org, "Fake tensor"), which have a shape and no memory, while each storage that comes and goes is counted. One layer and then
two are run; the rest are as the second. `benchmarks/memory.py` compares this with what real steps take.
"""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from unittest import mock

import torch
from peft import LoraConfig, get_peft_model
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter
from transformers import AutoModelForCausalLM, DynamicCache, TopKLogitsWarper, TopPLogitsWarper
from trl.kernels import chunked_logprob
from trl.trainer.utils import add_fused_lm_head

from confguard.trainer.memory import Load, Peak
from confguard.trainer.plan import Plan

_OF_TRITON = ("_forward_tile", "_backward_tile", "_addmm_fp32")
"""Steps of TRL's head that allocate on a CPU; on a GPU Triton and cuBLAS do them in place."""


def peak_of(config: Any, plan: Plan, load: Load) -> Peak:
    """The most that learning and sampling hold at a time, beside the weights and what the optimizer keeps.

    Raises whatever the model's code raises where it needs to see contents (a mixture of experts asks which expert is next).
    """
    layers = config.get_text_config().num_hidden_layers
    with torch.random.fork_rng(devices=[]):  # layers that are drawn here must not change what is drawn later
        one, two = (_counted(_with_layers(config, count), plan, load) for count in (1, 2))
    return _grown(one, two, layers)


class _Points(NamedTuple):
    """Bytes at the high points of a step."""

    kept: int
    """For the backward pass, when the forward pass is through."""
    head: int
    """Until the loss has been taken back through the head."""
    backward: int
    """From there on."""
    gradients: int
    prefill: int
    """While prompts are read."""
    read: int
    """Keys and values of prompts."""
    cache: int
    """Those of whole completions."""
    decode: int
    """At the last token of completions."""


def _grown(one: _Points, two: _Points, layers: int) -> Peak:
    """The peak of a model of so many layers, from one of one layer and one of two: each layer more adds what it holds on to."""
    more = layers - 2
    kept, read, cache, gradients = (more * (getattr(two, name) - getattr(one, name)) for name in ("kept", "read", "cache", "gradients"))
    # While a layer is taken back what it kept goes, and gradients come: whichever is more is what a layer adds.
    learning = max(two.head + kept, two.backward + max(kept, gradients))
    sampling = max(two.prefill + read, two.decode + cache)
    return Peak(learning, sampling, kept=two.kept + kept, cache=two.cache + cache)


def _counted(config: Any, plan: Plan, load: Load) -> _Points:
    with FakeTensorMode(), ExitStack() as stack:
        if load.on_gpu:
            for name in _OF_TRITON:
                stack.enter_context(mock.patch.object(chunked_logprob, name, _nothing))
        model = _model(config, plan)
        kept, head, backward = _learning(model, load)
        gradients = sum(weight.grad.untyped_storage().nbytes() for weight in model.parameters() if weight.grad is not None)
        return _Points(kept, head, backward, 0 if load.accumulates else gradients, *_sampling(model, config, plan, load))


def _model(config: Any, plan: Plan) -> Any:
    """The model as TRL's trainer has it, all of fakes."""
    with torch.device("meta"):
        model: Any = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
        add_fused_lm_head(model, outputs=("log_probs", "entropy"))
        if plan.lora:
            model = get_peft_model(model, LoraConfig(**plan.lora))
    if plan.arguments["gradient_checkpointing"]:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        if plan.lora:
            model.enable_input_require_grads()
    _fake(model)
    return model


def _fake(model: Any) -> None:
    """Give a model on the meta device fake weights on the CPU: autocast decides what is kept in 16 bits, and knows no meta device."""
    made: dict[int, Any] = {}  # weights that are tied stay so
    for module in model.modules():
        for table in (module._parameters, module._buffers):
            for name, old in table.items():
                if old is not None and id(old) not in made:
                    new = torch.empty(old.shape, dtype=old.dtype)
                    made[id(old)] = torch.nn.Parameter(new, old.requires_grad) if isinstance(old, torch.nn.Parameter) else new
                table[name] = made.get(id(old))


def _learning(model: Any, load: Load) -> tuple[int, int, int]:
    """What is kept for the backward pass, the most until the head is through with it, and the most from there on."""
    model.train()
    for weight in model.parameters():
        if weight.requires_grad and load.accumulates:
            weight.grad = torch.empty_like(weight)
    ids = torch.zeros(load.micro_batch, load.prompt + load.completion, dtype=torch.long)
    until_head: list[int] = []
    with _Live(model) as live, _when_back(model, lambda: until_head.append(live.restarted())):
        with _autocast(load):
            found = model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=ids, fused_lm_head=True).log_probs
        kept = live.now
        found.mean().backward()
    return kept, until_head[0], live.peak


@contextmanager
def _when_back(model: Any, tell: Callable[[], None]) -> Iterator[None]:
    """While this lasts, it is told when a gradient has come back through the head to the last layer."""
    backbone = getattr(model, "get_base_model", lambda: model)().base_model

    def watch(module: Any, taken: Any, given: Any) -> None:
        given.last_hidden_state.register_hook(lambda gradient: tell())

    hook = backbone.register_forward_hook(watch)
    yield
    hook.remove()


def _sampling(model: Any, config: Any, plan: Plan, load: Load) -> tuple[int, int, int, int]:
    """The most while prompts are read, what is held then, what is held of whole completions, and the most at their last token."""
    model.eval()
    cache = DynamicCache(config=config)
    prompts = torch.zeros(load.generated, load.prompt, dtype=torch.long)
    with torch.no_grad(), _Live(model) as live:
        _sample(model, prompts, load.prompt, cache, plan, load)
        prefill, read = live.restarted(), live.now
        for place, layer in enumerate(cache.layers):
            more = (part.new_empty(*part.shape[:2], load.completion - 1, part.shape[3]) for part in (layer.keys, layer.values))
            cache.update(*more, place)
        held = live.now
        live.restarted()
        _sample(model, prompts[:, :1], load.prompt + load.completion, cache, plan, load)
    return prefill, read, held, live.peak


def _sample(model: Any, ids: torch.Tensor, length: int, cache: DynamicCache, plan: Plan, load: Load) -> None:
    """One token more for each sequence, drawn as transformers draws it."""
    mask = torch.ones(len(ids), length, dtype=torch.long)
    with _autocast(load):
        found = model(input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True, logits_to_keep=1).logits
    odds = found[:, -1].float() / plan.arguments["temperature"]
    top_k, top_p = plan.arguments.get("top_k") or 0, plan.arguments.get("top_p") or 1.0
    if top_k > 0:
        odds = TopKLogitsWarper(top_k)(ids, odds)
    if top_p < 1:
        odds = TopPLogitsWarper(top_p)(ids, odds)
    torch.multinomial(odds.softmax(-1), 1)


def _autocast(load: Load) -> torch.autocast:
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=load.compute_bytes == 2)


def _with_layers(config: Any, count: int) -> Any:
    """The configuration of the same model with fewer layers."""
    fewer = copy.deepcopy(config)
    text = fewer.get_text_config()
    text.num_hidden_layers = min(count, text.num_hidden_layers)
    if getattr(text, "layer_types", None):
        text.layer_types = text.layer_types[: text.num_hidden_layers]
    return fewer


class _Live(TorchDispatchMode):
    """Counts the bytes of storages that are made while it lasts, until they go; those of a model were there before."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.now = self.peak = 0
        there = [tensor for weight in model.parameters() for tensor in (weight, weight.grad) if tensor is not None]
        self._there = [tensor.untyped_storage() for tensor in (*there, *model.buffers())]
        self._held = {id(storage) for storage in self._there}

    def restarted(self) -> int:
        """The peak until now; the next one starts here."""
        peak, self.peak = self.peak, self.now
        return peak

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        made = func(*args, **(kwargs or {}))
        for tensor in tree_iter(made):
            if isinstance(tensor, torch.Tensor):
                self._hold(tensor.untyped_storage())
        return made

    def _hold(self, storage: Any) -> None:
        if id(storage) in self._held:
            return
        self._held.add(id(storage))
        self.now += storage.nbytes()
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._drop, id(storage), storage.nbytes())

    def _drop(self, place: int, size: int) -> None:
        self._held.discard(place)
        self.now -= size


def _nothing(*_: Any, **__: Any) -> None:
    """In place of what allocates nothing on a GPU."""
