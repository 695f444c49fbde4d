"""A project that names its code: what check, diff, migrate and report say of keys that this code does not read.

The trainer of `tests/audit_mission` is in the style of the mission's. It reads every key of both files but three, and has a value of its own
for one of these. It is followed, never run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from confguard.checking.pipeline import Report, check
from confguard.checking.setting import BadUsage, Options
from confguard.project.project import BadProject
from confguard.schemas.catalogue import CATALOGUE
from confguard.words.finding import Finding

ROOT = Path(__file__).parent
UNREAD = ["warmup_steps", "generation_config.max_tokens", "generation_config.top_k"]
NO_EFFECT = {"en": "no effect: no code reads it", "zh": "无效果：代码不读取此键"}
SMALL = """\
import torch
import yaml

with open("config/training.yaml") as file:
    config = yaml.safe_load(file)

"""


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mission after its restoration, with the state before and the trainer's code beside it."""
    shutil.copytree(ROOT / "mission" / "after" / "config", tmp_path / "config")
    shutil.copytree(ROOT / "mission" / "before" / "config", tmp_path / "before")
    shutil.copytree(ROOT / "audit_mission" / "trainer", tmp_path / "trainer")
    monkeypatch.chdir(tmp_path)
    edit("before/training.yaml", "\nwarmup_steps: 100 ", "\nwarmup_steps: 50 ")
    edit("before/training.yaml", "# 20% of", "# 10% of")
    Path("confguard.yaml").write_text("code: [trainer]\n")


def edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text(encoding="utf-8")
    assert text.count(old) == 1
    Path(path).write_text(text.replace(old, new), encoding="utf-8")


def found(options: Options = Options(), path: str = "config") -> list[Finding]:
    return [finding for finding in report_of(options, path).findings if finding.code.startswith(("AUDIT", "WAIVE"))]


def report_of(options: Options = Options(), path: str = "config") -> Report:
    return check([path], CATALOGUE, options)


def told(findings: list[Finding]) -> list[tuple[str, str | None, bool]]:
    return [(finding.code, finding.key, finding.waiver is not None) for finding in findings]


def confguard(*arguments: str) -> str:
    command = [sys.executable, "-m", "confguard", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env={**os.environ, "PYTHONUTF8": "1"})
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


# --- check ---


def test_what_no_code_reads_is_told_where_it_stands() -> None:
    findings = found()
    assert told(findings) == [("AUDIT001", key, False) for key in UNREAD]
    warmup, tokens, top_k = findings
    assert tokens.message == "`generation_config.max_tokens` is read by no code; trainer/rollout.py:30 has max_tokens=2048 in generate()"
    assert tokens.help == "change the value there, or let the code read the key"
    assert warmup.message == "`warmup_steps` is read by no code"
    text = Path("config/training.yaml").read_text(encoding="utf-8")
    for finding, name in ((warmup, "warmup_steps"), (tokens, "max_tokens"), (top_k, "top_k")):
        assert text[finding.span.start.offset : finding.span.end.offset] == name
        assert (finding.severity, finding.fails, finding.file) == ("warning", "never", "config/training.yaml")


def test_one_file_of_a_run_is_judged_as_in_the_whole_of_it() -> None:
    assert found(path="config/aflow_llm.yaml") == []
    assert told(found(path="config/training.yaml")) == [("AUDIT001", key, False) for key in UNREAD]


def test_a_file_that_no_code_opens_is_told_once() -> None:
    findings = [finding for finding in found(path=".") if finding.file == "before/aflow_llm.yaml"]
    assert [(finding.code, finding.message, finding.span.start.offset) for finding in findings] == [
        ("AUDIT001", "no code opens this file", 0)
    ]


