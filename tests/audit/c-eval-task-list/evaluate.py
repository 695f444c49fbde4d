"""Run a suite: python evaluate.py suites/reasoning.yaml [--tasks gsm8k arc]"""
import argparse
import json
import statistics
from pathlib import Path

import torch
import yaml
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer

from metrics import METRICS, bootstrap_stderr


class Harness:
    def __init__(self, suite):
        self.suite = suite
        m = suite["model"]
        self.tok = AutoTokenizer.from_pretrained(m["path"], padding_side="left")
        self.model = AutoModelForCausalLM.from_pretrained(m["path"], **m["args"])

    def tasks(self, only=None):
        for entry in self.suite["tasks"]:
            if only and entry["name"] not in only:
                continue
            yield {**self.suite["defaults"], **entry, "shots": entry.get("num_fewshot", 0)}

    def prompt(self, row, shots):
        head = "\n\n".join(f"Q: {s['question']}\nA: {s['answer']}" for s in shots)
        return f"{head}\n\nQ: {row['question']}\nA:"

    @torch.inference_mode()
    def run_task(self, task):
        ds = load_dataset(task["path"], split=task["split"])
        shots = list(ds.select(range(task["shots"])))
        if task["limit"]:
            ds = ds.select(range(task["limit"]))
        metric, scores, samples = METRICS[task["metric"]], [], []
        for i in range(0, len(ds), task["batch_size"]):
            rows = list(ds.select(range(i, i + task["batch_size"])))
            enc = self.tok([self.prompt(r, shots) for r in rows], return_tensors="pt", padding=True)
            out = self.model.generate(**enc, **task["generation"])
            for r, text in zip(rows, self.tok.batch_decode(out, skip_special_tokens=True)):
                scores.append(metric(text, r["answer"]))
                samples.append({"q": r["question"], "out": text, "score": scores[-1]})
        return scores, samples


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("suite")
    ap.add_argument("--tasks", nargs="*")
    ap.add_argument("--format", choices=["json", "table"], default="table")
    args = ap.parse_args()
    suite = yaml.safe_load(Path(args.suite).read_text())
    h, report = Harness(suite), {}
    out = Path(suite["output"]["dir"])
    for task in h.tasks(args.tasks):
        scores, samples = h.run_task(task)
        report[task["name"]] = {"score": statistics.mean(scores), "stderr": bootstrap_stderr(scores)}
        if suite["output"]["save_samples"]:
            (out / f"{task['name']}.jsonl").write_text("\n".join(map(json.dumps, samples)))
    if args.format == "json":
        print(json.dumps(report))
    for name, r in report.items():
        print(f"{name:20s} {r['score']:.3f} +- {r['stderr']:.3f}")
    (out / f"summary.{suite['output'].get('ext', 'json')}").write_text(json.dumps(report))


if __name__ == "__main__":
    main()
