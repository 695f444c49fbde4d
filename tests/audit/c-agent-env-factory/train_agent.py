import collections
import os
import random

import torch
import yaml

import envs
import policies


def returns(rewards, gamma):
    out, g = [], 0.0
    for r in reversed(rewards):
        g = r + gamma * g
        out.append(g)
    return out[::-1]


def rollout(env, policy, seed):
    obs, _ = env.reset(seed=seed)
    texts, rewards, done = [], [], False
    while not done:
        action = policy.act([obs])[0]
        obs, r, terminated, truncated, _ = env.step(action)
        texts.append(action)
        rewards.append(r)
        done = terminated or truncated
    return texts, rewards


class Learner:
    def __init__(self, policy, conf):
        self.policy, self.conf = policy, conf
        self.opt = torch.optim.AdamW(policy.model.parameters(), lr=conf["lr"])
        self.update_fn = getattr(self, "update_" + conf["algo"])

    def update_reinforce(self, batch):
        base = sum(g for _, g in batch) / len(batch)
        for text, g in batch:
            (-(g - base) * self.policy.logprob(text)).backward()
        self.finish()

    def update_filtered(self, batch):
        for text, g in batch:
            if g > 0:
                self.policy.logprob(text).mul(-1).backward()
        self.finish()

    def sync_target(self):
        if self.steps % self.conf["target_update"] == 0:
            self.target.load_state_dict(self.policy.model.state_dict())

    def finish(self):
        torch.nn.utils.clip_grad_norm_(self.policy.model.parameters(), self.conf.get("clip", 1.0))
        self.opt.step()
        self.opt.zero_grad()


def main():
    with open(os.path.join(os.path.dirname(__file__), "agent.yaml")) as f:
        cfg = yaml.safe_load(f)
    profile = cfg["profiles"][os.environ["AGENT_PROFILE"]]
    random.seed(cfg["seed"])
    torch.set_num_threads(profile["num_workers"])

    pool = [envs.make(cfg["env"]) for _ in range(cfg["env"]["num_envs"])]
    policy_cls = getattr(policies, cfg["policy"]["cls"])
    policy = policy_cls(cfg["policy"], profile["device"])
    buffer = collections.deque(maxlen=cfg["buffer"]["capacity"])
    lc = cfg["learner"]
    learner = Learner(policy, lc)

    for update in range(lc["updates"]):
        for i, env in enumerate(pool):
            texts, rewards = rollout(env, policy, seed=update * len(pool) + i)
            buffer.extend(zip(texts, returns(rewards, lc["gamma"])))
        learner.update_fn(random.sample(list(buffer), min(lc["batch_size"], len(buffer))))
    policy.model.save_pretrained(cfg["run_dir"])


if __name__ == "__main__":
    main()