def test_the_code_need_not_open_what_the_project_compares_with() -> None:
    for named in ("before", f"../{Path.cwd().name}/before", "before/training.yaml"):
        Path("confguard.yaml").write_text(f"code: [trainer]\nreferences: {{reference: {named}}}\n")
        opened = [finding.file for finding in found(path=".") if finding.message == "no code opens this file"]
        assert opened == ([] if named != "before/training.yaml" else ["before/aflow_llm.yaml"])
    Path("confguard.yaml").write_text('code: [trainer]\nreferences: {reference: "profile:reference", before: before}\n')
    assert [finding.file for finding in found(path=".") if finding.message == "no code opens this file"] == ["before/aflow_llm.yaml"]


def test_a_project_that_names_no_code_hears_nothing_of_it() -> None:
    Path("confguard.yaml").write_text("")
    edit("config/training.yaml", "top_k: 50", "top_k: 50  # confguard: ignore[AUDIT001] our server reads it")
    assert found() == []  # nor is the ignore useless: its rule could not run
    for form in ("text", "json", "markdown", "html"):
        assert "no effect" not in confguard("diff", "profile:reference", "config", "--format", form)
    assert "AUDIT" not in confguard("report", "profile:reference", "config", "--before", "before")


def test_ignores_and_waivers() -> None:
    Path("confguard.yaml").write_text(
        "code: [trainer]\nwaivers:\n  - {parameter: generation_config.max_tokens, value: 4096, reason: another server reads it, expires: never}\n"
    )
    edit("config/training.yaml", "top_k: 50", "top_k: 50  # confguard: ignore[AUDIT001] the server of the cluster reads it")
    edit("config/training.yaml", "top_p: 0.95", "top_p: 0.95  # confguard: ignore[AUDIT001] it is read after all")
    assert told(found()) == [
        ("AUDIT001", "warmup_steps", False),
        ("AUDIT001", "generation_config.max_tokens", True),
        ("WAIVE003", None, False),
        ("AUDIT001", "generation_config.top_k", True),
    ]


def test_ignore_without_a_reason() -> None:
    edit("config/training.yaml", "top_k: 50", "top_k: 50  # confguard: ignore[AUDIT001]")
    assert told(found())[2:] == [("AUDIT001", "generation_config.top_k", False), ("WAIVE004", None, False)]


@pytest.mark.parametrize(
    ("rules", "options", "severities"),
    [
        ("", Options(select=("AUDIT",)), ["warning"] * 3),
        ("", Options(select=("LORA",)), []),
        ("", Options(ignore=("AUDIT001",)), []),
        ("rules: {select: [AUDIT001]}\n", Options(), ["warning"] * 3),
        ("rules: {ignore: [AUDIT]}\n", Options(), []),
        ("rules: {severity: {AUDIT: info}}\n", Options(), ["info"] * 3),
        ("rules: {severity: {AUDIT001: error}}\n", Options(), ["error"] * 3),
    ],
)
def test_select_ignore_and_severity(rules: str, options: Options, severities: list[str]) -> None:
    Path("confguard.yaml").write_text("code: [trainer]\n" + rules)
    assert [finding.severity for finding in found(options)] == severities


def test_a_project_without_code_may_name_the_rules() -> None:
    Path("confguard.yaml").write_text("rules: {severity: {AUDIT001: error}, ignore: [AUDIT006]}\n")
    assert found() == []
    Path("confguard.yaml").write_text("rules: {ignore: [AUDIT999]}\n")
    with pytest.raises(BadUsage, match="there is no rule AUDIT999"):
        found()


def test_what_a_command_line_lays_over_a_file_is_no_key_of_it() -> None:
    sets = (("generation_config.max_tokens", "64"), ("generation_config.min_p", "0.1"))
    assert told(found(Options(sets=sets))) == [("AUDIT001", key, False) for key in UNREAD]


def test_profiles_and_past_states_are_not_asked_about() -> None:
    shown = json.loads(confguard("check", "--format", "json", "config/training.yaml"))
    assert [finding["key"] for finding in shown["findings"] if finding["code"] == "AUDIT001"] == UNREAD
    assert "AUDIT" not in confguard("report", "config", "profile:reference")


