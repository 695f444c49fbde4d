"""The commands as they are run: whole processes, exit codes, streams."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MISSION = Path(__file__).parent / "mission"
TRAINING = "config/training.yaml"


@pytest.fixture(autouse=True)
def _in_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy("before", tmp_path)
    monkeypatch.chdir(tmp_path)


def copy(state: str, to: Path) -> None:
    (to / "config").mkdir(parents=True, exist_ok=True)
    for source in sorted((MISSION / state / "config").iterdir()):
        (to / "config" / source.name).write_bytes(source.read_bytes())


def confguard(*arguments: str, stdin: bytes | None = None, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "confguard", *arguments], input=stdin, capture_output=True, check=False, env={**os.environ, **(env or {})}
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def findings(*arguments: str, stdin: bytes | None = None) -> list[dict[str, Any]]:
    report = json.loads(confguard("check", *arguments, "--format", "json", stdin=stdin).stdout)
    found: list[dict[str, Any]] = report["findings"]
    return found


def codes(*arguments: str) -> list[str]:
    return sorted(finding["code"] for finding in findings(*arguments) if finding["severity"] != "info")


# --- the mission ---


@pytest.mark.parametrize("state", ["after", "reference"])
@pytest.mark.parametrize("reference", [(), ("--reference", "profile:reference")])
def test_restored_configs_are_clean(state: str, reference: tuple[str, ...], tmp_path: Path) -> None:
    copy(state, tmp_path)
    done = confguard("check", "config", *reference)
    assert done.returncode == 0
    assert "0 errors, 0 warnings" in done.stdout


def test_drifted_config_without_a_reference() -> None:
    done = confguard("check", TRAINING)
    assert done.returncode == 1
    assert codes(TRAINING) == ["EXEC005"]
    assert "config/aflow_llm.yaml:3:3: warning EXEC005" in done.stdout


def test_drifted_config_with_the_reference() -> None:
    found = ("EXEC005", "BATCH005", "LORA006", "LORA007")
    assert codes("config", "--reference", "profile:reference") == sorted(found)
    (batch,) = [item for item in findings(TRAINING, "--reference", "profile:reference") if item["code"] == "BATCH005"]
    assert "x2.5" in batch["message"]
    assert "x1.6 (5 -> 8 prompts a step)" in batch["message"]
    assert "is 2.5e-5, the reference's 2e-5" in batch["message"]
    assert batch["help"] == "for this batch the linear rule suggests 3.2e-5, the square-root rule (Adam) 2.53e-5"


# --- exit codes and streams ---


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("check", "no/such.yaml"), 2, "confguard: no/such.yaml: no such file\n"),
        (("check", "config", "--reference", "profile:refrence"), 2, "did you mean reference?"),
        (("check", "config", "--reference", "nowhere"), 2, "no such file, and no reference of that name"),
        (("check", "--set", "max_steps", "config"), 2, "write KEY=VALUE"),
        (("check", "--format", "xml", "config"), 2, "Invalid value for"),
        (("check", "--no-such-option"), 2, "No such option"),
        (("diff", "config"), 2, "Missing argument"),
        (("nonsense",), 2, "No such command"),
        (("explain", "lora_alfa"), 2, "did you mean lora_alpha?"),
    ],
)
def test_what_cannot_run(arguments: tuple[str, ...], code: int, says: str) -> None:
    done = confguard(*arguments)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 1),
        (("--fail-on", "error"), 0),
        (("--fail-on", "info", "--ignore", "EXEC005"), 1),
        (("--ignore", "EXEC"), 0),
        (("--select", "LORA,SCHED"), 0),
        (("--set", "lora_rank=0", "--fail-on", "error"), 1),
    ],
)
def test_what_fails_is_chosen(arguments: tuple[str, ...], code: int) -> None:
    assert confguard("check", "config", *arguments).returncode == code


def test_a_file_that_is_missing_does_not_hide_the_others() -> None:
    done = confguard("check", "no.yaml", TRAINING)
    assert done.returncode == 2
    assert "EXEC005" in done.stdout


def test_standard_input() -> None:
    text = Path(TRAINING).read_bytes().replace(b"lora_rank: 32", b"lora_rank: 0")
    done = confguard("check", "-", stdin=text)
    assert done.returncode == 1
    assert "<stdin>:39:12: error LORA001" in done.stdout


def test_set_checks_as_if_the_file_said_so() -> None:
    assert codes(TRAINING, "--set", "generation_config.max_tokens=99999", "--ignore", "EXEC") == ["SAMPLE007"]
    assert codes(TRAINING, "--set", "max_tokens=99999", "--ignore", "EXEC") == ["SAMPLE007"]
    assert Path(TRAINING).read_bytes() == (MISSION / "before" / TRAINING).read_bytes()


def test_module_and_script_and_version() -> None:
    assert confguard("--version").stdout.startswith("confguard 0.")
    script = Path(sys.executable).with_name("confguard")
    assert subprocess.run([script, "--version"], capture_output=True, check=True).stdout == confguard("--version").stdout.encode()


def test_output_that_nobody_reads() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "confguard", "check", "config"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_plain_ascii_terminals() -> None:
    Path("config/training.yaml").write_text(Path(TRAINING).read_text().replace("warmup_steps: 100 ", "预热: 100 "), encoding="utf-8")
    done = confguard("check", TRAINING, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 1
    assert "\\u9884\\u70ed" in done.stdout


# --- folders ---


def test_folders_are_searched_and_other_yaml_is_skipped() -> None:
    Path("deep/down").mkdir(parents=True)
    Path("deep/down/compose.yml").write_text("services: {web: {image: x}}\n")
    Path("deep/broken.yaml").write_text("{{ helm }}: [\n")
    done = confguard("check", ".", "--show-files")
    assert "2 files checked, 2 skipped" in done.stdout
    assert "skipped  deep/down/compose.yml" in done.stdout
    assert "skipped  deep/broken.yaml  not readable as YAML" in done.stdout


def test_what_git_ignores_is_not_searched() -> None:
    subprocess.run(["git", "init", "-q", "."], check=True)
    copy("before", Path("old"))
    Path(".gitignore").write_text("old/\n")
    assert confguard("check", ".").stdout.count("EXEC005") == 2  # the finding, and the hint at explain
    assert "2 files checked" in confguard("check", ".").stdout
    assert confguard("check", "old").returncode == 0
    assert confguard("check", f"old/{TRAINING}").returncode == 1  # but what is named is checked


def test_a_broken_config_is_a_finding_not_a_skip() -> None:
    Path("broken.yaml").write_text("learning_rate: [\n")
    assert codes("broken.yaml") == ["YAML001"]


# --- formats ---


def test_json_is_as_promised() -> None:
    report = json.loads(confguard("check", "config", "--format", "json").stdout)
    assert list(report) == ["version", "findings", "summary", "targets"]
    assert report["version"] == 1
    assert {"files", "errors", "warnings", "infos", "waived"} <= set(report["summary"])
    first = report["findings"][0]
    assert list(first) == [
        "code", "name", "severity", "message", "key", "keys", "file", "start", "end", "help", "fix", "fails", "waiver", "url",
    ]  # fmt: skip
    assert first["code"] == "EXEC005"
    assert first["key"] == "models.gpt-4o-mini.max_tokens"
    assert first["keys"] == ["models.gpt-4o-mini.max_tokens", "generation_config.max_tokens"]
    assert first["start"] == {"line": 3, "column": 3}
    assert first["end"] == {"line": 3, "column": 16}
    assert first["fix"] is None
    assert first["fails"] == "never"


def test_json_has_the_edits_of_a_fix() -> None:
    Path(TRAINING).write_text(Path(TRAINING).read_text().replace("0.00005", "5e-5"))
    (finding,) = [item for item in findings(TRAINING) if item["code"] == "YAML010"]
    assert finding["fix"] == {
        "safety": "safe",
        "edits": [{"start": {"line": 14, "column": 16}, "end": {"line": 14, "column": 20}, "text": "5.0e-5"}],
    }


def test_concise_is_one_line_a_finding() -> None:
    lines = confguard("check", "config", "--format", "concise").stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("config/aflow_llm.yaml:3:3: warning EXEC005 the executor gpt-4o-mini has no")


def test_text_of_a_finding() -> None:
    Path(TRAINING).write_text(Path(TRAINING).read_text().replace("0.00005", "5e-5"))
    assert (
        "config/training.yaml:14:16: error YAML010 number-read-as-string\n"
        '  `learning_rate` is read as the string "5e-5", not as a number: YAML 1.1 readers such as PyYAML\n'
        "  want a dot and a signed exponent\n"
        "  14 | learning_rate: 5e-5   # peak, after warmup\n"
        "     |                ^^^^\n"
        "  help: write 5.0e-5 (safe fix)\n"
        "  unchecked, the run fails when the trainer starts, after the model is loaded\n"
    ) in confguard("check", TRAINING).stdout


# --- diff, report and explain ---


def test_diff_as_text() -> None:
    done = confguard("diff", "profile:reference", "config")
    assert done.returncode == 1
    rows = {" ".join(line.split()) for line in done.stdout.splitlines()}
    assert "~ learning_rate 2e-5 -> 5e-5 higher, x2.5 drift" in rows
    assert "- max_tokens 4096 -> - gone" in rows
    assert "= samples 15,000 -> 24,000 higher, x1.6" in rows
    assert "13 changed, 0 added, 1 removed, 0 waived, 1 identity, 36 unchanged, 13 derived" in rows


@pytest.mark.parametrize("options", [(), ("--lang", "en")], ids=["directly", "through typer"])
def test_diff_of_a_file_with_itself_is_empty(options: tuple[str, ...]) -> None:
    done = confguard("diff", TRAINING, TRAINING, *options)
    summary = "0 changed, 0 added, 0 removed, 0 waived, 44 unchanged, 0 derived"
    assert (done.returncode, done.stdout) == (0, f"Nothing differs.\n{summary}\n")


def test_a_side_can_be_standard_input() -> None:
    done = confguard("diff", "profile:reference", "-", stdin=Path(TRAINING).read_bytes().replace(b"lora_rank: 32", b"lora_rank: 8"))
    assert "<stdin>" in done.stdout
    assert "64 -> 8" in done.stdout
    twice = confguard("diff", "-", "-", stdin=b"a: 1")
    assert (twice.returncode, twice.stderr) == (2, "confguard: only one side can be standard input; name a file for the other\n")


def test_what_is_no_mapping_is_compared_as_a_whole() -> None:
    Path("list.yaml").write_text("- a\n- b\n")
    Path("empty.yaml").write_text("")
    for form in ("text", "markdown", "html"):
        done = confguard("diff", "list.yaml", "empty.yaml", "--format", form)
        assert done.returncode == 1
        assert "the whole file" in done.stdout


def test_identity_is_no_difference(tmp_path: Path) -> None:
    other = Path("other.yaml")
    text = Path(TRAINING).read_text()
    other.write_text(text.replace("batch-6workflows-tuned", "batch-6workflows-again").replace("[0]", "[3]"))
    done = confguard("diff", TRAINING, "other.yaml")
    assert done.returncode == 0
    assert "2 identity" in done.stdout


def test_meaning_is_compared_not_text() -> None:
    text = Path(TRAINING).read_text()
    Path("other.yaml").write_text(
        text.replace("0.00005", "5.0e-5").replace('"q_proj,v_proj,up_proj,down_proj"', "[down_proj, q_proj, v_proj, up_proj]")
        + "use_rslora: false\n"
    )
    assert confguard("diff", TRAINING, "other.yaml").returncode == 0


def test_unknown_kinds_are_compared_by_structure() -> None:
    Path("a.yaml").write_text("x: {y: [1, 2]}\nz: 1\n")
    Path("b.yaml").write_text("x: {y: [1, 3]}\nw: 1\n")
    done = confguard("diff", "a.yaml", "b.yaml", "--format", "json")
    rows = [(row["key"], row["status"]) for row in json.loads(done.stdout)["rows"]]
    assert rows == [("x.y", "drift"), ("z", "gone"), ("w", "new")]
    assert confguard("diff", "a.yaml", "b.yaml", "--exit-zero").returncode == 0


def test_diff_with_a_git_revision_and_a_name_of_the_project() -> None:
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t.invalid"]
    subprocess.run([*git, "init", "-q", "."], check=True)
    subprocess.run([*git, "add", "config"], check=True)
    subprocess.run([*git, "commit", "-qm", "before"], check=True)
    Path(TRAINING).write_text(Path(TRAINING).read_text().replace("lora_rank: 32", "lora_rank: 64"))
    Path("confguard.yaml").write_text("references: {reference: 'git:HEAD:config', current: config}\n")
    done = confguard("diff", "reference", "current")
    assert done.returncode == 1
    assert "1 changed, 0 added, 0 removed" in done.stdout


def test_diff_never_prints_a_secret() -> None:
    path = Path("config/aflow_llm.yaml")
    path.write_text(path.read_text().replace("${OPENAI_API_KEY}", "sk-proj-4f9aB72kQmZx81LrTn0W"))
    for format_ in ("text", "json", "markdown", "html"):
        assert "4f9aB72k" not in confguard("diff", "profile:reference", "config", "--format", format_).stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_report_in_both_formats(lang: str) -> None:
    copy("after", Path("after"))
    for form, start in (("markdown", "# "), ("html", "<!doctype html>")):
        done = confguard("report", "profile:reference", "after/config", "--before", "config", "--lang", lang, "--format", form)
        assert (done.returncode, done.stderr) == (1, "")  # no project file waives the batch and the temperature here
        assert done.stdout.lower().startswith(start)
    alone = confguard("report", "profile:reference", "config", "--lang", lang)
    assert alone.returncode == 1
    assert {"en": "What changed", "zh": "参数变更对比"}[lang] not in alone.stdout


def test_explain_rule_and_parameter() -> None:
    assert "alpha/rank" in confguard("explain", "LORA004").stdout
    assert "alpha/rank" in confguard("explain", "lora-scale-unusual").stdout
    assert "缩放" in confguard("explain", "LORA004", "--lang", "zh").stdout
    page = confguard("explain", "learning_rate").stdout
    assert "published (GRPO, LoRA): 1e-6 - 5e-5, median 1e-5, 12 configs" in page
    assert "BATCH005" in page
    assert "峰值学习率" in confguard("explain", "learning_rate", "--lang", "zh").stdout
    assert confguard("explain", "generation_config.max_tokens").stdout.startswith("max_completion_length")
