import random
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from trainer.io import read_config, read_tasks, read_tokenizer_spec, load_rows
from trainer.model import MultiTask


def encode(tok, texts, spec):
    tok.enable_truncation(spec["max_length"])
    tok.enable_padding(pad_id=spec["pad_id"])
    if spec.get("lowercase"):
        texts = [t.lower() for t in texts]
    return torch.tensor([e.ids for e in tok.encode_batch(texts)])


def main():
    cfg = read_config("base")
    tasks = read_tasks()
    spec = read_tokenizer_spec(cfg["tokenizer_spec"])
    random.seed(spec["seed"])
    torch.manual_seed(spec["seed"])

    tok = Tokenizer.from_file(spec["path"])
    shape = cfg["shape"]
    model = MultiTask(tok.get_vocab_size(), shape, tasks, spec["pad_id"])
    tr = cfg["train"]
    opt = torch.optim.AdamW(model.parameters(), lr=tr["learning_rate"])

    data = {t["name"]: load_rows(t) for t in tasks}
    weights = [t["weight"] for t in tasks]
    steps = tr["epochs"] * sum(map(len, data.values())) // tr["batch_size"]
    for step in range(steps):
        task = random.choices(tasks, weights)[0]
        batch = random.sample(data[task["name"]], tr["batch_size"])
        texts, ys = zip(*batch)
        logits = model(encode(tok, list(texts), spec), task["name"])
        loss = F.cross_entropy(logits, torch.tensor(ys), label_smoothing=tr.get("smoothing", 0.0))
        loss.backward()
        opt.step()
        opt.zero_grad()
        if step % 20 == 0:
            print(step, task["name"], round(loss.item(), 3))

    target = Path(cfg["work_dir"]) / f"{cfg['model']['size']}-{len(tasks)}tasks"
    target.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), target / "model.pt")


if __name__ == "__main__":
    main()
