import logging
import sys

import yaml

from sft_trainer import SFTTrainer


def run(path):
    config = yaml.safe_load(open(path, encoding="utf-8"))
    logging.info("config: %s", config)
    trainer = SFTTrainer(config)
    trainer.fit()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    run(sys.argv[1])
