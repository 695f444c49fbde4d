from itertools import islice

from datasets import load_dataset


class Mixture:
    def __init__(self, plan, rng):
        self.rng = rng
        self.weights = {}
        self.epochs = {}
        for name, dom in plan["domains"].items():
            self.weights[name] = dom["weight"]
            self.epochs[name] = dom["max_epochs"]
        self.sources = {}
        for d in plan["datasets"]:
            if not d.get("enabled", True):
                continue
            stream = load_dataset(d["format"], data_dir=d["path"], split="train", streaming=True)
            self.sources.setdefault(d["domain"], []).append((stream, d["text_key"]))

    def texts(self):
        names = [n for n in self.sources if self.weights[n] > 0]
        seen = dict.fromkeys(names, 0)
        live = {n: self._walk(n) for n in names}
        while live:
            n = self.rng.choices(list(live), [self.weights[k] for k in live])[0]
            try:
                yield next(live[n])
            except StopIteration:
                seen[n] += 1
                if seen[n] >= self.epochs[n]:
                    del live[n]
                else:
                    live[n] = self._walk(n)

    def _walk(self, name):
        for stream, key in self.sources[name]:
            for row in islice(stream, 1_000_000):
                yield row[key]
