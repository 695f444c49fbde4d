DEFAULTS = {
    "policy": {"name": "gpt2", "max_prompt": 256, "dtype": "float32"},
    "reward": {"batch_size": 8},
    "generation": {"temperature": 1.0, "max_tokens": 128, "top_p": 1.0},
    "algo": {"k": 2, "kl_coef": 0.05, "whiten": False},
    "optim": {"lr": 1e-5, "eps": 1e-5, "grad_clip": 0.5},
    "train": {"updates": 100, "seed": 0},
}

TOP_K = 50
