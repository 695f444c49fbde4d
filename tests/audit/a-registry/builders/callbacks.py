import time


class Checkpoint:
    def __init__(self, opts):
        self.dir, self.interval = opts["dir"], opts["interval"]

    def on_step(self, step, model):
        if step % self.interval == 0:
            model.save_pretrained(f"{self.dir}/step{step}")


class Throughput:
    def __init__(self, opts):
        self.window, self.t0 = opts.get("window", 100), time.time()

    def on_step(self, step, model):
        if step % self.window == 0:
            print(f"{self.window / (time.time() - self.t0):.2f} it/s")
            self.t0 = time.time()


class EarlyStop:
    def __init__(self, opts):
        self.patience = opts["patience"]

    def on_step(self, step, model):
        self.patience -= 1


CALLBACKS = {"checkpoint": Checkpoint, "throughput": Throughput}
