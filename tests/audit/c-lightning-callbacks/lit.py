import lightning.pytorch as pl
import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, get_cosine_schedule_with_warmup


class LitSFT(pl.LightningModule):
    def __init__(self, cfg):
        super().__init__()
        self.save_hyperparameters()
        self.cfg = cfg
        model = AutoModelForCausalLM.from_pretrained(cfg["model"]["name"])
        if cfg["model"]["freeze_embeddings"]:
            model.get_input_embeddings().requires_grad_(False)
        self.net = get_peft_model(model, LoraConfig(r=cfg["model"]["lora_rank"], lora_alpha=cfg["model"].get("lora_alpha", 32)))

    def _loss(self, batch):
        logits = self.net(batch["input_ids"]).logits[:, :-1]
        return F.cross_entropy(logits.flatten(0, 1), batch["labels"][:, 1:].flatten(), label_smoothing=self.hparams["cfg"]["loss"]["label_smoothing"])

    def _z_loss(self, logits):
        return self.cfg["loss"]["z_weight"] * logits.logsumexp(-1).pow(2).mean()

    def training_step(self, batch, batch_idx):
        loss = self._loss(batch)
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        self.log("val/loss", self._loss(batch), sync_dist=True)

    def layerwise_groups(self):
        decay = self.cfg["optim"]["layer_decay"]
        layers = list(self.net.base_model.model.model.layers)
        return [{"params": l.parameters(), "lr": self.lr * decay ** (len(layers) - i)} for i, l in enumerate(layers)]

    @property
    def lr(self):
        return self.cfg["optim"]["lr"]

    def configure_optimizers(self):
        o = self.cfg["optim"]
        opt = torch.optim.AdamW(filter(lambda p: p.requires_grad, self.parameters()), lr=self.lr, weight_decay=o["weight_decay"], betas=o.get("betas", (0.9, 0.999)))
        sched = get_cosine_schedule_with_warmup(opt, o["warmup_steps"], self.cfg["trainer"]["max_steps"])
        return {"optimizer": opt, "lr_scheduler": {"scheduler": sched, "interval": "step"}}
