import contextlib
import logging
import os

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def section(cfg, name):
    logger.debug("entering section %s: %s", name, cfg.get(name))
    try:
        yield cfg[name]
    except KeyError as e:
        raise SystemExit(f"config: {name} lacks {e}") from e


def warmup_steps(cfg):
    try:
        return cfg["schedule"]["warmup"]
    except KeyError:
        return cfg["run"]["steps"] // 20


def save_interval(run):
    try:
        return int(run["save_every"])
    except KeyError:
        return max(run["steps"] // 10, 1)


def workers(data):
    n = data.get("workers")
    if n is None:
        n = os.cpu_count()
    return n


def ema(run):
    if "ema" in run:
        return run["ema"]["decay"]
    return None
