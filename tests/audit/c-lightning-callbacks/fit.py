import sys

import lightning.pytorch as pl
import yaml
from datasets import load_from_disk
from torch.utils.data import DataLoader
from transformers import AutoTokenizer, DataCollatorForLanguageModeling

from hooks import build_callbacks
from lit import LitSFT


class ChatData(pl.LightningDataModule):
    def __init__(self, section, tokenizer):
        super().__init__()
        self.section = section
        self.tok = tokenizer

    def setup(self, stage=None):
        raw = load_from_disk(self.section["path"])
        self.ds = raw.map(lambda r: self.tok(r["text"], truncation=True, max_length=self.section["max_length"]))

    def _loader(self, split, shuffle=False):
        return DataLoader(self.ds[split], batch_size=self.section["batch_size"], shuffle=shuffle, num_workers=self.section["num_workers"],
                          collate_fn=DataCollatorForLanguageModeling(self.tok, mlm=False), pin_memory=self.section.get("pin_memory", True))

    def train_dataloader(self):
        return self._loader("train", shuffle=True)

    def val_dataloader(self):
        return self._loader("validation")


def cli_main():
    cfg = yaml.safe_load(open(sys.argv[1]))
    pl.seed_everything(cfg.get("seed", 1))
    data = ChatData(cfg["data"], AutoTokenizer.from_pretrained(cfg["model"]["name"]))
    trainer = pl.Trainer(callbacks=build_callbacks(cfg["callbacks"]), **cfg["trainer"])
    trainer.fit(LitSFT(cfg), datamodule=data)


if __name__ == "__main__":
    cli_main()
