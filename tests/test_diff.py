"""The diff: rows by meaning, derived values, waivers, references, exit codes, and the shape of its JSON."""

from __future__ import annotations

import datetime
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from laid_over import PROFILE, laid_over

from confguard.checking.setting import BadUsage
from confguard.commands.check import run as run_check
from confguard.commands.diff import run
from confguard.document.source import Unreadable
from confguard.project.project import BadProject

HERE = Path(__file__).parent
YESTERDAY = (datetime.date.today() - datetime.timedelta(days=1)).isoformat()
Row = dict[str, Any]


def table(name: str) -> list[Row]:
    """The cases of a table."""
    cases: list[Row] = yaml.safe_load((HERE / "cases" / name).read_text(encoding="utf-8"))
    return cases


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def diff(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command; the exit code and the JSON that it prints."""

    def call(reference: str, current: str, **options: Any) -> tuple[int, dict[str, Any]]:
        code = run(reference, current, "json", **options)
        return code, json.loads(capsys.readouterr().out)

    return call


def write(case: Row) -> tuple[str, str]:
    """The two files of a case."""
    for side in ("reference", "current"):
        Path(f"{side}.yaml").write_text(laid_over(case.get(side, "")), encoding="utf-8")
    return "reference.yaml", "current.yaml"


def config(text: str, path: str = "config/training.yaml") -> str:
    """A config below the working folder."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")
    return path


# --- what differs ---


@pytest.mark.parametrize("case", table("diff.yaml"), ids=lambda case: case["case"])
def test_rows(case: Row, diff: Any) -> None:
    code, found = diff(*write(case))
    rows = [row for row in found["rows"] if row["kind"] != "derived"]
    shown = [[row["key"], row["status"], row["kind"], row["direction"], row["factor"]] for row in rows]
    wanted = [[*row, None, None][:5] for row in case["rows"]]
    assert [row[:3] for row in shown] == [row[:3] for row in wanted]
    for given, expected in zip(case["rows"], shown, strict=True):
        if len(given) > 3:
            assert expected[3] == given[3]
            assert expected[4] == (pytest.approx(given[4]) if given[4] is not None else None)
    assert code == case.get("exit", 1 if wanted else 0)


@pytest.mark.parametrize("case", table("derived.yaml"), ids=lambda case: case["case"])
def test_derived_values(case: Row, diff: Any) -> None:
    _, found = diff(*write(case), show_unchanged=True)
    rows = {row["key"]: row for row in found["rows"] if row["kind"] == "derived"}
    for key, (before, now) in case["rows"].items():
        assert rows[key]["reference"] == pytest.approx(before)
        if isinstance(now, str):
            assert rows[key]["current"] is None
            assert now in rows[key]["note"]
        else:
            assert rows[key]["current"] == (pytest.approx(now) if now is not None else None)


def test_the_same_file_has_no_difference_and_every_key_is_counted(diff: Any) -> None:
    code, found = diff("profile:reference", "profile:reference")
    assert (code, found["rows"]) == (0, [])
    assert {name for name, count in found["summary"].items() if count} == {"unchanged"}
    _, listed = diff("profile:reference", "profile:reference", show_unchanged=True)
    assert sum(row["kind"] == "unchanged" for row in listed["rows"]) == found["summary"]["unchanged"]


# --- sides ---


def test_sides_can_be_files_folders_profiles_names_and_revisions(diff: Any) -> None:
    text = laid_over("lora_rank: 32")
    config(text)
    config((PROFILE / "aflow_llm.yaml").read_text(), "config/aflow_llm.yaml")
    git("init", "-q")
    git("add", ".")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one")
    config(laid_over("lora_rank: 16"))
    Path("confguard.yaml").write_text("references: {reference: 'git:HEAD:config', mine: config, best: 'profile:reference'}\n")
    for reference, theirs in (("best", 64), ("reference", 32), ("git:HEAD:config/training.yaml", 32), ("profile:reference", 64)):
        for current in ("mine", "config", "config/training.yaml"):
            _, found = diff(reference, current)
            rows = {row["key"]: row for row in found["rows"]}
            assert (rows["lora_rank"]["reference"], rows["lora_rank"]["current"]) == (theirs, 16), (reference, current)


def test_another_repository_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, diff: Any) -> None:
    (tmp_path / "theirs").mkdir()
    monkeypatch.chdir(tmp_path / "theirs")
    config(laid_over("lora_rank: 8"))
    git("init", "-q")
    git("add", ".")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one")
    Path("config/training.yaml").unlink()
    Path("config").rmdir()
    (tmp_path / "ours").mkdir()
    monkeypatch.chdir(tmp_path / "ours")
    current = config(laid_over(""))
    _, found = diff("git:HEAD:../theirs/config", current)
    assert [(row["key"], row["reference"]) for row in found["rows"] if row["kind"] != "derived"] == [("lora_rank", 8)]


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True, capture_output=True)


