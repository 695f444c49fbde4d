import copy
import os


class CheckpointMixin:
    def on_step(self, step):
        super().on_step(step)
        ck = self.config["checkpoint"]
        if step % ck["every"]:
            return
        folder = os.path.join(ck["dir"], self.run["name"], str(step))
        self.model.save_pretrained(folder)
        self.prune(ck.get("keep", 3))

    def prune(self, keep):
        root = os.path.join(self.config["checkpoint"]["dir"], self.run["name"])
        for old in sorted(os.listdir(root), key=int)[:-keep]:
            os.rename(os.path.join(root, old), os.path.join(root, f".{old}"))


class EMAMixin:
    def on_step(self, step):
        super().on_step(step)
        if not hasattr(self, "shadow"):
            self.shadow = copy.deepcopy(self.model)
        d = self.config["ema"]["decay"]
        for a, b in zip(self.shadow.parameters(), self.model.parameters()):
            a.data.lerp_(b.data, 1 - d)
