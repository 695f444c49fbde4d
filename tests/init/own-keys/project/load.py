"""Loads one config, which is trained elsewhere."""

import yaml

with open("configs/rank16.yaml") as file:
    print(yaml.safe_load(file)["lora_r"])
