import torch


def extract(text):
    return text.rsplit("####", 1)[-1].strip().replace(",", "")


class Sampler:
    def __init__(self, model, tok, cfg):
        self.model, self.tok = model, tok
        self.n = cfg.n
        self.temperature = cfg.temperature
        self.max_new = cfg.get("max_new_tokens", 512)

    @torch.no_grad()
    def __call__(self, prompts, max_len):
        enc = self.tok(prompts, return_tensors="pt", padding=True, truncation=True,
                       max_length=max_len - self.max_new)
        return self.model.generate(
            **enc,
            do_sample=True,
            num_return_sequences=self.n,
            temperature=self.temperature,
            top_p=1.0,
            max_new_tokens=self.max_new,
        )


def group_advantages(rewards, n, adv):
    r = rewards.view(-1, n)
    a = r - r.mean(1, keepdim=True)
    if adv.normalize:
        a = a / (r.std(1, keepdim=True) + adv.get("eps", 1e-4))
    return a.flatten()
