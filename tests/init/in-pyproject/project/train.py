"""Reads the whole config, and two keys of our own."""

import sys

import yaml

from loop import run

if __name__ == "__main__":
    with open(sys.argv[1] if len(sys.argv) > 1 else "config/training.yaml") as file:
        config = yaml.safe_load(file)
    run(**config)
    print(config["my_seed"], config["team"]["budget"])
