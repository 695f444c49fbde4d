"""The LLM that runs what the policy wrote."""

from __future__ import annotations

import asyncio
import os

import yaml
from openai import AsyncAzureOpenAI, AsyncOpenAI


class Executor:
    """One model of the executor's file."""

    def __init__(self, path: str, model: str, timeout: int) -> None:
        with open(path, encoding="utf-8") as file:
            models = yaml.safe_load(file)["models"]
        settings = models[model]
        make = AsyncAzureOpenAI if settings["api_type"] == "azure" else AsyncOpenAI
        self.client = make(base_url=settings["base_url"], api_key=os.path.expandvars(settings["api_key"]))
        self.model = settings["model_name"]
        self.temperature = settings.get("temperature", 0)
        self.top_p = settings.get("top_p", 1)
        self.max_tokens = settings.get("max_tokens", 2048)
        self.timeout = timeout

    def run(self, workflow: str, problem: str) -> str:
        return asyncio.run(asyncio.wait_for(self.answer(workflow, problem), self.timeout))

    async def answer(self, workflow: str, problem: str) -> str:
        answer = await self.client.chat.completions.create(
            model=self.model,
            messages=[{"role": "user", "content": f"{workflow}\n\n{problem}"}],
            temperature=self.temperature,
            top_p=self.top_p,
            max_tokens=self.max_tokens,
        )
        return answer.choices[0].message.content
