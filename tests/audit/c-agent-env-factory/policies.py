import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


class HFPolicy:
    def __init__(self, conf, device):
        self.conf = conf
        self.tok = AutoTokenizer.from_pretrained(conf["model"])
        self.model = AutoModelForCausalLM.from_pretrained(conf["model"]).to(device)

    def act(self, obs):
        s = self.conf["sampling"]
        enc = self.tok(obs, return_tensors="pt", padding=True).to(self.model.device)
        out = self.model.generate(**enc, do_sample=True, temperature=s["temperature"], max_new_tokens=s["max_new_tokens"], top_k=s.get("top_k", 50))
        return self.tok.batch_decode(out, skip_special_tokens=True)

    def logprob(self, text):
        enc = self.tok(text, return_tensors="pt").to(self.model.device)
        return -self.model(**enc, labels=enc.input_ids).loss


class RemotePolicy:
    def __init__(self, conf, device, stop_on_tool=True):
        self.url = f"http://{device}/{conf['model']}"
        self.stop_on_tool = stop_on_tool

    def act(self, obs):
        raise NotImplementedError(self.url if self.stop_on_tool else None)
