from functools import cached_property

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


class TrainerBase:
    objective = "loss"

    def __init__(self, config):
        self.config = config
        self.run = config["run"]
        self._opt_cfg = config["optim"]
        self.power = config["schedule"]["power"]
        self.device = config.get("device", "cuda")
        self.setup()

    def setup(self):
        raise NotImplementedError

    @property
    def lr(self):
        return self._opt_cfg["lr"]

    @property
    def hp(self):
        return self.config[self.objective]

    @cached_property
    def tokenizer(self):
        return AutoTokenizer.from_pretrained(self.config["model"]["id"])

    def build_model(self):
        m = self.config["model"]
        return AutoModelForCausalLM.from_pretrained(m["id"], torch_dtype=m["dtype"])

    def build_optimizer(self, params):
        return torch.optim.AdamW(params, lr=self.lr, weight_decay=self._opt_cfg.get("decay", 0.0))

    def build_scheduler(self, opt):
        s = self.config["schedule"]
        return torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(
            opt, self.run["steps"] // s["cycles"]
        )

    def on_step(self, step):
        pass

    def compute_loss(self, batch):
        raise NotImplementedError

    def evaluate(self):
        return {}

    def publish(self):
        self.model.push_to_hub(self.run["hub_repo"])

    def fit(self):
        self.model = self.build_model().to(self.device)
        opt = self.build_optimizer(self.model.parameters())
        sched = self.build_scheduler(opt)
        batches = self.batches()
        for step in range(1, self.run["steps"] + 1):
            loss = self.compute_loss(next(batches))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.max_norm)
            opt.step()
            sched.step()
            opt.zero_grad()
            if step % self.config["eval"]["every"] == 0:
                print(step, self.evaluate())
            self.on_step(step)
