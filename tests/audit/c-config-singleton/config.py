"""Global settings. Import as `from config import CFG`; parsed once, at first import."""
import os
from types import SimpleNamespace

import yaml

_PATH = os.environ.get("HYBRID_CFG", os.path.join(os.path.dirname(__file__), "settings", "pretrain_hybrid.yaml"))


def _ns(obj):
    if isinstance(obj, dict):
        return SimpleNamespace(**{k: _ns(v) for k, v in obj.items()})
    return obj


with open(_PATH) as _fh:
    CFG = _ns(yaml.safe_load(_fh))

CFG.train.device = "cuda"
HEAD_DIM = CFG.model.d_model // CFG.model.n_heads
