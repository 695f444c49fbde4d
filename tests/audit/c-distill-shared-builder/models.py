import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def build(section):
    """One model from its section; adapters only where the section asks for them."""
    kwargs = {"torch_dtype": getattr(torch, section["dtype"])}
    if section.get("load_in_8bit", False):
        kwargs["load_in_8bit"] = True
    model = AutoModelForCausalLM.from_pretrained(section["name"], **kwargs)
    if section.get("lora"):
        model = get_peft_model(model, LoraConfig(**section["lora"]))
    return model


def set_dropout(model, p):
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = p
