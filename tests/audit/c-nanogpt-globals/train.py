"""
Pretrain a small GPT. Single GPU:   python train.py config/train_fineweb.yaml
8 GPUs:   torchrun --standalone --nproc_per_node=8 train.py config/train_fineweb.yaml
"""
import math
import os
import sys
from contextlib import nullcontext

import numpy as np
import torch
import yaml
from torch.distributed import destroy_process_group, init_process_group
from torch.nn.parallel import DistributedDataParallel as DDP

from model import GPT, GPTConfig

# I/O
out_dir = 'out'
eval_interval = 2000
eval_iters = 200
log_interval = 1
always_save_checkpoint = True
init_from = 'scratch'  # 'scratch' or 'resume'
# wandb
wandb_log = False
wandb_project = 'owt'
wandb_run_name = 'gpt2'
# data
dataset = 'openwebtext'
gradient_accumulation_steps = 5 * 8
batch_size = 12
block_size = 1024
# model
n_layer = 12
n_head = 12
n_embd = 768
dropout = 0.0
bias = False
# adamw
learning_rate = 6e-4
max_iters = 600000
weight_decay = 1e-1
betas = (0.9, 0.95)
grad_clip = 1.0
# lr decay
decay_lr = True
warmup_iters = 2000
lr_decay_iters = 600000
min_lr = 6e-5
# system
backend = 'nccl'
device = 'cuda'
dtype = 'bfloat16'
compile = True
# -----------------------------------------------------------------------------
config_keys = [k for k, v in globals().items() if not k.startswith('_') and isinstance(v, (int, float, bool, str))]
with open(sys.argv[1]) as f:
    for k, v in yaml.safe_load(f).items():
        if k in config_keys:
            globals()[k] = v
        else:
            print(f"unrecognised setting {k}, skipping")
config = {k: globals()[k] for k in config_keys}
# -----------------------------------------------------------------------------
ddp = int(os.environ.get('RANK', -1)) != -1
if ddp:
    init_process_group(backend=backend)
    device = f"cuda:{os.environ['LOCAL_RANK']}"
    gradient_accumulation_steps //= int(os.environ['WORLD_SIZE'])
master_process = not ddp or int(os.environ['RANK']) == 0

os.makedirs(out_dir, exist_ok=True)
torch.manual_seed(1337)
device_type = 'cuda' if 'cuda' in device else 'cpu'
dtype = 'bfloat16' if torch.cuda.is_bf16_supported() else 'float16'
ptdtype = {'bfloat16': torch.bfloat16, 'float16': torch.float16}[dtype]
ctx = nullcontext() if device_type == 'cpu' else torch.amp.autocast(device_type=device_type, dtype=ptdtype)
data_dir = os.path.join('data', dataset)


def get_batch(split):
    data = np.memmap(os.path.join(data_dir, f'{split}.bin'), dtype=np.uint16, mode='r')
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([torch.from_numpy(data[i:i + block_size].astype(np.int64)) for i in ix])
    y = torch.stack([torch.from_numpy(data[i + 1:i + 1 + block_size].astype(np.int64)) for i in ix])
    return x.to(device), y.to(device)


model_args = dict(n_layer=n_layer, n_head=n_head, n_embd=n_embd, block_size=block_size, bias=bias, dropout=dropout)
model = GPT(GPTConfig(**model_args)).to(device)
optimizer = model.configure_optimizers(weight_decay, learning_rate, betas, device_type)
iter_num, best_val_loss = 0, 1e9
if init_from == 'resume':
    checkpoint = torch.load(os.path.join(out_dir, 'ckpt.pt'), map_location=device)
    model.load_state_dict(checkpoint['model'])
    iter_num = checkpoint['iter_num']
raw_model = model
if compile:
    model = torch.compile(model)
if ddp:
    model = DDP(model)


@torch.no_grad()
def estimate_loss():
    losses = torch.zeros(eval_iters)
    for i in range(eval_iters):
        with ctx:
            losses[i] = model(*get_batch('val'))[1].item()
    return losses.mean()


def get_lr(it):
    if it < warmup_iters:
        return learning_rate * it / warmup_iters
    if it > lr_decay_iters:
        return min_lr
    ratio = (it - warmup_iters) / (lr_decay_iters - warmup_iters)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (learning_rate - min_lr)


if wandb_log and master_process:
    import wandb
    wandb.init(project=wandb_project, name=wandb_run_name, config=config)

while iter_num <= max_iters:
    lr = get_lr(iter_num) if decay_lr else learning_rate
    for group in optimizer.param_groups:
        group['lr'] = lr
    if iter_num % eval_interval == 0 and master_process:
        val = estimate_loss()
        if val < best_val_loss:
            best_val_loss = val
            torch.save({'model': raw_model.state_dict(), 'iter_num': iter_num, 'config': config}, os.path.join(out_dir, 'ckpt.pt'))
    for _ in range(gradient_accumulation_steps):
        with ctx:
            loss = model(*get_batch('train'))[1] / gradient_accumulation_steps
        loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), grad_clip)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    if iter_num % log_interval == 0 and master_process:
        print(f"iter {iter_num}: loss {loss.item():.4f}")
    iter_num += 1
if ddp:
    destroy_process_group()
