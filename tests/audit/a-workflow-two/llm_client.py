import asyncio

import yaml
from openai import AsyncOpenAI


class LLMConfig:
    def __init__(self, raw: dict):
        self.model = raw["model_name"]
        self.base_url = raw["base_url"]
        self.key = raw["api_key"]
        self.temperature = raw.get("temperature", 0.7)
        self.top_p = raw.get("top_p", 1.0)
        self.timeout = raw.get("timeout", 60)


class ExecutorLLM:
    def __init__(self, config: LLMConfig, retry: dict):
        self.config = config
        self.retry = retry
        self.client = AsyncOpenAI(api_key=config.key, base_url=config.base_url)

    async def chat(self, prompt: str, system: str = "", max_tokens: int = 1500) -> str:
        messages = [{"role": "user", "content": prompt}]
        if system:
            messages.insert(0, {"role": "system", "content": system})
        last = None
        for attempt in range(self.retry["attempts"]):
            try:
                rsp = await self.client.chat.completions.create(
                    model=self.config.model,
                    messages=messages,
                    temperature=self.config.temperature,
                    top_p=self.config.top_p,
                    max_tokens=max_tokens,
                )
                return rsp.choices[0].message.content
            except Exception as e:
                last = e
                await asyncio.sleep(self.retry.get("base_delay", 1.0) * 2**attempt)
        raise RuntimeError("executor failed") from last


def load_executor(path: str) -> ExecutorLLM:
    with open(path, "r") as f:
        conf = yaml.safe_load(f)
    chosen = conf["models"][conf["default_model"]]
    return ExecutorLLM(LLMConfig(chosen), conf["retry"])
