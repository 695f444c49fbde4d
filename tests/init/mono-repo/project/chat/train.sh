#!/bin/sh
# The recipes of the chat models, one after the other.
accelerate launch --config_file recipes/accelerate.yaml \
    -m trl.scripts.sft --config recipes/long.yaml
trl sft --config recipes/short.yaml
