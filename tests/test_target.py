"""Which releases a file is checked for, and why: the command line, the project file, locks, pins, what is installed, the newest known."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from confguard.cli import run_app
from confguard.project import target as targets

NATIVE = Path(__file__).parent / "cases" / "native"
NEWEST = targets.NEWEST


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(targets, "_installed", dict)
    targets._aim.cache_clear()
    (tmp_path / "sft").mkdir()
    (tmp_path / "sft" / "config.yaml").write_text((NATIVE / "trl-sft.yaml").read_text(encoding="utf-8"), encoding="utf-8")


def aimed(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, tuple[str, str]]:
    run_app(["check", "sft/config.yaml", "--format", "json", *words])
    found = json.loads(capsys.readouterr().out)["targets"][0]
    return {package: (item["version"], item["from"]) for package, item in found.items()}


UV = (
    '[[package]]\nname = "trl"\nversion = "0.22.2"\nsource = { registry = "x" }\n\n[[package]]\nname = "transformers"\nversion = "4.56.2"\n'
)


PIPFILE = {
    "transformers": {"hashes": ["sha256:0"], "index": "x", "version": "==4.56.2"},
    "trl": {"extras": ["vllm"], "hashes": ["sha256:1"], "version": "==0.22.2"},
}


@pytest.mark.parametrize(
    ("name", "text", "trl", "transformers"),
    [
        ("uv.lock", UV, "0.22.2", "4.56.2"),
        ("requirements.txt", "torch\ntrl==0.21.0  # pinned\ntransformers == 4.55.4\n", "0.21.0", "4.55.4"),
        ("requirements.txt", "trl[vllm]==0.18.0\ntransformers==4.52.3\n", "0.18.0", "4.52.3"),
        ("pyproject.toml", '[project]\ndependencies = ["trl==1.0.0", "transformers==5.4.0"]\n', "1.0.0", "5.4.0"),
        ("setup.py", '_deps = ["transformers==4.52.3", "trl[vllm]==0.18.0"]\n', "0.18.0", "4.52.3"),
        ("pylock.toml", UV.replace("[[package]]", "[[packages]]"), "0.22.2", "4.56.2"),
        ("Pipfile.lock", json.dumps({"default": PIPFILE}, indent=4), "0.22.2", "4.56.2"),
        ("environment.yaml", "dependencies:\n  - trl=0.24.0\n  - transformers=4.57.3=pyhd8ed1ab_0\n", "0.24.0", "4.57.3"),
        ("requirements.txt", "# trl==0.9.6\ntrl==0.21.0\ntransformers==4.55.4\n", "0.21.0", "4.55.4"),
        ("environment.yml", "dependencies:\n  - pip:\n    - trl==0.24.0\n    - transformers==4.57.3\n", "0.24.0", "4.57.3"),
    ],
)
def test_locks_and_pins(name: str, text: str, trl: str, transformers: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("confguard.yaml").write_text("")
    Path(name).write_text(text)
    found = aimed(capsys)
    assert found["trl"] == (trl, name)
    assert found["transformers"] == (transformers, name)
    assert found["peft"][1] == (f"the newest when trl {trl} came out")


@pytest.mark.parametrize("text", ["trl>=0.21\n", "trl\n", "# trl==0.16.0\nmy-trl==0.21.0\n", "trl @ git+https://x/trl\n"])
def test_no_pin(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("confguard.yaml").write_text("")
    Path("requirements.txt").write_text(text)
    assert aimed(capsys)["trl"] == ("1.16.0", NEWEST)


def test_a_pipe_is_not_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    Path("confguard.yaml").write_text("")
    os.mkfifo("uv.lock")
    assert aimed(capsys)["trl"] == ("1.16.0", NEWEST)


def test_the_command_line_counts_before_the_project_file_and_that_before_locks(capsys: pytest.CaptureFixture[str]) -> None:
    Path("uv.lock").write_text(UV)
    Path("confguard.yaml").write_text('target: {trl: "1.0.0", transformers: "5.4.0"}\n')
    assert aimed(capsys)["trl"] == ("1.0.0", "confguard.yaml")
    assert aimed(capsys)["transformers"] == ("5.4.0", "confguard.yaml")
    found = aimed(capsys, "--target", "trl==0.24.0")
    assert found["trl"] == ("0.24.0", "--target")
    assert found["transformers"] == ("4.57.6", "the newest when trl 0.24.0 came out") or found["transformers"][0].startswith("4.5")


def test_installed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(targets, "_installed", lambda: {"trl": "1.2.0", "transformers": "5.6.2", "peft": "0.19.1"})
    targets._aim.cache_clear()
    assert aimed(capsys) == {"trl": ("1.2.0", "installed"), "transformers": ("5.6.2", "installed"), "peft": ("0.19.1", "installed")}
    assert aimed(capsys, "--target", "trl==0.24.0")["transformers"][1] == "the newest when trl 0.24.0 came out"


def test_the_newest_known(capsys: pytest.CaptureFixture[str]) -> None:
    from confguard.schemas.releases.table import newest

    found = aimed(capsys)
    assert {package: version for package, (version, _) in found.items()} == newest()._asdict()
    assert {whence for _, whence in found.values()} == {NEWEST}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("target: {trl: 1.16}\n", "should be"),
        ("target: {torch: '2.0'}\n", "torch"),
        ("target: {trl: '0.3.0'}\n", "confguard knows trl from"),
    ],
)
def test_a_project_file_that_cannot_be_used(
    text: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from confguard.__main__ import main

    Path("confguard.yaml").write_text(text)
    monkeypatch.setattr("sys.argv", ["confguard", "check", "sft/config.yaml"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert "confguard.yaml" in error


# --- how many processes ---


@pytest.mark.parametrize(
    ("accelerate", "words", "code"),
    [
        ("", (), "GRPO002"),
        ("compute_environment: LOCAL_MACHINE\nnum_processes: 7\n", (), None),
        ("compute_environment: LOCAL_MACHINE\nnum_processes: 8  # all\n", (), "GRPO001"),
        ("num_processes: 8\n", (), "GRPO002"),
        ("", ("--world-size", "7"), None),
        ("compute_environment: LOCAL_MACHINE\nnum_processes: 8\n", ("--world-size", "7"), None),
    ],
)
def test_world_size(accelerate: str, words: tuple[str, ...], code: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    Path("grpo").mkdir()
    text = (NATIVE / "trl-grpo.yaml").read_text(encoding="utf-8").replace("num_generations: 8", "num_generations: 7")
    Path("grpo/config.yaml").write_text(text, encoding="utf-8")
    if accelerate:
        Path("grpo/accelerate.yaml").write_text(accelerate)
    run_app(["check", "grpo/config.yaml", "--format", "json", *words])
    found = [finding["code"] for finding in json.loads(capsys.readouterr().out)["findings"]]
    assert [item for item in found if item in ("GRPO001", "GRPO002")] == ([code] if code else [])


def test_a_project_that_pins_what_is_too_old_is_skipped_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("confguard.yaml").write_text("")
    Path("requirements.txt").write_text("trl==0.9.6\n")
    assert run_app(["check", "sft/config.yaml"]) == 0
    assert "not checked, 1 file: trl 0.9.6 (requirements.txt): confguard knows trl from" in " ".join(capsys.readouterr().out.split())


def test_a_file_of_a_project_that_pins_what_is_too_old_is_upgraded_by_its_keys(capsys: pytest.CaptureFixture[str]) -> None:
    Path("confguard.yaml").write_text("")
    Path("requirements.txt").write_text("trl==0.9.6\ntransformers==4.42.4\n")
    text = (
        Path("sft/config.yaml").read_text(encoding="utf-8").replace("max_length:", "max_seq_length:").replace("packing_strategy: bfd\n", "")
    )
    Path("sft/config.yaml").write_text(text, encoding="utf-8")
    run_app(["migrate", "sft/config.yaml", "--to", "trl==1.16.0"])
    assert "from trl 0.19.1" in capsys.readouterr().out
