import random
import subprocess

import gymnasium as gym


class ToolMathEnv(gym.Env):
    """Multi-turn arithmetic with a calculator tool."""

    def __init__(self, max_turns, tool_timeout, reward_scale, tools, **_):
        self.max_turns = max_turns
        self.tool_timeout = tool_timeout
        self.reward_scale = reward_scale
        self.tools = set(tools)

    def reset(self, *, seed=None, options=None):
        a, b = random.Random(seed).sample(range(10_000), 2)
        self.gold, self.turn = a * b, 0
        return f"What is {a} * {b}? Tools: {', '.join(sorted(self.tools))}", {}

    def step(self, action):
        self.turn += 1
        done = str(self.gold) in action
        obs = self.call_tool(action) if "python" in self.tools and not done else ""
        return obs, self.reward_scale * float(done), done, self.turn >= self.max_turns, {}

    def call_tool(self, action):
        code = action.partition("```python")[2].partition("```")[0]
        return subprocess.run(["python", "-c", code], capture_output=True, text=True, timeout=10).stdout


class CodeRepairEnv(gym.Env):
    sandbox = "bwrap"

    def __init__(self, max_turns, **_):
        self.cmd = [self.sandbox, "pytest", "-x"]
        self.max_turns = max_turns

    def step(self, action):
        p = subprocess.run(self.cmd, input=action, text=True, timeout=60)
        return "", float(p.returncode == 0), True, False, {}


def make(spec):
    cls = globals()[spec["name"]]
    return gym.wrappers.TimeLimit(cls(**spec["kwargs"]), max_episode_steps=spec["max_episode_steps"])
