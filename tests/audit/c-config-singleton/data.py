import numpy as np
import torch

import config


class Shards(torch.utils.data.IterableDataset):
    prefetch_factor = 2

    def __init__(self, d=config.CFG.data):
        self.files = [f"{d.root}/{i:05d}.bin" for i in range(d.shards)]
        self.window = d.seq_len + 1

    def __iter__(self):
        for f in self.files:
            arr = np.memmap(f, dtype=np.uint16, mode="r")
            for i in range(0, len(arr) - self.window, self.window):
                yield torch.from_numpy(arr[i:i + self.window].astype(np.int64))


def loader():
    d = vars(config.CFG.data)
    return torch.utils.data.DataLoader(Shards(), batch_size=d["batch_size"], num_workers=d["workers"], prefetch_factor=Shards.prefetch_factor)
