import hashlib
import json
import logging
import os
from pprint import pformat

import wandb
import yaml
from torch.utils.tensorboard import SummaryWriter

log = logging.getLogger("prm")


def fingerprint(cfg):
    return hashlib.sha1(json.dumps(cfg, sort_keys=True).encode()).hexdigest()[:10]


def start(cfg):
    log.setLevel(cfg["log"]["level"])
    os.makedirs(cfg["log"]["dir"], exist_ok=True)
    with open(os.path.join(cfg["log"]["dir"], "config.yaml"), "w") as f:
        yaml.safe_dump(cfg, f)
    wandb.init(project=cfg["project"], name=cfg["run"], config=cfg)
    log.info("config %s\n%s", fingerprint(cfg), pformat(cfg))
    log.info("train section: %s", cfg["train"])
    log.info("owner: %s", cfg["owner"])
    log.info("optimizer=%s effective batch=%d", cfg["train"]["optimizer"], cfg["train"]["effective_batch_size"])
    for key, value in cfg["data"].items():
        log.info("data.%s = %s", key, value)
    return SummaryWriter(cfg["log"]["dir"])


def summary(cfg, model):
    layers = cfg["model"]["num_layers"]
    print(f"encoder {cfg['model']['encoder']} with {layers} layers")
    params = sum(p.numel() for p in model.parameters())
    print(f"{params / 1e6:.1f}M parameters, data version {cfg['data']['version']}")
