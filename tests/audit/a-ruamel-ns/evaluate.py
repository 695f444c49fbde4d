import argparse
import json
import random
import re

import numpy as np
from transformers import AutoTokenizer
from vllm import LLM, SamplingParams

from nsconf import read_config

METRICS = {
    "numeric": lambda out, ref: float((re.findall(r"-?\d+\.?\d*", out) or [""])[-1] == str(ref)),
    "contains": lambda out, ref: float(str(ref) in out),
}


def load_task(task, limits):
    with open(task.path) as f:
        rows = [json.loads(line) for line in f]
    return rows[: limits.max_examples]


def build_prompt(row, pool, task, prompt, seed=0):
    rng = random.Random(seed)
    shots = rng.sample(pool, task.shots)
    body = "\n\n".join(prompt.template.format(question=s["question"]) + " " + str(s["answer"]) for s in shots)
    return "\n\n".join(x for x in (prompt.system, body, prompt.template.format(question=row["question"])) if x)


def bootstrap(scores, samples=200, confidence=0.9):
    rng = np.random.default_rng(0)
    means = [rng.choice(scores, len(scores)).mean() for _ in range(samples)]
    lo = (1 - confidence) / 2
    return np.quantile(means, [lo, 1 - lo]).tolist()


class Evaluator:
    def __init__(self, cfg):
        self.cfg = cfg
        m = cfg.model
        self.tokenizer = AutoTokenizer.from_pretrained(m.tokenizer or m.path)
        self.llm = LLM(
            m.path,
            dtype=m.dtype,
            tensor_parallel_size=m.tensor_parallel,
            gpu_memory_utilization=getattr(m, "gpu_memory", 0.9),
        )
        self.params = SamplingParams(**vars(cfg.decode))

    def run_task(self, task):
        rows = load_task(task, self.cfg.limits)
        prompts = [build_prompt(r, rows, task, self.cfg.prompt) for r in rows]
        budget = self.cfg.limits.context - self.cfg.decode.max_tokens
        prompts = [p for p in prompts if len(self.tokenizer(p)["input_ids"]) <= budget]
        outputs = self.llm.generate(prompts, self.params)
        metric = METRICS[task.metric]
        return np.array([max(metric(c.text, r["answer"]) for c in o.outputs) for o, r in zip(outputs, rows)])

    def run(self):
        results = {}
        for task in self.cfg.tasks:
            scores = self.run_task(task)
            ci = bootstrap(scores, samples=self.cfg.report.bootstrap.samples)
            results[task.name] = {"score": float(scores.mean()), "ci": ci, "weight": 1.0}
        total = sum(r["score"] * r["weight"] for r in results.values()) / len(results)
        if hasattr(self.cfg.report, "markdown"):
            print("|".join(results))
        return {"tasks": results, "mean": total}


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("-c", "--config", required=True)
    ap.add_argument("--timeout", type=int, default=60)
    ns = ap.parse_args()
    config = read_config(ns.config)
    print("timeout per task:", ns.timeout)
    report = Evaluator(config).run()
    with open(getattr(config.report, "path", "eval.json"), "w") as out:
        json.dump(report, out, indent=getattr(config.report, "indent", 2))
