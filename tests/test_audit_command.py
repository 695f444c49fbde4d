"""`confguard audit` as it is run: exit codes, what each format says, what is masked, what is refused, what is not fatal."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from confguard.__main__ import _run
from confguard.audit.asked import MISSING
from confguard.audit.audit import Audit, audit, config_of
from confguard.audit.modules import Problem
from confguard.audit.places import Site
from confguard.audit.twins import Twin
from confguard.audit.verdict import CONFLICT, DEAD, HIDDEN, PASSED_ON, PHANTOM, READ, SHADOWED, UNKNOWN, Default, Verdict
from confguard.report.audit import audit_text
from confguard.report.audit_json import audit_json
from confguard.report.audit_markdown import audit_blocks
from confguard.report.audit_words import has_findings
from confguard.report.markdown import markdown
from confguard.report.safe import columns, visible

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "audit"
TOKEN = "sk-abcdefghij0123456789"
Run = Callable[[str], tuple[int, str, str]]
COUNTS = ["files", "read", "read-dead", "phantom", "passed-on", "shadowed", "unknown", "hidden", "conflict", "missing"]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def runs(arguments: str) -> tuple[int, str, str]:
        code = _run(["audit", *shlex.split(arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return runs


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(file: str, text: str | bytes) -> None:
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_bytes(text.encode() if isinstance(text, str) else text)


def project(config: str, code: str) -> None:
    write("config/a.yaml", config)
    write("src/train.py", f'import yaml\n\nwith open("config/a.yaml") as file:\n    cfg = yaml.safe_load(file)\n{code}\n')


# --- exit codes ---


@pytest.mark.parametrize(
    ("config", "code", "exit_code", "says"),
    [
        ("lr: 1.0", 'run(lr=cfg["lr"])', 0, "The code reads every key: 1 key in 1 file, followed through 1 Python file."),
        ("lr: 1.0\nextra: 2", 'run(lr=cfg["lr"])', 1, "config/a.yaml:2  extra: 2"),
        ("lr: 1.0", 'cfg["lr"] = 2.0\nrun(lr=cfg["lr"])', 1, "config/a.yaml:1  lr: 1    src/train.py:5"),
        ("lr: 1.0", 'run(lr=cfg["lr"], seed=cfg.get("seed", 7))', 1, "config/a.yaml  seed: 7    src/train.py:5"),
        ("lr: 1.0", 'run(lr=cfg["lr"], seed=cfg["seed"])', 1, "config/a.yaml  seed    src/train.py:5"),
        ("lr: 1.0", 'run(cfg.get("lr", 1))\nrun(cfg.get("lr", 2))', 1, "conflict"),
        ("lr: 1.0", 'print(cfg["lr"])', 0, "config/a.yaml:1  lr    src/train.py:5  only shown or logged"),
        ("x: {lr: 1.0}", 'from lib import Trainer\nTrainer(**cfg["x"])', 0, "passed-on"),
        ("lr: 1.0", 'import os\nrun(cfg[os.environ["K"]])', 0, "unknown"),
    ],
)
def test_exit_codes(config: str, code: str, exit_code: int, says: str, here: Path, run: Run) -> None:
    project(config, code)
    found = run("config --code src")
    assert (found[0], found[2]) == (exit_code, ""), found
    assert says in found[1]


def test_all_is_read_takes_one_line(here: Path, run: Run) -> None:
    project("lr: 1.0", 'run(lr=cfg["lr"])')
    _, out, _ = run("config --code src")
    assert out.count("\n") == 1
    _, out, _ = run("config --code src --show-read")
    assert "\n\nread: where, and what gets the value\n  config/a.yaml:1  lr    src/train.py:5" in out


def test_an_empty_config_has_no_keys(here: Path, run: Run) -> None:
    project("", "")
    assert run("config --code src") == (0, "0 keys in 1 file, followed through 1 Python file.\n", "")


def test_a_file_of_several_documents_keeps_its_lines(here: Path, run: Run) -> None:
    project("lr: 1.0\nextra: 2\n---\nseed: 3\nmore: 4\n", "")
    write("src/train.py", 'import yaml\n\nfor cfg in yaml.safe_load_all(open("config/a.yaml")):\n    run(cfg["lr"], cfg["seed"])\n')
    _, out, _ = run("config --code src")
    assert "config/a.yaml:2  extra: 2\n  config/a.yaml:5  more: 4\n" in out


# --- the cases ---


@pytest.mark.parametrize(
    ("case", "configs", "lines"),
    [
        (
            "a-workflow-two",
            "config",
            [
                "27 keys in 2 files, followed through 3 Python files: 19 read, 2 read-dead, 6 phantom, 4 hidden",
                'config/llm_executor.yaml:4   models.executor-small.api_type: "openai"',
                "config/training.yaml:10      policy.max_new_tokens: 2048",
                "train.py:34                max_new_tokens=512 in sample_plans()",
                "config/training.yaml:1       run_name                         train.py:18",
                "config/training.yaml      policy.lora_dropout: 0.05    train.py:29",
            ],
        ),
        (
            "a-temp-deleted",
            "config",
            [
                'config/default.yaml:1   experiment: "rloo-math"',
                "config/default.yaml:15  reward.length_penalty.slope: 0.001",
                "config/default.yaml  temperature_schedule.initial: 1.2        schedule.py:7",
            ],
        ),
        (
            "a-unopened",
            "config/train.yaml config/train.yaml.example config/deepspeed.yaml",
            [
                'config/train.yaml:10  tracking.entity: "nlp-lab"',
                "config/train.yaml.example  no code opens this file: 9 keys",
                "config/deepspeed.yaml  no code opens this file: 5 keys",
                "config/train.yaml  optim.weight_decay: 0.1    pretrain.py:52",
            ],
        ),
    ],
)
def test_cases(case: str, configs: str, lines: list[str], monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.chdir(CASES / case)
    code, out, err = run(f"{configs} --code .")
    assert (code, err) == (1, "")
    told = [line.strip() for line in out.splitlines()]
    for line in lines:
        assert any(one.startswith(line) for one in told), f"{line!r} is not in\n{out}"
    assert all(columns(line) <= 100 for line in out.splitlines())
    assert "zero_optimization" not in out  # said once for the file


def test_twins_stand_beside_or_below(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES / "a-workflow-two")
    found = audit([config_of("config/training.yaml")], ["."], [], lambda name: None)
    wide, narrow = drawn(found, 120), drawn(found, 80)
    assert "  config/training.yaml:10  policy.max_new_tokens: 2048    train.py:34" in wide
    assert (
        "  config/training.yaml:10  policy.max_new_tokens: 2048\n    train.py:34            max_new_tokens=512 in sample_plans()" in narrow
    )


def drawn(found: Audit, width: int = 100, show_read: bool = False) -> str:
    return "\n".join(visible("".join(text for _, text in line)).rstrip() for line in audit_text(found, width, show_read))


# --- JSON and Markdown ---


def test_json(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.chdir(CASES / "a-workflow-two")
    code, out, _ = run("config --code . --format json")
    data = json.loads(out)
    assert code == 1
    assert list(data) == ["version", "keys", "defaults", "problems", "summary"]
    assert data["version"] == 1
    assert all(list(key) == ["config", "key", "class", "reads", "into", "twin", "note", "line"] for key in data["keys"])
    assert all(list(one) == ["config", "key", "kind", "values", "sites"] for one in data["defaults"])
    assert list(data["summary"]) == COUNTS
    assert data["summary"] == dict(zip(COUNTS, [2, 19, 2, 6, 0, 0, 0, 4, 0, 0], strict=True))
    keys = {(key["config"], key["key"]): key for key in data["keys"]}
    assert keys["config/training.yaml", "policy.lora_rank"] == {
        "config": "config/training.yaml",
        "key": "policy.lora_rank",
        "class": "read",
        "reads": [{"file": "train.py", "line": 27}],
        "into": "LoraConfig(r=)",
        "twin": None,
        "note": None,
        "line": 8,
    }
    twin = keys["config/training.yaml", "policy.max_new_tokens"]["twin"]
    assert twin == {"file": "train.py", "line": 34, "text": "max_new_tokens=512 in sample_plans()"}
    dropout = {"config": "config/training.yaml", "key": "policy.lora_dropout", "kind": "hidden"}
    assert {**dropout, "values": [0.05], "sites": [{"file": "train.py", "line": 29}]} in data["defaults"]


def test_markdown(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.chdir(CASES / "a-workflow-two")
    code, out, _ = run("config --code . --format markdown")
    assert code == 1
    assert out.startswith("# What the code reads of the configs\n\n27 keys in 2 files, followed through 3 Python files: 19 read, ")
    rows = [re.sub(r" +", " ", line) for line in out.splitlines()]
    assert "| Key | Value | Line | Instead |" in rows
    twin = "`max_new_tokens=512 in sample_plans()` in `train.py:34`"
    assert f"| `policy.max_new_tokens` | `2048` | `config/training.yaml:10` | {twin} |" in rows
    assert "| `policy.lora_dropout` | `config/training.yaml` | `0.05` | `train.py:29` |" in rows


def test_markdown_of_the_rest(here: Path, run: Run) -> None:
    project("a: 1\nb: 2", 'cfg["a"] = 3\nrun(cfg["a"], cfg["c"], cfg.get("b", 1), cfg.get("b", 4))')
    write("config/other.yaml", "width: 1\nheight: 2")
    write("src/broken.py", "def f(:\n    yaml\n")
    _, out, _ = run("config --code src --format markdown --show-read")
    rows = [re.sub(r" +", " ", line) for line in out.splitlines()]
    assert "| `a` | `1` | `config/a.yaml:1` | `src/train.py:5` |" in rows
    assert "| `c` | `config/a.yaml` | none: missing | `src/train.py:6` |" in rows
    assert "| `b` | `config/a.yaml` | `1 or 4` | `src/train.py:6`: 1 or 4 |" in rows
    assert "- ❌ `config/other.yaml`: 2 keys" in rows
    assert any(row.startswith("- ⚠️ `src/broken.py`: no Python 3") for row in rows)
    assert "## Read" in rows


def test_markdown_where_nothing_is_found(here: Path, run: Run) -> None:
    project("lr: 1.0", 'run(lr=cfg["lr"])')
    code, out, _ = run("config --code src --format markdown")
    assert (code, out.count("#")) == (0, 1)
    assert "Nothing found" in out


# --- secrets, control characters ---


def hostile(here: Path) -> Audit:
    """An audit that says everything, of a config with secrets in all places."""
    write(
        "a.yaml",
        f'api_key: hunter2\npassword: 12345\nurl: "https://ann:correcthorse@host"\n"\\e[31m": {TOKEN}\nsecret: {{deep: s3cr3t}}\nlr: 1',
    )
    config = config_of("a.yaml")
    site = Site("./src/\x1b[31mtrain.py", 3)
    twin = Twin(site, "api_key='hunter2' in run()")
    kinds = [PHANTOM, PHANTOM, SHADOWED, DEAD, UNKNOWN, PASSED_ON, READ]
    notes = f"{TOKEN} password: hunter2hunter2"
    found = [
        Verdict(config, leaf, kind, (site, site), notes, notes, twin if kind == PHANTOM else None)
        for kind in kinds
        for leaf in config.leaves
    ]
    leaf = config.leaves[0]
    defaults = [
        Default(config, leaf.path, leaf.key, HIDDEN, ((site, "hunter2"), (site, TOKEN))),
        Default(
            config, ("x",), "x", HIDDEN, tuple((site, value) for value in ({"password": "hunter2", "n": (1, float("inf"))}, 10**50, b"raw"))
        ),
        Default(config, ("auth_token",), "auth_token", CONFLICT, ((site, "hunter2"), (site, "hunter22"))),
        Default(config, ("y",), "y", "missing", ((site, MISSING),)),
    ]
    problems = [Problem("\x1b[31mb.py", f"bad {TOKEN}\x07", "")]
    return Audit([config], found, defaults, problems, {config: site}, {}, 1, lambda site: TOKEN)


def test_no_secret_and_no_control_character_is_shown(here: Path) -> None:
    found = hostile(here)
    assert has_findings(found)
    for out in (drawn(found, 100, True), drawn(found, 40, True), audit_json(found), markdown(audit_blocks(found, True))):
        for secret in ("hunter2", "12345", "correcthorse", TOKEN, "s3cr3t"):
            assert secret not in out
        assert "\x1b" not in out
        assert "\x07" not in out
    assert [default["values"] for default in json.loads(audit_json(found))["defaults"]] == [
        ["...", "..."],
        [{"password": "...", "n": [1, "inf"]}, "about 10^50", "b'raw'"],
        ["...", "..."],
        [],
    ]


def test_an_audit_of_a_config_with_secrets(here: Path, run: Run) -> None:
    project(f"api_key: hunter2\nnote: {TOKEN}\nurl: https://ann:correcthorse@host/", 'run(password=cfg.get("password", "swordfish"))')
    for form in ("text", "json", "markdown"):
        code, out, err = run(f"config --code src --show-read --format {form}")
        assert code == 1
        assert not any(secret in out + err for secret in ("hunter2", TOKEN, "correcthorse", "swordfish"))


# --- what is refused ---


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("config", "say where the code is that reads the configs: --code PATH, or `code: [src]` in confguard.yaml"),
        ("- --code src", "audit reads no standard input"),
        ("config --code nowhere", "nowhere: no such file or folder"),
        ("nowhere.yaml --code src", "nowhere.yaml: no such file"),
        ("src --code src", "no YAML files in src"),
        ("config --code config", "no Python files in config"),
        ("config --code src --entry train.py", "write FILE:FUNCTION or FILE:FUNCTION:PARAMETER"),
        ("config --code src --entry rain.py:main", "there is no such file in src"),
        ("config --code src --entry train.py:nothing", "src/train.py has no function `nothing`"),
        ("config --code src --entry train.py:main:config", "`main` has no parameter `config`"),
        ("config --code src --format html", "html"),
        ("--code src", "CONFIG"),
    ],
)
def test_bad_usage(arguments: str, says: str, here: Path, run: Run) -> None:
    project("lr: 1.0", "def main(cfg):\n    pass")
    code, out, err = run(arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


def test_an_entry_is_followed(here: Path, run: Run) -> None:
    project("lr: 1.0", "")
    write("src/train.py", "import yaml\n\ndef main(name, cfg):\n    return cfg['lr'] * 2\n")
    assert run("config --code src")[0] == 1
    assert run("config --code src --entry train.py:main:cfg")[0] == 0


def test_the_code_of_the_project_file(here: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    project("lr: 1.0", 'run(lr=cfg["lr"])')
    write("confguard.yaml", "code: [src]\n")
    assert run("config") == (0, "The code reads every key: 1 key in 1 file, followed through 1 Python file.\n", "")
    monkeypatch.chdir("config")
    assert run("a.yaml")[0] == 0


# --- what is not fatal ---


def test_files_that_cannot_be_followed_are_said(here: Path, run: Run) -> None:
    project("lr: 1.0\nextra: 1", 'import broken, latin\nrun(lr=cfg["lr"])')
    write("src/broken.py", "import yaml\ndef f(:\n")
    write("src/latin.py", b'import yaml\nx = "\xff"\n')
    write("src/notes.ipynb", "{}")
    Path("src/loop.py").symlink_to("loop.py")
    Path("src/again").symlink_to("../src")
    code, out, err = run("config --code src")
    assert (code, err) == (1, "")
    assert "config/a.yaml:2  extra: 1" in out
    for line in (
        "  src/broken.py: no Python 3 in line 2",
        "  src/latin.py: no UTF-8, and no encoding is declared",
        "  src/notes.ipynb: a notebook, which is not followed",
        "  src/loop.py: no regular file",
    ):
        assert line in out
    problems: list[dict[str, Any]] = json.loads(run("config --code src --format json")[1])["problems"]
    assert sorted(problem["file"] for problem in problems) == ["src/broken.py", "src/latin.py", "src/loop.py", "src/notes.ipynb"]


def test_a_config_that_cannot_be_read_is_said_and_the_others_are_audited(here: Path, run: Run) -> None:
    project("lr: 1.0", 'run(lr=cfg["lr"])')
    write("config/broken.yaml", "a: [1,\n")
    Path("config/loop.yaml").symlink_to("loop.yaml")
    code, out, err = run("config config/loop.yaml --code src")
    assert code == 2
    assert "The code reads every key" in out
    assert "config/broken.yaml: " in err
    assert "config/loop.yaml" in err
    assert run("config/broken.yaml --code src")[:2] == (2, "")


# --- a schema, proposed ---


def test_a_schema_is_proposed(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.chdir(CASES / "a-workflow-two")
    code, out, _ = run("config/training.yaml --code . --write-schema")
    schema = json.loads(out)
    policy = schema["properties"]["policy"]
    assert code == 0
    assert policy["properties"]["lora_rank"] == {"type": "integer", "description": "read at train.py:27, for LoraConfig(r=)"}
    assert policy["properties"]["lora_dropout"]["default"] == 0.05
    assert "max_new_tokens" not in policy["properties"], "no code reads it"
    assert "model" in policy["required"]
    assert "lora_dropout" not in policy["required"]


def test_the_config_fits_its_schema(monkeypatch: pytest.MonkeyPatch, run: Run, tmp_path: Path) -> None:
    for case, config in (("a-workflow-two", "config/training.yaml"), ("a-grpo-plain", "config/grpo.yaml")):
        monkeypatch.chdir(CASES / case)
        (tmp_path / "schema.json").write_text(run(f"{config} --code . --write-schema")[1], encoding="utf-8")
        command = [sys.executable, "-m", "check_jsonschema", "--schemafile", tmp_path / "schema.json", config]
        checked = subprocess.run(command, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout


def test_a_schema_is_of_one_config(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.chdir(CASES / "a-workflow-two")
    assert run("config --code . --write-schema")[0] == 2


def test_a_file_that_a_script_hands_to_a_program_is_not_called_unread(here: Path, run: Run) -> None:
    project("a: 1", 'run(cfg["a"])')
    write("config/zero2.yaml", "zero_stage: 2")
    write("src/launch.sh", "accelerate launch --config_file config/zero2.yaml src/train.py\n")
    code, out, _ = run("config --code src --format json")
    told = {key["key"]: (key["class"], key["note"]) for key in json.loads(out)["keys"]}
    assert code == 0
    assert told["zero_stage"] == ("unknown", "no Python opens this file, but src/launch.sh names it")
    write("src/launch.sh", "accelerate launch --config_file config/zero3.yaml src/train.py\n")
    assert run("config --code src")[0] == 1


def test_pipes_are_not_waited_for(here: Path, run: Run) -> None:
    project("a: 1", 'run(cfg["a"])')
    os.mkfifo("src/rows.py")
    os.mkfifo("src/launch.sh")
    code, out, _ = run("config --code src --format json")
    assert code == 0
    assert json.loads(out)["problems"] == [{"file": "src/rows.py", "why": "no regular file"}]


def test_it_says_where_it_gave_up(here: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    project("a: 1\nb: 2", 'for step in range(9):\n    run(cfg["a"], step)')
    monkeypatch.setattr("confguard.audit.machine.MOST_STEPS", 5)
    code, out, _ = run("config --code src --format json")
    data = json.loads(out)
    assert code == 0
    assert {key["class"] for key in data["keys"]} == {"unknown"}
    assert data["problems"] == [{"file": "src", "why": "too much to be followed to its end: defaults may be missing here"}]


def test_old_and_huge_files_are_said(here: Path, run: Run) -> None:
    project("a: 1\nb: 2", 'run(cfg["a"])')
    write("src/old.py", 'print "epoch", b\n')
    write("src/table.py", "x = [" + "1, " * 1_000_000 + "]\n")
    _, out, _ = run("config --code src --format json")
    data = json.loads(out)
    assert [(problem["file"], problem["why"][:11]) for problem in data["problems"]] == [("src/table.py", "larger than")]
    write("src/train.py", Path("src/train.py").read_text() + "import old\n")
    data = json.loads(run("config --code src --format json")[1])
    assert sorted(problem["file"] for problem in data["problems"]) == ["src/old.py", "src/table.py"]
    assert [key["class"] for key in data["keys"]] == ["read", "unknown"], "old.py has a word b"
