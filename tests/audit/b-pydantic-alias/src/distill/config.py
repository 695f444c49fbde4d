from pathlib import Path
from typing import Literal, Optional

import yaml
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator


class Checkpoint(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    repo: str
    revision: str = "main"
    load_in_8bit: bool = Field(False, alias="loadIn8bit")
    dtype: str = "bfloat16"


class StudentCheckpoint(Checkpoint):
    dropout: float = Field(default=0.0, ge=0.0, le=1.0)


class KD(BaseModel):
    temperature: float = 1.0
    alpha: float = 0.5
    loss: Literal["forward_kl", "reverse_kl", "jsd"] = "forward_kl"

    @field_validator("temperature")
    @classmethod
    def positive(cls, v):
        if v <= 0:
            raise ValueError("temperature must be > 0")
        return v


class Optimizer(BaseModel):
    lr: float = Field(1e-5, alias="learningRate")
    weight_decay: float = Field(0.0, alias="weightDecay")
    warmup: int = 0
    grad_clip: float = 1.0
    total_steps: int = Field(10_000, gt=0)


class Corpus(BaseModel):
    seq_len: int = Field(validation_alias=AliasChoices("seq_len", "max_length"))
    shards: list[str]
    streaming: bool = False
    shuffle_buffer: int = 1000


class Settings(BaseModel):
    model_config = ConfigDict(extra="ignore")

    run_name: str = Field(alias="runName")
    teacher: Checkpoint
    student: StudentCheckpoint
    kd: KD = KD()
    optimizer: Optimizer
    corpus: Corpus
    seed: int = 1234
    notes: Optional[str] = None


def load_settings(path: Path) -> Settings:
    return Settings.model_validate(yaml.safe_load(path.read_text()))
