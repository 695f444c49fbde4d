import sys

import torch
import torch.nn.functional as F
from transformers import AutoModelForSequenceClassification, AutoTokenizer, get_linear_schedule_with_warmup

from pairs import loader
from settings import Settings


class RewardTrainer:
    def __init__(self, s):
        self.s = s
        torch.manual_seed(s.seed)
        self.tok = AutoTokenizer.from_pretrained(s.backbone)
        self.model = AutoModelForSequenceClassification.from_pretrained(s.backbone, num_labels=s.num_labels)
        self.threshold = s.eval_threshold
        self.margin = s.margin
        self.train_dl = loader(s.data_train_path, self.tok, s.train.batch_size, max_length=s.data_max_length)
        self.eval_dl = loader(s.data_eval_path, self.tok, s.eval_batch_size, max_length=s.data_max_length)

    def pair_loss(self, a, b, sign):
        diff = sign * (self.model(**a).logits - self.model(**b).logits).squeeze(-1)
        penalty = getattr(self.s, "center_coeff", 0.0) * diff.mean() ** 2
        return -F.logsigmoid(diff - self.margin).mean() + penalty

    @torch.no_grad()
    def accuracy(self):
        hits = n = 0
        for a, b, sign in self.eval_dl:
            d = sign * (self.model(**a).logits - self.model(**b).logits).squeeze(-1)
            hits += int((d > 0).sum())
            n += len(d)
        return hits / max(n, 1)

    def run(self):
        total = len(self.train_dl) * self.s.train.epochs
        opt = torch.optim.AdamW(self.model.parameters(), lr=self.s.train.lr)
        sched = get_linear_schedule_with_warmup(opt, int(total * self.s.train.warmup_ratio), total)
        step = 0
        for _ in range(self.s.train.epochs):
            for a, b, sign in self.train_dl:
                loss = self.pair_loss(a, b, sign)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.s.train.grad_clip)
                opt.step()
                sched.step()
                opt.zero_grad()
                step += 1
                if step % self.s.train.log_every == 0:
                    print(step, loss.item())
                if step % getattr(self.s, "eval_every", 1000) == 0:
                    print("acc", self.accuracy())
        torch.save(self.model.state_dict(), self.s.train.save_path)


if __name__ == "__main__":
    settings = Settings(sys.argv[1])
    print(settings.describe())
    RewardTrainer(settings).run()
