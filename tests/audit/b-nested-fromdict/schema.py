from __future__ import annotations

from dataclasses import dataclass, field, fields

import yaml


@dataclass
class LoraSection:
    r: int = 8
    alpha: int = 16
    dropout: float = 0.0
    target_modules: list = field(default_factory=lambda: ["q_proj", "v_proj"])
    use_rslora: bool = False

    @classmethod
    def from_dict(cls, d):
        return cls(**{k: v for k, v in d.items() if k in cls.__annotations__})

    @property
    def scale(self):
        return self.alpha / self.r


@dataclass
class PolicySection:
    name_or_path: str
    torch_dtype: str = "float32"
    attn_implementation: str = "sdpa"
    gradient_checkpointing: bool = False
    lora: LoraSection | None = None

    @classmethod
    def from_dict(cls, d):
        d = dict(d)
        lora = d.pop("lora", None)
        out = cls(**{k: v for k, v in d.items() if k in cls.__dataclass_fields__})
        if lora:
            out.lora = LoraSection.from_dict(lora)
        return out


@dataclass
class LossSection:
    beta: float = 0.1
    label_smoothing: float = 0.0
    loss_type: str = "sigmoid"
    reference_free: bool = False
    max_prompt_length: int = 256


@dataclass
class OptimSection:
    lr: float
    weight_decay: float = 0.0
    betas: tuple = (0.9, 0.999)
    warmup_ratio: float = 0.1
    total_steps: int = 2000


@dataclass
class DataSection:
    train_files: list
    max_length: int = 1024
    shuffle_seed: int = 0
    eval_fraction: float = 0.01


def _build(cls, d):
    names = {f.name for f in fields(cls)}
    return cls(**{k: v for k, v in (d or {}).items() if k in names})


@dataclass
class RunConfig:
    policy: PolicySection
    dpo: LossSection
    optim: OptimSection
    data: DataSection

    @classmethod
    def from_yaml(cls, path):
        with open(path) as f:
            raw = yaml.safe_load(f)
        return cls(
            policy=PolicySection.from_dict(raw["policy"]),
            dpo=_build(LossSection, raw.get("dpo")),
            optim=_build(OptimSection, raw["optim"]),
            data=_build(DataSection, raw["data"]),
        )
