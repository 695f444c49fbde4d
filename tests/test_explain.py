"""What `confguard explain` tells of parameters over the releases, of keys that are gone, and of what a parameter does to the loss."""

from __future__ import annotations

import re

import pytest

from confguard.cli import run_app
from confguard.report.explain import WIDTH
from confguard.report.safe import columns
from confguard.schemas.catalogue import CATALOGUE
from confguard.schemas.loss_terms import LOSS_TERMS, LossTerm
from confguard.schemas.parameters import PARAMETERS

PAGES = [
    ("beta", "en", ["in aflow-training: kl_loss_coef", "trl-grpo: trl: 0.04 (0.14), 0 (0.19)", "beta * KL(policy || reference)", "DPO010"]),
    ("beta", "zh", ["约束策略", "0.04（0.14）"]),
    ("loss_type", "en", ['trl-grpo: trl: "bnpo" (0.17), "dapo" (0.22)', "in the loss of trl-dpo", "`ipo`"]),
    (
        "max_prompt_length",
        "en",
        ["trl-grpo", "is gone since trl 0.28", "Drop prompts that are longer", "512 (0.14), null (0.26), gone (0.28)"],
    ),
    ("warmup_ratio", "en", ["gone since transformers 5.15", "write warmup_steps"]),
    ("per_device_train_batch_size", "en", ["default by release"]),
    ("report_to", "en", ['transformers: null (4.46), "none" (5.0)']),
    ("vllm_group_port", "en", ["in trl-grpo, trl-rloo: vllm_group_port", "51216 (0.27)"]),
    ("optim", "en", ["depends on other packages (4.54)"]),
]


@pytest.mark.parametrize(("subject", "lang", "words"), PAGES, ids=[f"{subject}-{lang}" for subject, lang, _ in PAGES])
def test_page(subject: str, lang: str, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["explain", subject, "--lang", lang]) == 0
    page = " ".join(capsys.readouterr().out.split())
    for word in words:
        assert word in page


@pytest.mark.parametrize("parameter", sorted({term.parameter for term in LOSS_TERMS}))
def test_pages_are_no_wider_than_a_terminal(parameter: str, capsys: pytest.CaptureFixture[str]) -> None:
    run_app(["explain", parameter])
    lines = capsys.readouterr().out.splitlines()
    in_loss = lines[next((n for n, line in enumerate(lines) if line.startswith("in the loss")), len(lines)) :]
    assert [line for line in in_loss if columns(line) > WIDTH + 2] == []


@pytest.mark.parametrize("term", LOSS_TERMS, ids=lambda term: f"{term.parameter}-{term.kinds[0]}-{term.source[:40]}")
def test_a_term_is_of_a_parameter_that_its_kinds_have(term: LossTerm) -> None:
    shapes = {shape.kind: shape for shape in CATALOGUE.by_release()}
    assert term.parameter in PARAMETERS
    assert all(term.parameter in shapes[kind].names for kind in term.kinds)
    assert re.search("[\u4e00-\u9fff]", term.said.zh)
