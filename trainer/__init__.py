"""The room of the trainer: the only one that may import torch, transformers, trl, peft and datasets.

It takes a run that a clean check made, and nothing else. Nothing is in it yet.
"""
