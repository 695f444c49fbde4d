import json
import os
import random
from pathlib import Path

import click
import yaml
from vllm import LLM, SamplingParams

from bench.scoring import score


def load(path, pairs=()):
    cfg = yaml.safe_load(Path(path).read_text())
    for pair in pairs:
        dotted, _, value = pair.partition("=")
        *parents, leaf = dotted.split(".")
        node = cfg
        for p in parents:
            node = node.setdefault(p, {})
        node[leaf] = yaml.safe_load(value)
    return cfg


@click.group()
@click.option("-c", "--config", "config_path", default="configs/eval.yaml", type=click.Path())
@click.option("-s", "--set", "pairs", multiple=True, help="section.key=value")
@click.pass_context
def cli(ctx, config_path, pairs):
    ctx.obj = load(config_path, pairs)


@cli.command()
@click.option("--checkpoint", default=None)
@click.option("--seed", default=1234, show_default=True)
@click.option("--temperature", type=float)
@click.option("--limit", type=int, default=None)
@click.pass_obj
def run(cfg, checkpoint, seed, temperature, limit):
    gen = cfg["generation"]
    if temperature is not None:
        gen["temperature"] = temperature
    cfg["run"]["seed"] = seed
    random.seed(cfg["run"]["seed"])

    shots = cfg["profiles"][os.environ["BENCH_PROFILE"]]["shots"]
    llm = LLM(checkpoint or cfg["checkpoint"])
    params = SamplingParams(
        n=gen["n"],
        temperature=gen["temperature"],
        max_tokens=gen.get("max_new_tokens", 512),
        stop=gen["stop"],
    )
    out = Path(cfg["run"]["out"])
    out.mkdir(parents=True, exist_ok=True)
    click.echo(f"engine: {gen['engine']}")
    for suite, path in cfg["suites"].items():
        rows = [json.loads(x) for x in open(path)][:limit]
        pool = random.sample(rows, shots)
        head = "".join(f"Q: {r['question']}\nA: {r['answer']}\n\n" for r in pool)
        prompts = [f"{head}Q: {r['question']}\nA:" for r in rows]
        done = llm.generate(prompts, params)
        res = [
            score([o.text for o in d.outputs], r["answer"], cfg["scoring"])
            for d, r in zip(done, rows)
        ]
        (out / f"{suite}.json").write_text(json.dumps(res))


@cli.command("report")
@click.option("--title", default="Evaluation")
@click.pass_obj
def make_report(cfg, title):
    rep = cfg["report"]
    sep = {"markdown": "|", "csv": ",", "tsv": "\t"}[rep["format"]]
    click.echo(title)
    for f in sorted(Path(cfg["run"]["out"]).glob("*.json")):
        res = json.loads(f.read_text())
        for k in res[0]:
            mean = sum(r[k] for r in res) / len(res)
            click.echo(sep.join([f.stem, f"pass@{k}", f"{mean:.{rep['digits']}f}"]))
    if footer := rep.get("footer"):
        click.echo(footer)


if __name__ == "__main__":
    cli()
