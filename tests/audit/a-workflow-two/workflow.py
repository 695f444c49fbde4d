import asyncio
import re


class Workflow:
    PROMPT = "Solve the problem. Return only Python code.\n\n{problem}"

    def __init__(self, llm, plan):
        self.llm = llm
        self.plan = plan

    async def __call__(self, problem):
        answer = await self.llm.chat(self.PROMPT.format(problem=problem))
        if "Review" in self.plan:
            answer = await self.llm.chat(f"Review this code:\n{answer}", max_tokens=800)
        return re.sub(r"```(python)?", "", answer)


def run_batch(llm, plans, problem):
    async def _go():
        return await asyncio.gather(*(Workflow(llm, p)(problem["prompt"]) for p in plans))

    return asyncio.run(_go())
