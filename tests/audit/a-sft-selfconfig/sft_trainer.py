import json
import logging
import math
from pathlib import Path

import torch
from torch.utils.data import DataLoader, Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, get_cosine_schedule_with_warmup

log = logging.getLogger("sft")


class ChatDataset(Dataset):
    def __init__(self, path, tokenizer, cfg, eos):
        self.items = json.loads(Path(path).read_text())
        self.tok = tokenizer
        self.limit = cfg["max_seq_len"]
        self.mask_prompt = cfg["mask_prompt"]
        self.eos = eos

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        prompt, answer = self.items[i]["prompt"], self.items[i]["answer"] + self.eos
        p = self.tok(prompt)["input_ids"]
        a = self.tok(answer, add_special_tokens=False)["input_ids"]
        ids = (p + a)[: self.limit]
        labels = ([-100] * len(p) if self.mask_prompt else list(p)) + a
        return torch.tensor(ids), torch.tensor(labels[: self.limit])


class SFTTrainer:
    def __init__(self, config):
        self.config = config
        self.train_cfg = config["training"]
        self.patience = self.train_cfg["patience"]
        self.accum = self.train_cfg["gradient_accumulation_steps"]
        self.save_dir = Path(self.train_cfg["save_dir"])
        self.global_step = 0
        self._build_tokenizer()
        self._build_model()

    def _build_tokenizer(self):
        tc = self.config["tokenizer"]
        self.tokenizer = AutoTokenizer.from_pretrained(self.config["model"]["base"])
        self.tokenizer.padding_side = tc["padding_side"]
        self.tokenizer.add_special_tokens({"pad_token": tc["pad_token"]})
        self.eos = self.tokenizer.eos_token if tc["add_eos"] else ""

    def _build_model(self):
        m = self.config["model"]
        self.model = AutoModelForCausalLM.from_pretrained(m["base"], torch_dtype=m["torch_dtype"])
        self.model.config.use_cache = not m["gradient_checkpointing"]
        if m["gradient_checkpointing"]:
            self.model.gradient_checkpointing_enable()
        self.model.resize_token_embeddings(len(self.tokenizer))

    def _loader(self, split):
        d = self.config["dataset"]
        ds = ChatDataset(d[f"{split}_file"], self.tokenizer, d, self.eos)
        return DataLoader(
            ds,
            batch_size=self.train_cfg["batch_size"],
            num_workers=d["num_workers"],
            shuffle=split == "train",
            drop_last=d.get("drop_last", False),
        )

    def _optimizer(self, total_steps):
        opt = torch.optim.AdamW(
            self.model.parameters(),
            lr=self.train_cfg["learning_rate"],
            weight_decay=self.train_cfg.get("weight_decay", 0.01),
        )
        warm = int(self.train_cfg.get("warmup_ratio", 0.03) * total_steps)
        return opt, get_cosine_schedule_with_warmup(opt, warm, total_steps)

    def _resume(self):
        path = self.config["training"]["resume_from"]
        if path:
            state = torch.load(Path(path) / "state.pt")
            self.model.load_state_dict(state["model"])
            self.global_step = state["step"]

    def _loss(self, batch, label_smoothing=0.0):
        ids, labels = batch
        logits = self.model(input_ids=ids).logits
        return torch.nn.functional.cross_entropy(
            logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), label_smoothing=label_smoothing
        )

    @torch.no_grad()
    def evaluate(self, loader):
        self.model.eval()
        losses = [self._loss(b).item() for b in loader]
        self.model.train()
        return sum(losses) / max(len(losses), 1)

    def fit(self):
        train, dev = self._loader("train"), self._loader("eval")
        epochs = self.train_cfg["epochs"]
        opt, sched = self._optimizer(math.ceil(len(train) / self.accum) * epochs)
        best = float("inf")
        for epoch in range(epochs):
            for i, batch in enumerate(train):
                (self._loss(batch) / self.accum).backward()
                if (i + 1) % self.accum:
                    continue
                torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.train_cfg["max_grad_norm"])
                opt.step()
                sched.step()
                opt.zero_grad()
                self.global_step += 1
                if self.global_step % self.train_cfg["eval_every"] == 0:
                    score = self.evaluate(dev)
                    log.info("epoch %d step %d eval %.4f", epoch, self.global_step, score)
                    if score < best:
                        best = score
                        self.save()

    def save(self):
        self.save_dir.mkdir(parents=True, exist_ok=True)
        self.model.save_pretrained(self.save_dir)
        self.tokenizer.save_pretrained(self.save_dir)