@pytest.mark.parametrize(
    ("code", "rule", "key", "words", "line"),
    [
        ('torch.x(config.get("eval_batch", 8))', "AUDIT002", "eval_batch", "own default rules: 8 (small.py:7)", 1),
        ('torch.x(config["generation_config"].get("min_p", 0.1))', "AUDIT002", "generation_config.min_p", "rules: 0.1", 31),
        (
            'torch.x(config.get("eval_batch", 8), config.get("eval_batch", 16))',
            "AUDIT003",
            "eval_batch",
            "`eval_batch`: 8, 16 (small.py:7)",
            1,
        ),
        (
            'config["max_steps"] = 3\ntorch.x(config["max_steps"])',
            "AUDIT004",
            "max_steps",
            "is overwritten before anything reads it (small.py:7)",
            10,
        ),
        ('torch.x(config["seed"])', "AUDIT005", "seed", "asks for `seed` without a default (small.py:7)", 1),
        ('rank = config["lora_rank"]', "AUDIT006", "lora_rank", "nothing is done with it (small.py:7)", 39),
    ],
)
def test_each_rule(code: str, rule: str, key: str, words: str, line: int) -> None:
    """Each at its key, at its section's where it is absent, or at the start of the file."""
    Path("confguard.yaml").write_text("code: [small.py]\n")
    Path("small.py").write_text(SMALL + code + "\n")
    (one,) = [item for item in found(path="config/training.yaml") if item.code == rule]
    assert (one.key, one.span.start.line) == (key, line)
    assert words in one.message
    assert one.help


def test_defaults_of_a_key_that_is_there_do_nothing() -> None:
    Path("confguard.yaml").write_text("code: [small.py]\n")
    Path("small.py").write_text(SMALL + 'torch.x(config.get("lora_rank", 8), config.get("lora_rank", 16))\n')
    assert [item for item in found(path="config/training.yaml") if item.code == "AUDIT003"] == []


def test_a_key_under_another_parent() -> None:
    Path("confguard.yaml").write_text("code: [small.py]\n")
    Path("small.py").write_text(SMALL + 'torch.x(config.get("sampling", {}).get("top_k", 5))\n')
    (one,) = [item for item in found() if item.key == "generation_config.top_k"]
    assert "the code asks for `sampling.top_k` (small.py:7)" in one.message


def test_secrets_of_the_code_stay_there() -> None:
    edit("config/aflow_llm.yaml", '    api_key: "${OPENAI_API_KEY}"      # from the environment, never in the file\n', "")
    edit("trainer/executor.py", 'settings["api_key"]', 'settings.get("api_key", "correct-horse-battery")')
    (one,) = [item for item in found() if item.code == "AUDIT002"]
    assert one.key == "models.gpt-4o-mini.api_key"
    assert "correct-horse" not in str(one)
    assert one.span.start.line == 3


@pytest.mark.parametrize("code", ["[nowhere]", "[trainer, src/nowhere.py]"])
def test_code_that_is_not_there(code: str) -> None:
    Path("confguard.yaml").write_text(f"run_name: x\ncode: {code}\n")
    with pytest.raises(BadProject, match=r"^confguard.yaml:2:\d+: `code` names .*nowhere.*, which is not there; name files or folders"):
        found()
    Path("confguard.yaml").write_text("code: trainer\n")
    with pytest.raises(BadProject, match="code"):
        found()


