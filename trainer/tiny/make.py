"""Makes the model and the data of `profile:tiny`: `python -m confguard.trainer.tiny.make [FOLDER] [--steps N]`.

A model that was drawn at random never learns by GRPO: none of what it samples is right, so nothing can be preferred. So it is taught first:
right answers, until it knows them, then answers of which half are drawn at random. It ends up right in four of ten samples, so that a group
holds both kinds. It is taught all three files of the data: the held-out questions start where the others do.

The same bytes come out whenever it is run on one machine: one thread, one seed, no clock. Another processor may round differently.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import random
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from confguard.trainer.tiny import model, questions

STEPS = 1600
BATCH = 48
RATE = 3e-3
RIGHT = 0.75
"""The first part of the steps, in which every answer is the right one."""
WRONG = 0.5
"""How often, in the steps after that, an answer is drawn from all of its domain's."""
SEED = 0
FOLDER = Path(__file__).parents[2] / "profiles" / "tiny"
UNLEARNT = -100
"""The label of a token that the loss leaves out."""

Lesson = tuple[list[int], list[int]]
"""The tokens of a prompt, and of its answer."""


def make(folder: Path, steps: int = STEPS) -> list[Path]:
    """Write `data/` and `model/` into a folder, over what is there; gives the files."""
    splits = questions.splits()
    weights = _weights(_taught([row for rows in splits.values() for row in rows], steps))
    facts = {"steps": steps, "batch": BATCH, "right": RIGHT, "wrong": WRONG, "parameters": sum(value.numel() for value in weights.values())}
    saved = importlib.import_module("safetensors.torch").save(weights, {"format": "pt"})
    written = {
        **{f"data/{name}_mixed.jsonl": questions.to_jsonl(rows).encode() for name, rows in splits.items()},
        **{f"model/{name}": text.encode() for name, text in model.files().items()},
        "model/README.md": model.card(**facts, sha256=hashlib.sha256(saved).hexdigest()).encode(),
        "model/model.safetensors": saved,
    }
    for name, data in written.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return [folder / name for name in written]


def _weights(taught: Any) -> dict[str, Any]:
    """The weights by name; the output layer is the embedding, and is not written twice."""
    return {name: value.contiguous() for name, value in sorted(taught.state_dict().items()) if name != "lm_head.weight"}


def _taught(rows: list[questions.Row], steps: int) -> Any:
    """A model that knows the right answer to each question, and is not sure of it."""
    torch, transformers = importlib.import_module("torch"), importlib.import_module("transformers")
    torch.set_num_threads(1)  # two would add up in another order, and gain nothing
    torch.manual_seed(SEED)
    taught = transformers.Qwen2ForCausalLM(transformers.Qwen2Config.from_dict(model.CONFIG)).train()
    optimizer = torch.optim.AdamW(taught.parameters(), lr=RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps + 1, pct_start=0.1)
    sure, unsure = lessons(rows, 0.0), lessons(rows, WRONG)
    for step in range(steps):
        batch = list(islice(sure if step < steps * RIGHT else unsure, BATCH))
        ids, labels, mask = (torch.tensor(part) for part in padded(batch))
        optimizer.zero_grad()
        taught(input_ids=ids, labels=labels, attention_mask=mask).loss.backward()
        torch.nn.utils.clip_grad_norm_(taught.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return taught


def lessons(rows: list[questions.Row], wrong: float) -> Iterator[Lesson]:
    """Prompts and answers without end, each row once a round; as often as `wrong` says, the answer is any of the domain's."""
    drawn = random.Random(SEED)
    answers = {domain: sorted({row["answer"] for row in rows if row["domain"] == domain}) for domain in questions.DOMAINS}
    while True:
        for row in drawn.sample(rows, len(rows)):
            answer = drawn.choice(answers[row["domain"]]) if drawn.random() < wrong else row["answer"]
            yield model.prompted(row["question"]), [*answer.encode(), model.END]


def padded(batch: list[Lesson]) -> tuple[list[list[int]], list[list[int]], list[list[int]]]:
    """Ids, labels and mask of a batch, all of one width; only answers are learnt."""
    width = max(len(prompt) + len(answer) for prompt, answer in batch)
    ids, labels, mask = [], [], []
    for prompt, answer in batch:
        used = len(prompt) + len(answer)
        ids.append([*prompt, *answer, *[model.PAD] * (width - used)])
        labels.append([*[UNLEARNT] * len(prompt), *answer, *[UNLEARNT] * (width - used)])
        mask.append([*[1] * used, *[0] * (width - used)])
    return ids, labels, mask


def main() -> None:
    """The command line: makes the files, and prints what they are."""
    parser = argparse.ArgumentParser(description="Make the model and the data of profile:tiny.")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="where to (default: the profile's own folder)")
    parser.add_argument("--steps", type=int, default=STEPS, help="how long the model is taught (default: %(default)s)")
    asked = parser.parse_args()
    began = time.monotonic()
    for path in sorted(make(asked.folder, asked.steps)):
        print(f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_size:>7} {path.relative_to(asked.folder)}")
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
