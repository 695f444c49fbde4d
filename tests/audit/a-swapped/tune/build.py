import torch
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16, "bfloat16": torch.bfloat16}


def quantization(spec):
    q = spec["quant"]
    return BitsAndBytesConfig(
        load_in_4bit=q["bits"] == 4,
        bnb_4bit_quant_type=q.get("type", "fp4"),
        bnb_4bit_use_double_quant=q.get("double_quant", False),
        bnb_4bit_compute_dtype=DTYPES[q.get("compute_dtype", "fp16")],
    )


def tokenizer(spec):
    tok = AutoTokenizer.from_pretrained(spec["base"])
    tok.padding_side = spec["tokenizer"]["padding"]
    tok.pad_token = tok.eos_token
    return tok


def model(spec, hparams):
    lm = AutoModelForCausalLM.from_pretrained(
        spec["base"], torch_dtype=DTYPES[spec["precision"]], quantization_config=quantization(spec)
    )
    lora = hparams["lora"]
    cfg = LoraConfig(
        r=lora["r"],
        lora_alpha=lora.get("alpha", 16),
        lora_dropout=lora["dropout"],
        target_modules=list(lora["targets"]),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(prepare_model_for_kbit_training(lm), cfg)
