from .config import load_recipe
from .generate import sample
from .trainer import RLOOTrainer

__all__ = ["RLOOTrainer", "load_recipe", "sample"]
