import argparse


def parse():
    p = argparse.ArgumentParser("dpo")
    p.add_argument("config")
    p.add_argument("--lr", type=float)
    p.add_argument("--epochs", type=int)
    p.add_argument("--batch-size", type=int)
    p.add_argument("--beta", type=float, default=None)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--output-dir", default="")
    p.add_argument("--split", default="train")
    p.add_argument("--scheduler", default="linear")
    p.add_argument("--debug", action="store_true")
    p.add_argument("--no-4bit", action="store_true")
    return p.parse_args()


def merge(cfg, args):
    """Command line wins over the file."""
    cfg["seed"] = args.seed
    cfg["runtime"]["debug"] = args.debug
    if args.beta is not None:
        cfg["dpo"]["beta"] = args.beta
    for k in ("lr", "epochs", "batch_size"):
        v = getattr(args, k)
        if v is not None:
            cfg["optim"][k] = v
    cfg["output_dir"] = args.output_dir or cfg["output_dir"]
    if args.no_4bit:
        cfg["model"].update(load_in_4bit=False)
    cfg["data"].update({"split": args.split})
    return cfg
