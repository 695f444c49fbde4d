from datasets import interleave_datasets, load_dataset, load_from_disk


def open_source(src):
    if src.get("local", False):
        ds = load_from_disk(src["path"])[src.get("split", "train")]
    else:
        ds = load_dataset(src["path"], split=src.get("split", "train"))
    cap = src["max_samples"] if "max_samples" in src else len(ds)
    return ds.select(range(min(cap, len(ds)))).add_column("source", [src["name"]] * len(ds))


def build_mixture(data, seed):
    sources = data["sources"]
    w = [s["weight"] ** data["temperature"] for s in sources]
    probs = [x / sum(w) for x in w]
    mixed = interleave_datasets([open_source(s) for s in sources], probabilities=probs, seed=seed,
                                stopping_strategy=data.get("stopping_strategy", "all_exhausted"))
    return mixed.train_test_split(test_size=data["eval_fraction"], seed=seed)


def pack(rows, max_len, template="chatml"):
    buf = []
    for row in rows:
        buf.extend(row["input_ids"])
        while len(buf) >= max_len:
            yield buf[:max_len]
            buf = buf[max_len:]
