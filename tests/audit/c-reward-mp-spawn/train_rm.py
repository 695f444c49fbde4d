import os
import sys

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F
import yaml
from torch.nn.parallel import DistributedDataParallel
from transformers import AutoTokenizer, get_linear_schedule_with_warmup

from rm.data import loaders
from rm.model import RewardModel


def setup(rank, world_size, d):
    os.environ["MASTER_ADDR"] = d.get("addr", "localhost")
    os.environ["MASTER_PORT"] = str(d.get("port", 12355))
    dist.init_process_group(d["backend"], rank=rank, world_size=world_size)
    torch.cuda.set_device(rank)


def pair_loss(scores, loss_cfg):
    chosen, rejected = scores[0::2], scores[1::2]
    loss = -F.logsigmoid(chosen - rejected - loss_cfg.get("margin", 0.0)).mean()
    return loss + loss_cfg.get("center_coef", 0) * scores.pow(2).mean()


def main_worker(rank, cfg):
    world_size = torch.cuda.device_count()
    setup(rank, world_size, cfg["dist"])
    tok = AutoTokenizer.from_pretrained(cfg["model"]["backbone"])
    model = DistributedDataParallel(RewardModel.from_config(cfg["model"]).cuda(rank), device_ids=[rank])
    data = loaders(cfg, tok, rank, world_size)
    t = cfg["train"]
    opt = torch.optim.AdamW(model.parameters(), lr=t["lr"], weight_decay=t.get("weight_decay", 0.01))
    total = t["epochs"] * len(data["train"])
    sched = get_linear_schedule_with_warmup(opt, int(t["warmup_ratio"] * total), total)
    for epoch in range(t["epochs"]):
        data["train"].sampler.set_epoch(epoch)
        for i, batch in enumerate(data["train"]):
            with torch.autocast("cuda", dtype=torch.bfloat16):
                loss = pair_loss(model(**batch.to(rank)), cfg["loss"])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), t["max_grad_norm"])
            opt.step(), sched.step(), opt.zero_grad()
            if rank == 0 and i % t["log_steps"] == 0:
                print(f"{epoch}.{i} loss={loss.item():.3f}", flush=True)
        if rank == 0:
            torch.save(model.module.state_dict(), os.path.join(t["out"], f"rm_{epoch}.pt"))
    dist.destroy_process_group()


def main():
    with open(sys.argv[1] if len(sys.argv) > 1 else "config/rm.yaml") as f:
        cfg = yaml.safe_load(f)
    os.makedirs(cfg["train"]["out"], exist_ok=True)
    port = cfg["dist"].get("port", 29500)
    if not 1024 < port < 65536:
        raise SystemExit(f"bad port {port}")
    mp.spawn(main_worker, nprocs=torch.cuda.device_count(), args=(cfg,), join=True)


if __name__ == "__main__":
    main()
