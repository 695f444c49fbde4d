import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from . import settings


def _load(section, device="cuda:0"):
    model = AutoModelForCausalLM.from_pretrained(section["name"], torch_dtype=getattr(torch, section["dtype"]))
    return model.to(device)


def build(path):
    policy_cfg, ref_cfg, adapter = settings.models(path)
    tok = AutoTokenizer.from_pretrained(policy_cfg["name"])
    rank, alpha = (adapter[k] for k in ("rank", "alpha"))
    lora = LoraConfig(r=rank, lora_alpha=alpha, target_modules=adapter["modules"], lora_dropout=0.0,
                      bias=adapter.get("bias", "none"))
    return tok, get_peft_model(_load(policy_cfg), lora), _load(ref_cfg).eval()
