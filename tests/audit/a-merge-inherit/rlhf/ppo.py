import torch


def gae(rewards, values, gamma=1.0, lam=0.95):
    adv, last = torch.zeros_like(rewards), 0.0
    for t in reversed(range(rewards.size(-1))):
        nxt = values[..., t + 1] if t + 1 < rewards.size(-1) else 0.0
        delta = rewards[..., t] + gamma * nxt - values[..., t]
        last = delta + gamma * lam * last
        adv[..., t] = last
    return adv, adv + values


class PPO:
    def __init__(self, policy, value_head, cfg):
        self.policy, self.value_head = policy, value_head
        self.clip, self.vf = cfg["clip"], cfg["vf_coef"]
        self.epochs = cfg["epochs"]
        self.lam = cfg["lam"]
        self.micro = cfg.get("micro_batch_size", 8)
        self.opt = torch.optim.AdamW([*policy.parameters(), *value_head.parameters()], lr=cfg["lr"])

    def update(self, ids, old_logp, rewards):
        for _ in range(self.epochs):
            for s in range(0, len(ids), self.micro):
                mb = slice(s, s + self.micro)
                out = self.policy(ids[mb], output_hidden_states=True)
                values = self.value_head(out.hidden_states[-1]).squeeze(-1)[:, :-1]
                logp = out.logits[:, :-1].log_softmax(-1).gather(-1, ids[mb, 1:, None]).squeeze(-1)
                adv, ret = gae(rewards[mb], values.detach(), lam=self.lam)
                ratio = (logp - old_logp[mb]).exp()
                pg = -torch.min(ratio * adv, ratio.clamp(1 - self.clip, 1 + self.clip) * adv).mean()
                loss = pg + self.vf * (values - ret).pow(2).mean()
                loss.backward()
                self.opt.step()
                self.opt.zero_grad()
