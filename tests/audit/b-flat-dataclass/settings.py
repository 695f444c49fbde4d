from dataclasses import asdict, dataclass, field
from typing import List

import yaml


@dataclass
class SFTSettings:
    """Everything the fine-tuning script needs; the yaml mirrors it one to one."""

    model_name: str
    output_dir: str
    data_config: str
    lr: float = 1e-5
    min_lr_ratio: float = 0.1
    weight_decay: float = 0.0
    batch_size: int = 4
    grad_accum: int = 1
    epochs: int = 1
    warmup_ratio: float = 0.0
    clip_norm: float = 1.0
    max_seq_len: int = 1024
    seed: int = 0
    dtype: str = "float32"
    pack_sequences: bool = False
    log_every: int = 50
    tags: List[str] = field(default_factory=list)
    save_total_limit: int = 2
    compile_model: bool = False

    @classmethod
    def load(cls, path):
        with open(path) as fh:
            return cls(**yaml.safe_load(fh))

    @property
    def tokens_per_step(self):
        return self.batch_size * self.grad_accum * self.max_seq_len

    def describe(self):
        for name, value in asdict(self).items():
            print(f"{name:>20}: {value}")