def test_several_files_have_one_reference(diff: Any) -> None:
    for name, rank in (("a", 8), ("b", 16)):
        config(laid_over(f"lora_rank: {rank}"), f"runs/{name}.yaml")
    _, found = diff("profile:reference", "runs")
    assert [(row["file"], row["current"]) for row in found["rows"] if row["key"] == "lora_rank"] == [
        ("runs/a.yaml", 8),
        ("runs/b.yaml", 16),
    ]
    assert [(row["kind"], row["status"]) for row in found["rows"] if row["key"] == ""] == [("removed", "gone")]


def test_files_of_no_known_kind_are_paired_by_name_and_compared_by_structure(diff: Any) -> None:
    config("a: 1\nb: [x, y]\n", "left/other.yaml")
    config("a: 1\nb: [y, x]\n", "right/other.yaml")
    config("c: 1\n", "right/alone.yaml")
    code, found = diff("left", "right")
    assert code == 1
    assert [(row["key"], row["kind"]) for row in found["rows"]] == [("b", "moved")]
    assert found["left_out"] == ["right/alone.yaml"]


def test_two_folders_without_a_pair_are_no_comparison() -> None:
    config("a: 1\n", "left/a.yaml")
    config("a: 1\n", "left/b.yaml")
    config("a: 1\n", "right/c.yaml")
    with pytest.raises(BadUsage, match="nothing in right has a counterpart"):
        run("left", "right")


def test_kinds_may_differ(diff: Any) -> None:
    code, found = diff(config(laid_over("")), config((PROFILE / "aflow_llm.yaml").read_text(), "llm.yaml"))
    assert code == 1
    assert {row["status"] for row in found["rows"]} == {"gone", "new"}


def test_set_is_laid_over_the_current_side(diff: Any) -> None:
    _, found = diff("profile:reference", "profile:reference", sets=(("lora_rank", "8"),))
    assert [row["key"] for row in found["rows"] if row["kind"] != "derived"] == ["lora_rank"]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("nowhere", "nowhere: no such file, and no reference of that name"),
        ("profile:refrence", "did you mean reference?"),
        ("git:nope:config", "git:nope:config: "),
        ("broken.yaml", "broken.yaml:2:"),
    ],
)
def test_a_side_that_cannot_be_read_is_told(reference: str, message: str) -> None:
    Path("broken.yaml").write_text("a: 1\n  b: [\n")
    with pytest.raises(Unreadable) as caught:
        run(reference, "profile:reference")
    assert message in str(caught.value)


# --- waivers ---

RANK = "{parameter: lora_rank, value: 32, reason: fits our cards, by: ann, expires: never}"


def project(*waivers: str) -> None:
    lines = "".join(f"  - {waiver}\n" for waiver in waivers)
    Path("confguard.yaml").write_text(f"waivers:\n{lines}")


def test_a_waived_row_does_not_count(diff: Any) -> None:
    current = config(laid_over("lora_rank: 32\nlora_alpha: 32"))
    project(RANK, "{parameter: lora_alpha, value: 32, reason: as the rank, expires: 2999-01-01}")
    code, found = diff("profile:reference", current)
    rows = {row["key"]: row for row in found["rows"]}
    assert code == 0
    assert rows["lora_rank"]["waiver"] == {"reason": "fits our cards", "by": "ann", "expires": "never"}
    assert rows["lora_alpha"]["waiver"] == {"reason": "as the rank", "by": None, "expires": "2999-01-01"}
    assert rows["lora_parameters_added"]["status"] == "waived"  # it follows from what is waived alone
    assert found["summary"]["waived"] == 2
    assert [waiver["state"] for waiver in found["waivers"]] == ["held", "held"]


@pytest.mark.parametrize(
    ("waiver", "why"),
    [
        (RANK.replace("value: 32", "value: 16"), "was for 16; the file says 32, so it has lapsed"),
        (RANK.replace("never", YESTERDAY), f"expired on {YESTERDAY}"),
    ],
)
def test_a_lapsed_waiver_lets_the_drift_back(waiver: str, why: str, diff: Any) -> None:
    current = config(laid_over("lora_rank: 32"))
    project(waiver)
    code, found = diff("profile:reference", current)
    (row,) = [row for row in found["rows"] if row["key"] == "lora_rank"]
    assert (code, row["status"], row["waiver"]) == (1, "drift", None)
    assert why in row["note"]
    assert [(used["state"], why in used["why"]) for used in found["waivers"]] == [("lapsed", True)]


def test_a_waiver_that_nothing_needs_is_told(diff: Any, capsys: pytest.CaptureFixture[str]) -> None:
    current = config(laid_over(""))
    project(RANK.replace("32", "64"))
    code, found = diff("profile:reference", current)
    assert (code, [used["state"] for used in found["waivers"]]) == (0, ["unused"])
    run("profile:reference", current)
    assert "the waiver for `lora_rank` is not needed" in capsys.readouterr().out