def test_the_code_is_loaded_only_where_it_is_named() -> None:
    for project, is_loaded in (("", "False"), ("code: [trainer]\n", "True")):
        Path("confguard.yaml").write_text(project)
        program = (
            "import sys\nfrom confguard.checking.pipeline import check\nfrom confguard.schemas.catalogue import CATALOGUE\n"
            "check(['config'], CATALOGUE)\nprint(any(name.startswith('confguard.audit') for name in sys.modules))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == is_loaded


# --- diff and migrate ---


def test_a_diff_says_that_a_change_has_no_effect() -> None:
    rows = json.loads(confguard("diff", "before", "config", "--format", "json"))["rows"]
    silent = {row["key"] for row in rows if row["note"] and NO_EFFECT["en"] in row["note"]}
    assert silent == set(UNREAD)
    (ratio,) = [row for row in rows if row["key"] == "warmup_ratio"]
    assert ratio["note"] == "no effect: no code reads the keys that changed"
    for form in ("text", "markdown", "html"):
        for lang, said in NO_EFFECT.items():
            assert confguard("diff", "before", "config", "--format", form, "--lang", lang).count(said) == 3


def test_a_derived_value_says_that_it_rests_on_what_no_code_reads() -> None:
    rows = json.loads(confguard("diff", "profile:reference", "config", "--format", "json"))["rows"]
    notes = [row["note"] for row in rows if row["kind"] == "derived" and row["note"]]
    assert "it rests on `generation_config.max_tokens`, which no code reads" in notes
    page = confguard("diff", "profile:reference", "config", "--format", "markdown")
    assert "sampling temperature over the run" in page
    assert "learning rate over the run" not in page  # nobody warms up


def test_a_migration_says_it_at_the_edit() -> None:
    edit("before/training.yaml", "  max_tokens: 2048\n", "")  # a key that is put in has no effect either
    text = confguard("migrate", "before", "--to", "profile:reference")
    assert text.count(NO_EFFECT["en"]) == 3
    shown = json.loads(confguard("migrate", "before", "--to", "profile:reference", "--format", "json"))
    edits = [row for file in shown["files"] for row in file["edits"]]
    assert {row["key"] for row in edits if row["note"] == NO_EFFECT["en"]} == set(UNREAD)
    assert {row["note"] for row in edits if row["key"] not in UNREAD} == {None}
    Path("confguard.yaml").write_text("")
    assert NO_EFFECT["en"] not in confguard("migrate", "before", "--to", "profile:reference")


# --- report ---


def marked(page: str, said: str) -> set[str]:
    """The keys of table rows that have some words."""
    return {line.split("`")[1] for line in page.splitlines() if line.startswith("| `") and said in line}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_report_marks_changes_without_effect_and_tells_no_effects_of_them(lang: str) -> None:
    arguments = ("report", "profile:reference", "config", "--before", "before", "--lang", lang)
    page = confguard(*arguments)
    changes = page.partition("\n### config/training.yaml\n")[2].partition("\n## ")[0]
    assert marked(changes, NO_EFFECT[lang]) == set(UNREAD)
    assert confguard(*arguments, "--format", "html").count(NO_EFFECT[lang]) >= 3
    Path("confguard.yaml").write_text("")
    without = confguard(*arguments)
    assert NO_EFFECT[lang] not in without
    gone = effects(without, lang) - effects(page, lang)
    assert effects(page, lang) < effects(without, lang)
    assert len(gone) >= 2  # of warm-up and of the longest completion, at least
    for words in ("50", "2,048"):
        assert any(re.search(rf"(?<![\d,.]){words}(?![\d,.])", sentence) for sentence in gone)
        assert not any(re.search(rf"(?<![\d,.]){words}(?![\d,.])", sentence) for sentence in effects(page, lang))


def effects(page: str, lang: str) -> set[str]:
    """The sentences of a report on what is to be expected."""
    title = {"en": "\n## What is to be expected\n", "zh": "\n## 预期效果\n"}[lang]
    return {line for line in page.partition(title)[2].partition("\n## ")[0].splitlines() if line.startswith("- ")}


def test_a_report_advises_nothing_that_has_no_effect() -> None:
    assert "Cut answers" not in confguard("report", "profile:reference", "config")
    Path("confguard.yaml").write_text("")
    assert "Cut answers" in confguard("report", "profile:reference", "config")
