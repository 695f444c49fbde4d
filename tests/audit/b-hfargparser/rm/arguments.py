from dataclasses import dataclass, field
from typing import Optional


@dataclass
class ModelArguments:
    base_model: str = field(metadata={"help": "hub id or local folder"})
    head_dropout: float = 0.0
    num_labels: int = 1
    pooling: str = field(default="last", metadata={"choices": ["last", "mean"]})
    freeze_layers: int = 0
    bf16: bool = True


@dataclass
class PairArguments:
    train_file: str
    eval_file: Optional[str] = None
    max_length: int = field(default=512)
    drop_ties: bool = False
    margin_column: Optional[str] = None
    center_coefficient: float = 0.0
    chat_template: Optional[str] = None


@dataclass
class LoopArguments:
    lr: float = 1e-5
    epochs: int = 1
    batch_size: int = 8
    grad_accum: int = 1
    eval_every: int = 500
    seed: int = 0

    def micro(self):
        return self.batch_size // self.grad_accum


@dataclass
class SamplerArguments:
    seed: int = 42
    group_by_length: bool = True