def test_the_missions_waivers_cover_the_schedule_and_the_fixed_temperature(diff: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE / "mission" / "after")
    code, found = diff("reference", "current")
    assert code == 0
    assert {row["key"] for row in found["rows"] if row["status"] == "waived" and row["kind"] != "derived"} == {
        "rollout_batch_size",
        "temperature_schedule.enabled",
        "temperature_schedule.initial",
        "temperature_schedule.final",
        "temperature_schedule.warmup_steps",
        "generation_config.temperature",
    }


@pytest.mark.parametrize(
    ("parameter", "value", "rows"),
    [
        ("models.gpt-4o-mini.max_tokens", "1024", ["waived", "drift"]),
        ("executor_max_tokens", "1024", ["waived", "waived"]),
        ("executor_max_tokens", "null", ["drift", "drift"]),
    ],
)
def test_waivers_of_entries(parameter: str, value: str, rows: list[str], diff: Any) -> None:
    entry = "  {}:\n    api_type: openai\n    base_url: https://x.y\n    model_name: m\n    max_tokens: {}\n"
    left, right = ("models:\n" + entry.format("gpt-4o-mini", size) + entry.format("other", size) for size in (4096, 1024))
    reference, current = config(left, "left.yaml"), config(right, "right.yaml")
    project(f"{{parameter: {parameter}, value: {value}, reason: cheaper}}")
    _, found = diff(reference, current)
    assert [row["status"] for row in found["rows"]] == rows


def test_absence_can_be_waived(diff: Any) -> None:
    current = config(laid_over("weight_decay: ~drop"))
    project("{parameter: weight_decay, value: null, reason: the trainer's default}")
    code, found = diff("profile:reference", current)
    assert (code, found["rows"][0]["status"]) == (0, "waived")


def test_a_waiver_may_name_a_key_of_the_projects_own(diff: Any) -> None:
    current = config(laid_over("my_team: {seed: 7}"))
    Path("confguard.yaml").write_text('extension_keys: ["my_team.*"]\nwaivers:\n  - {parameter: my_team.seed, value: 7, reason: ours}\n')
    _, found = diff(config(laid_over("my_team: {seed: 6}"), "left.yaml"), current)
    assert [row["status"] for row in found["rows"]] == ["waived"]


@pytest.mark.parametrize("command", ["check", "diff"])
def test_a_waiver_that_cannot_be_used_stops_everything(command: str) -> None:
    current = config(laid_over(""))
    project("{parameter: lora_rnk, value: 64, reason: why not}")
    call = {"diff": lambda: run("profile:reference", current), "check": lambda: run_check([current])}[command]
    with pytest.raises(BadProject, match=r"confguard\.yaml:2:17: there is no parameter `lora_rnk` to waive; did you mean lora_rank\?"):
        call()


# --- how it is told ---


def test_json_has_every_key_always(diff: Any) -> None:
    _, found = diff("profile:reference", config(laid_over("lora_rank: 32\nmy_key: 1\nmax_grad_norm: ~drop")))
    keys = "file key reference_key parameter kind title reference current unit working status identity direction factor note meaning waiver"
    assert {tuple(row) for row in found["rows"]} == {tuple(keys.split())}
    assert list(found) == ["version", "rows", "waivers", "left_out", "untranslated", "summary"]
    page = (HERE.parent / "docs" / "diff.md").read_text(encoding="utf-8")
    assert all(f"`{key}`" in page for key in (*keys.split(), "left_out"))
    assert list(found["summary"]) == "changed added removed renamed moved waived identity unchanged derived".split()


def test_secrets_are_in_no_format(capsys: pytest.CaptureFixture[str]) -> None:
    secret = "hf_" + "A1b2C3d4" * 5
    current = config(laid_over(f"wandb:\n  enabled: true\n  api_key: {secret}\nhub_token: {secret}\nnested: [{{token: {secret}}}]"))
    for form in ("text", "json", "markdown", "html"):
        run("profile:reference", current, form)
        assert secret not in capsys.readouterr().out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_text_at_80_columns_is_not_wider(lang: str) -> None:
    from confguard.commands.comparing import Comparing
    from confguard.report.diff import diff_text
    from confguard.report.safe import columns

    comparing = Comparing()
    mission = HERE / "mission"
    found = comparing.compared(comparing.side(str(mission / "reference/config")), comparing.side(str(mission / "before/config")))
    lines = ["".join(text for _, text in line) for line in diff_text(found, 80, lang)]
    paths = str(mission)  # of the machine that the tests run on
    assert not [line for line in lines if columns(line.rstrip()) > 80 and paths not in line]


def test_every_word_is_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    before = str(HERE / "mission" / "before" / "config")
    run("profile:reference", before, lang="zh")
    text = capsys.readouterr().out
    for word in ("drift", "gone", "changed", "lower", "higher", "samples", "learning rate", "unknown"):
        assert word not in text
