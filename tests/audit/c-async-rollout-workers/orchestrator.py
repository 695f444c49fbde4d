import asyncio
import itertools
import json
import queue
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import aiohttp
import torch
import yaml
from transformers import AutoModelForCausalLM, AutoTokenizer

from verify import scorer


async def complete(session, url, prompt, sp, timeout_s=60):
    body = {"prompt": prompt, "temperature": sp["temperature"], "max_tokens": sp["max_tokens"], "n": sp["n"], "top_p": sp["top_p"]}
    async with session.post(f"{url}/completions", json=body, timeout=timeout_s) as r:
        return [c["text"] for c in (await r.json())["choices"]]


async def rollout_worker(wid, cfg, jobs, results, pool):
    ro = cfg["rollout"]
    url = ro["endpoints"][wid % len(ro["endpoints"])]
    loop, fn = asyncio.get_running_loop(), scorer(cfg)
    async with aiohttp.ClientSession() as session:
        while True:
            row, sp = await jobs.get()
            texts = await complete(session, url, row["prompt"], sp)
            futures = [loop.run_in_executor(pool, fn, t, row["answer"]) for t in texts]
            rewards = await asyncio.gather(*futures)
            results.put((row["prompt"], texts, rewards))
            jobs.task_done()


async def feed(cfg, jobs):
    with open(cfg["prompts"]) as fh:
        for line in itertools.cycle(fh.readlines()):
            await jobs.put((json.loads(line), cfg["rollout"]["sampling"]))


async def produce(cfg, results):
    jobs = asyncio.Queue(cfg["rollout"]["concurrency"])
    with ProcessPoolExecutor(max_workers=cfg["reward"]["processes"]) as pool:
        workers = [rollout_worker(i, cfg, jobs, results, pool) for i in range(cfg["rollout"]["workers"])]
        await asyncio.gather(feed(cfg, jobs), *workers)


class Learner(threading.Thread):
    def __init__(self, conf, results, batch):
        super().__init__(name="learner")
        self.conf, self.results, self.batch = conf, results, batch
        self.tok = AutoTokenizer.from_pretrained(conf["model"])
        self.net = AutoModelForCausalLM.from_pretrained(conf["model"]).cuda()

    def run(self):
        opt = torch.optim.AdamW(self.net.parameters(), lr=self.conf["lr"])
        for step in range(self.conf["steps"]):
            for _ in range(self.batch):
                prompt, texts, rewards = self.results.get()
                adv = torch.tensor(rewards) - torch.tensor(rewards).mean()
                enc = self.tok([prompt + t for t in texts], return_tensors="pt", padding=True).to("cuda")
                lp = -self.net(**enc, labels=enc.input_ids).loss
                (-(adv.mean() * lp) + self.conf["beta"] * lp.pow(2)).backward()
            opt.step()
            opt.zero_grad()
            if step % self.conf.get("publish_every", 1) == 0:
                self.publish(step)

    def publish(self, step):
        self.net.save_pretrained(f"/dev/shm/policy-{step}")

    def sync(self, step):
        if step % self.conf["sync_every"] == 0:
            torch.cuda.synchronize()


def monitor(results, size):
    while True:
        threading.Event().wait(30)
        print(f"queue {results.qsize()}/{size}")


def launch():
    with open("cfg.yaml") as f:
        cfg = yaml.safe_load(f)
    results = queue.Queue(maxsize=cfg["queue"]["size"])
    learner = Learner(cfg["learner"], results, cfg["queue"]["batch"])
    learner.start()
    with ThreadPoolExecutor(max_workers=2) as ex:
        ex.submit(monitor, results, cfg["queue"]["size"])
        ex.submit(asyncio.run, produce(cfg, results))
    learner.join()
