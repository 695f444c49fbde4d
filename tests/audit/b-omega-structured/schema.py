from dataclasses import dataclass

from omegaconf import MISSING, OmegaConf


@dataclass
class ModelConf:
    d_model: int = 512
    n_layers: int = 8
    n_heads: int = 8
    head_dim: int = 64
    vocab_size: int = MISSING
    tie_weights: bool = False
    rope_theta: float = 10000.0


@dataclass
class TrainConf:
    seq_len: int = 512
    global_batch: int = 64
    micro_batch: int = 8
    max_steps: int = 1000
    lr: float = 3e-4
    min_lr: float = 3e-5
    weight_decay: float = 0.0
    beta2: float = 0.95
    z_loss: float = 1e-4
    warmup_steps: int = MISSING
    seed: int = 0
    compile: bool = True


def load_config(path, dotlist=()):
    schema = OmegaConf.create(
        {"model": OmegaConf.structured(ModelConf), "train": OmegaConf.structured(TrainConf)}
    )
    return OmegaConf.merge(schema, OmegaConf.load(path), OmegaConf.from_dotlist(list(dotlist)))
