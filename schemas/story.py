"""Everything that a report knows of the field, handed over in one piece."""

from __future__ import annotations

from confguard.schemas.catalogue import RULES
from confguard.schemas.checklist import CHECKLIST, HEADLINE, STEPS, share_of_run
from confguard.schemas.effects import EFFECTS, GROUPS
from confguard.schemas.norms import published
from confguard.schemas.parameters import MEANINGS
from confguard.words.language import Said
from confguard.words.story import Story

STORY = Story(
    groups=GROUPS,
    effects=EFFECTS,
    checklist=CHECKLIST,
    steps=STEPS,
    headline=HEADLINE,
    targets=("max_steps", "num_generations"),
    shares=frozenset({"domain_ratios"}),
    figures={"warmup_steps": share_of_run},
    meanings=MEANINGS,
    rules={code: Said(rule.text.partition("\n")[0], rule.zh) for code, rule in RULES.items()},
    norms=published,
)
