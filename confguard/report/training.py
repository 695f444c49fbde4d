"""A training run for people: a line while it goes on, and a summary with a plot at its end, as text and as blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from confguard.report.blocks import Block, Bullets, Chart, Heading, Series, Table, TableRow
from confguard.report.paint import Line
from confguard.report.safe import clean, in_lines
from confguard.words.spelling import number
from confguard.words.training import Begun, Ended, Evaluated, Event, Logged, Note, Saved, Step

BARS = "▁▂▃▄▅▆▇█"
WINDOW = 5
"""Steps at each end of a run whose mean says what was learnt."""


def event_lines(event: Event, width: int) -> Iterator[Line]:
    """What is said of an event, where it is more than one of many."""
    draw = _DRAWN.get(type(event))
    return draw(event, width) if draw else iter(())


def _begun(event: Begun, width: int) -> Iterator[Line]:
    indent = max(map(len, event.facts), default=0) + 2
    for name, value in event.facts.items():
        for place, line in enumerate(in_lines(clean(value), width - indent)):
            yield [("dim", f"{'' if place else name:<{indent}}"), ("", line)]
    if event.done:
        yield [("", f"goes on after step {event.done} of {event.steps}")]


def _note(event: Note, width: int) -> Iterator[Line]:
    yield [(event.severity, f"{event.severity}: "), ("", clean(event.text))]


def _saved(event: Saved, width: int) -> Iterator[Line]:
    yield [("dim", f"saved {clean(event.folder)}")]


def _evaluated(event: Evaluated, width: int) -> Iterator[Line]:
    domains = ", ".join(f"{clean(name)} {value:.2f}" for name, value in event.domains.items())
    yield [("strong", f"{event.what}: "), ("", f"reward {event.reward:.2f} of 10 after step {event.step} ({domains})")]


_DRAWN: dict[type, Callable[..., Iterator[Line]]] = {Begun: _begun, Note: _note, Saved: _saved, Evaluated: _evaluated}


def progress(step: Step, steps: int, logged: Logged | None, width: int) -> Line:
    """One line: how far the run is, its reward, what TRL logged last."""
    bar = _bar(step.step / steps, 20)
    said = [f"step {step.step}/{steps}", *([f"reward {step.reward:.2f}"] if step.reward is not None else [])]
    if logged is not None:
        said += [
            f"{name.replace('_', ' ')} {number(value)}" for name in ("loss", "kl") if isinstance(value := logged.values.get(name), float)
        ]
    said += [f"temperature {number(round(step.temperature, 4))}"] if step.temperature is not None else []
    said.append(f"{step.seconds:.1f} s a step")
    return [("good", bar + " "), ("", "  ".join(said)[: width - len(bar) - 2])]


def _bar(share: float, width: int) -> str:
    done = round(share * width)
    return "━" * done + "─" * (width - done)


def summary(ended: Ended, width: int) -> Iterator[Line]:
    """What came of a run."""
    yield []
    yield [("strong", f"{ended.how} after step {ended.step}")]
    rewards = [step.reward for step in ended.history if step.reward is not None]
    if len(rewards) >= 2:
        first, last = _ends(rewards)
        yield [("dim", "reward  "), ("good", spark(rewards, min(width - 30, 60))), ("", f"  {first:.2f} to {last:.2f} of 10")]
        for name, learnt in by_name(ended.history, "domains").items():
            yield [("dim", f"  {clean(name):<12} "), ("", learnt)]
    for name, points in curves(ended.history).items():
        values = [value for _, value in points]
        if len(values) >= 2:
            yield [
                ("dim", f"{clean(name)}  "),
                ("good", spark(values, min(width - 40, 60))),
                ("", f"  {number(values[0])} to {number(values[-1])}"),
            ]
    if ended.checkpoint:
        yield [("dim", "checkpoint  "), ("", clean(ended.checkpoint))]
    if ended.how == "interrupted":
        yield [("help", "go on with the same command and --resume")]


def spark(values: Sequence[float], width: int) -> str:
    """A curve in one line, from its least to its greatest value; each sign is the mean of what it stands for.

    >>> spark([0, 1, 2, 3], 4)
    '▁▃▆█'
    """
    size = max(1, math.ceil(len(values) / max(width, 1)))
    means = [sum(part) / len(part) for part in (values[place : place + size] for place in range(0, len(values), size))]
    low, high = min(means), max(means)
    return "".join(BARS[round((value - low) / (high - low) * (len(BARS) - 1)) if high > low else 0] for value in means)


def _ends(values: Sequence[float]) -> tuple[float, float]:
    size = min(WINDOW, max(len(values) // 2, 1))
    return sum(values[:size]) / size, sum(values[-size:]) / size


def by_name(history: Sequence[Step], kind: str) -> dict[str, str]:
    """What was learnt of each domain, or by each part of the reward: the mean of its first and of its last steps."""
    found: dict[str, list[float]] = {}
    for step in history:
        for name, value in getattr(step, kind).items():
            found.setdefault(name, []).append(value)
    scale = "of 10" if kind == "domains" else "of 1"
    learnt = {name: _ends(values) for name, values in found.items()}
    return {name: f"{first:.2f} to {last:.2f} {scale}" for name, (first, last) in learnt.items()}


def curves(history: Sequence[Step]) -> dict[str, list[tuple[float, float]]]:
    """What TRL logged of a native run: name by name, the points over its steps."""
    found: dict[str, list[tuple[float, float]]] = {}
    for step in history:
        for name, value in step.logged.items():
            found.setdefault(name, []).append((float(step.step), value))
    return found


def blocks(ended: Ended, title: str, facts: dict[str, str]) -> list[Block]:
    """The summary as blocks: what the run was, the curves, what was learnt by domain and by part."""
    history = ended.history
    items: list[tuple[str, int, Line]] = [("", 0, [("strong", f"{name}: "), ("", clean(value))]) for name, value in facts.items()]
    state = "good" if ended.how == "done" else "warning"
    items.append((state, 0, [("strong", f"{ended.how} after step {ended.step}")]))
    made: list[Block] = [Heading(1, title), Bullets(items)]
    rewards = [(float(step.step), step.reward) for step in history if step.reward is not None]
    if rewards:
        names = list(dict.fromkeys(name for step in history for name in step.domains))
        lines = [Series("reward", rewards)]
        lines += [
            Series(clean(name), [(float(step.step), step.domains[name]) for step in history if name in step.domains]) for name in names
        ]
        made += [Heading(2, "Reward"), Chart("reward by step, 0 to 10", "step", lines)]
        rows = [
            TableRow([[("", clean(name))], [("", learnt)]])
            for kind in ("domains", "parts")
            for name, learnt in by_name(history, kind).items()
        ]
        made += [Heading(2, "What was learnt"), Table(["domain or part", "mean of the first and of the last steps"], rows)]
    for name, points in curves(history).items():
        made += [Heading(2, clean(name)), Chart(f"{clean(name)} by step", "step", [Series(clean(name), points)])]
    return made
