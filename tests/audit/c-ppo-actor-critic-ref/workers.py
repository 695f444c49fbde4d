import torch
import torch.nn.functional as F
from transformers import AutoModelForCausalLM, AutoModelForTokenClassification, get_constant_schedule_with_warmup


def build_backbone(node, cls, **extra):
    model = cls.from_pretrained(node.path, torch_dtype=getattr(torch, node.get("dtype", "bfloat16")), **extra)
    if node.gradient_checkpointing:
        model.gradient_checkpointing_enable()
    return model.cuda()


def make_optimizer(model, o):
    return torch.optim.AdamW(model.parameters(), lr=o.lr, weight_decay=o.weight_decay, betas=tuple(o.betas), eps=o.get("eps", 1e-8))


def token_logprobs(model, ids, temperature):
    logits = model(ids[:, :-1]).logits / temperature
    return torch.log_softmax(logits, -1).gather(-1, ids[:, 1:, None]).squeeze(-1)


class AdaptiveKL:
    def __init__(self, algo):
        self.value = algo.kl_coef
        self.target = algo.kl_target
        self.horizon = algo.kl_horizon

    def update(self, current, n):
        error = min(max(current / self.target - 1, -0.2), 0.2)
        self.value *= 1 + error * n / self.horizon


class ActorWorker:
    def __init__(self, config):
        self.config = config.actor
        self.rollout = config.rollout
        self.model = build_backbone(self.config, AutoModelForCausalLM)
        self.optimizer = make_optimizer(self.model, self.config.optim)
        self.scheduler = get_constant_schedule_with_warmup(self.optimizer, self.config.optim.warmup_steps)

    @torch.no_grad()
    def generate(self, ids):
        ids = ids.repeat_interleave(self.rollout.n, 0)
        return self.model.generate(ids, do_sample=True, temperature=self.rollout.get("temperature", 1.0),
                                   top_p=1.0, max_new_tokens=self.rollout.max_new_tokens)

    def update(self, seqs, old_logp, adv):
        for chunk in torch.randperm(len(seqs)).split(self.config.mini_batch_size):
            logp = token_logprobs(self.model, seqs[chunk], self.rollout.get("temperature", 0.7))
            ratio = (logp - old_logp[chunk]).exp()
            clipped = ratio.clamp(1 - self.config.clip_ratio, 1 + self.config.clip_ratio)
            loss = -torch.min(ratio * adv[chunk], clipped * adv[chunk]).mean()
            loss = loss + self.config.entropy_coeff * logp.mean()
            loss.backward()
            self.optimizer.step()
            self.optimizer.zero_grad()
        self.scheduler.step()


class CriticWorker:
    def __init__(self, config):
        self.config = config.critic
        self.model = build_backbone(self.config, AutoModelForTokenClassification, num_labels=1)
        self.optimizer = make_optimizer(self.model, self.config.optim)

    def values(self, seqs):
        return self.model(seqs[:, :-1]).logits.squeeze(-1)

    def update(self, seqs, old_values, returns):
        v = self.values(seqs)
        band = self.config.cliprange_value
        clipped = old_values + (v - old_values).clamp(-band, band)
        loss = 0.5 * torch.max(F.mse_loss(v, returns, reduction="none"), F.mse_loss(clipped, returns, reduction="none")).mean()
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
