import torch
from peft import LoraConfig, PeftModel, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig


def quant_config(q):
    if not q.get("load_in_4bit", True):
        return None
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_compute_dtype=getattr(torch, q["compute_dtype"]),
        bnb_4bit_quant_type=q.get("quant_type", "nf4"),
        bnb_4bit_use_double_quant=True,
    )


def lora_config(section):
    section = dict(section)
    modules = section.pop("target_modules")
    if modules == ["all"]:
        modules = "all-linear"
    return LoraConfig(task_type="CAUSAL_LM", target_modules=modules, **section)


def load(cfg):
    tok = AutoTokenizer.from_pretrained(cfg["base_model"])
    tok.pad_token = tok.pad_token or tok.eos_token
    model = AutoModelForCausalLM.from_pretrained(cfg["base_model"], quantization_config=quant_config(cfg["quantization"]), device_map="auto")
    model = prepare_model_for_kbit_training(model)
    adapter = cfg.get("sft_adapter")
    if adapter:
        model = PeftModel.from_pretrained(model, adapter).merge_and_unload()
    return model, tok
