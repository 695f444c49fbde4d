import itertools
import sys

import pandas as pd
import torch
import torch.nn.functional as F
import yaml

from core.base import TrainerBase
from core.mixins import CheckpointMixin


class ORPO(CheckpointMixin, TrainerBase):
    objective = "orpo"
    max_norm = 0.5

    def __init__(self, config, extra_rows=None):
        self.extra_rows = extra_rows or []
        super().__init__(config)

    def setup(self):
        d = self.config["data"]
        self.rows = pd.read_parquet(d["path"]).to_dict("records") + self.extra_rows
        self.batch = d["batch"]
        torch.manual_seed(d.get("seed", 0))

    def build_optimizer(self, params):
        opt = super().build_optimizer(params)
        for g in opt.param_groups:
            g["betas"] = tuple(self._opt_cfg["betas"])
        return opt

    def build_scheduler(self, opt):
        warm = self.config["schedule"]["warmup"]
        return torch.optim.lr_scheduler.LambdaLR(opt, lambda i: min(1.0, (i + 1) / warm))

    def batches(self):
        for r in itertools.cycle(range(0, len(self.rows), self.batch)):
            yield self.rows[r : r + self.batch]

    def avg_logp(self, texts):
        enc = self.tokenizer(
            texts, truncation=True, max_length=self.hp["max_length"], padding=True,
            pad_to_multiple_of=8, return_tensors="pt",
        ).to(self.device)
        lp = self.model(**enc).logits[:, :-1].log_softmax(-1)
        tok = lp.gather(-1, enc["input_ids"][:, 1:, None]).squeeze(-1)
        return tok.mean(-1)

    def compute_loss(self, batch):
        good = self.avg_logp([r["chosen"] for r in batch])
        bad = self.avg_logp([r["rejected"] for r in batch])
        log_odds = (good - bad) - (torch.log1p(-good.exp()) - torch.log1p(-bad.exp()))
        return -good.mean() - self.hp["beta"] * F.logsigmoid(log_odds).mean()

    def evaluate(self):
        n = self.config["eval"].get("n_prompts", 32)
        with torch.no_grad():
            return {"loss": self.compute_loss(self.rows[:n]).item()}


if __name__ == "__main__":
    with open(sys.argv[1] if sys.argv[1:] else "runs/orpo_gemma.yaml") as f:
        ORPO(yaml.safe_load(f)).fit()
