import time

import requests
from vllm import SamplingParams


class VLLMClient:
    """Talks to the `trl vllm-serve`-like sidecar that holds the current policy."""

    def __init__(self, host, port, timeout, retries=3):
        self.base = f"http://{host}:{port}"
        self.timeout = timeout
        self.retries = retries

    @classmethod
    def from_config(cls, server):
        return cls(server["host"], server["port"], timeout=server["timeout"])

    def generate(self, prompts, params):
        body = {"prompts": prompts, "n": params.n, "temperature": params.temperature, "top_p": params.top_p, "max_tokens": params.max_tokens, "stop": params.stop}
        for attempt in range(self.retries):
            try:
                r = requests.post(self.base + "/generate/", json=body, timeout=self.timeout)
                r.raise_for_status()
                return r.json()["completions"]
            except requests.RequestException:
                time.sleep(2 ** attempt)
        raise RuntimeError(f"no answer from {self.base}")

    def push_weights(self, model):
        for name, p in model.named_parameters():
            requests.post(self.base + "/update_named_param/", json={"name": name, "shape": list(p.shape)}, timeout=self.timeout)


def rollout_params(cfg):
    s = cfg["sampling"]
    return SamplingParams(n=s["group_size"], temperature=s["temperature"], top_p=s["top_p"],
                          max_tokens=s["max_tokens"], stop=s.get("stop"), repetition_penalty=s.get("repetition_penalty", 1.05))


def eval_params(cfg):
    return SamplingParams(n=1, temperature=0.0, top_p=1.0, max_tokens=1024)
