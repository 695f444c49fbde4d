import random
from pathlib import Path

import hydra
import torch
from datasets import load_dataset
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from transformers import AutoModelForCausalLM, AutoTokenizer

from grpo.rollout import Sampler, extract, group_advantages


def load_model(spec: DictConfig):
    model = AutoModelForCausalLM.from_pretrained(
        spec.path, torch_dtype=getattr(torch, spec.dtype), attn_implementation="sdpa"
    )
    tok = AutoTokenizer.from_pretrained(spec.path)
    if spec.gradient_checkpointing:
        model.gradient_checkpointing_enable()
    return model, tok


def prepare(data: DictConfig):
    ds = load_dataset(
        data.hub_id, data.subset, split=data["split"], revision=data.get("revision")
    )
    return [
        {"prompt": data.template.format(question=r["question"]), "gold": extract(r["answer"])}
        for r in ds
    ]


def logps(model, ids):
    lp = model(ids).logits[:, :-1].log_softmax(-1)
    return lp.gather(-1, ids[:, 1:, None]).squeeze(-1)


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg: DictConfig) -> None:
    print(OmegaConf.to_yaml(cfg, resolve=True))
    random.seed(cfg.seed)
    torch.manual_seed(cfg.seed)

    model, tok = load_model(cfg.model)
    ref, _ = load_model(cfg.model)
    rows = prepare(cfg.data)
    opt = instantiate(cfg.optim, params=model.parameters())
    sampler = Sampler(model, tok, cfg.sampling)
    n = cfg.sampling.n

    for step in range(cfg.steps):
        batch = random.sample(rows, cfg.prompts_per_step)
        ids = sampler([b["prompt"] for b in batch], cfg.model.max_len)
        texts = tok.batch_decode(ids, skip_special_tokens=True)
        golds = [b["gold"] for b in batch for _ in range(n)]
        rewards = torch.tensor([float(extract(t) == g) for t, g in zip(texts, golds)])
        adv = group_advantages(rewards, n, cfg.advantage)

        lp = logps(model, ids)
        with torch.no_grad():
            lp_ref = logps(ref, ids)
        d = lp_ref - lp
        kl = d.exp() - d - 1
        loss = -(adv[:, None] * (lp - lp.detach()).exp() - cfg.kl.coef * kl).mean()
        loss.backward()
        for g in opt.param_groups:
            g["lr"] = cfg.optim.lr * min(1.0, (step + 1) / 10)
        opt.step()
        opt.zero_grad()

    target = Path(cfg.out_dir) / "final"
    model.save_pretrained(target)
    tok.save_pretrained(target)


if __name__ == "__main__":
    main()
