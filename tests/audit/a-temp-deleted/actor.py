import torch
from transformers import AutoModelForCausalLM


class Actor:
    def __init__(self):
        self.model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-Math-1.5B")
        self.opt = torch.optim.AdamW(self.model.parameters(), lr=1e-6)

    def update(self, outs, adv, penalty):
        loss = torch.zeros(())
        for o, a in zip(outs, adv):
            for c, w in zip(o.outputs, a):
                ids = torch.tensor([list(o.prompt_token_ids) + list(c.token_ids)])
                lp = self.model(ids).logits.log_softmax(-1).gather(-1, ids[..., None]).mean()
                loss = loss - w * lp + penalty(lp, lp.detach())
        loss.backward()
        self.opt.step()
        self.opt.zero_grad()
        return {"loss": loss.item()}
