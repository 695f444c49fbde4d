import lightning.pytorch as pl
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint


class SampleWriter(pl.Callback):
    def __init__(self, prompts, every_n_epochs, max_new_tokens):
        self.prompts = prompts
        self.every = every_n_epochs
        self.max_new_tokens = max_new_tokens

    def on_validation_epoch_end(self, trainer, pl_module):
        if trainer.current_epoch % self.every:
            return
        tok = trainer.datamodule.tok
        for p in self.prompts:
            enc = tok(p, return_tensors="pt").to(pl_module.device)
            out = pl_module.net.generate(**enc, do_sample=True, temperature=1.0, max_new_tokens=self.max_new_tokens)
            trainer.logger.log_text("samples", [p], [tok.decode(out[0])])


KINDS = {"checkpoint": ModelCheckpoint, "samples": SampleWriter, "lr": LearningRateMonitor}


def build_callbacks(entries):
    return [KINDS[e["type"]](**e["args"]) for e in entries]
