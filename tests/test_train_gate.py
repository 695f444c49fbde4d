"""What stands before a training run, all of it without torch: the validated run, the plan, the data, the checkpoints that are whole."""

from __future__ import annotations

import ast
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from laid_over import laid_over
from native_rows import NATIVE, native_rows
from test_mutants import AFTER, FILES, MUTANTS, RULES, mutated

from confguard.__main__ import _run
from confguard.checking.setting import Options
from confguard.checking.validating import validated
from confguard.commands.aiming import parse_targets
from confguard.commands.train import _text
from confguard.schemas.catalogue import CATALOGUE
from confguard.trainer import checkpoints, history, manifest
from confguard.trainer.arrived import BESIDE, WHERE
from confguard.trainer.data import ordered, read_rows, shared_out
from confguard.trainer.launch import processes_of
from confguard.trainer.manifest import MAY_CHANGE
from confguard.trainer.memory import Load, Peak, told, total
from confguard.trainer.plan import Plan, Refused, Schedule, planned
from confguard.words.finding import ERROR, FIRST_STEP, START
from confguard.words.shape import Key
from confguard.words.training import Step
from confguard.words.validated import ValidatedRun

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases" / "train"
ROWS = [
    {"domain": domain, "question": f"{domain} {n}", "answer": str(n), "tests": ["assert True"]}
    for n in range(9)
    for domain in ("math", "qa", "code")
]


def cases(name: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the reference's files and data for them."""
    for name in ("config", "data/mixed"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("train_mixed", "test_mixed"):
        (tmp_path / "data/mixed" / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    shutil.copy(ROOT / "profiles/reference/aflow_llm.yaml", tmp_path / "config")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_of(lines: str = "", *sets: tuple[str, str], world_size: int | None = None) -> ValidatedRun:
    """The validated run of the reference profile with some keys laid over."""
    Path("config/training.yaml").write_text(laid_over(lines), encoding="utf-8")
    report, found = validated("config/training.yaml", CATALOGUE, Options(sets=sets, world_size=world_size))
    assert found is not None, [finding.message for finding in report.findings]
    return found


# --- the gate -----------------------------------------------------------------------------------------------------------


def test_one_place_makes_a_validated_run() -> None:
    makers = set()
    for folder in ("confguard", "schemas", "trainer"):
        for path in (ROOT / folder).rglob("*.py"):
            calls = (node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
            makers |= {path.resolve() for call in calls if isinstance(call, ast.Name) and call.id == "ValidatedRun"}
    assert makers == {ROOT / "confguard/checking/validating.py"}


@pytest.mark.parametrize(
    "mutant", [pytest.param(m, id=m["name"]) for m in MUTANTS if RULES[m["code"]].severity == ERROR and not m.get("reference")]
)
def test_no_mutant_that_is_an_error_becomes_a_run(mutant: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This environment has no torch: whatever is refused here is refused without it."""
    (tmp_path / "config").mkdir()
    for name in FILES.values():
        (tmp_path / "config" / name).write_bytes((AFTER / name).read_bytes())
    (tmp_path / "config" / "other_llm.yaml.example").write_text("models: {}\n")
    monkeypatch.chdir(tmp_path)
    mutated(mutant)
    report, found = validated("config/training.yaml", CATALOGUE)
    if mutant.get("file") == "llm" and found is not None:  # an executor that this run does not ask
        report, found = validated("config/aflow_llm.yaml", CATALOGUE)
    assert found is None
    assert mutant["code"] in {finding.code for finding in report.findings if finding.severity == ERROR}


LATE = [
    row
    for row in native_rows()
    if row["code"] and RULES[row["code"]].severity == ERROR and row.get("fails", RULES[row["code"]].fails) in (START, FIRST_STEP)
]


def test_there_are_many_ways_to_die_late() -> None:
    assert len(LATE) > 100


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row['kind']}: {row['lines'][:60]}") for row in LATE])
def test_what_trl_takes_and_dies_of_later_becomes_no_run(row: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that TRL's own parser takes, and that end at the trainer's start or at the first step (tests/agreement ran them)."""
    monkeypatch.chdir(tmp_path)
    Path("run.yaml").write_text(laid_over(row["lines"], (NATIVE / f"{row['kind']}.yaml").read_text(encoding="utf-8")), encoding="utf-8")
    options = Options(target=parse_targets(row.get("target") or ()), world_size=row.get("world_size"))
    assert validated("run.yaml", CATALOGUE, options).run is None


def test_errors_stop_the_command_and_are_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("config/training.yaml").write_text(laid_over("lora_rank: 0"), encoding="utf-8")
    assert _run(["train", "config/training.yaml"]) == 1
    told = capsys.readouterr()
    assert "LORA" in told.out
    assert "nothing was started" in told.err
    assert not Path("checkpoints").exists()


def test_warnings_stop_where_that_is_asked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_of("learning_rate: 1.0e-3")
    assert validated("config/training.yaml", CATALOGUE, fail_on="warning").run is None


def test_without_its_libraries_it_says_what_to_install(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if find_spec("trl"):
        pytest.skip("TRL is installed")
    run_of()
    assert _run(["train", "config/training.yaml"]) == 1
    assert "not installed: pip install '.[train]' in a checkout of confguard" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("config", "is a folder: name the training file in it"),
        ("config/aflow_llm.yaml", "is of the kind aflow-llm; what can be trained"),
        ("none.yaml", "none.yaml"),
        ("profile:none", "no such profile"),
    ],
)
def test_what_is_no_training_file_is_told(asked: str, says: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["train", asked]) == 2
    assert says in capsys.readouterr().err


def test_warnings_are_shown_before_it_starts(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_of("my_own_key: 1")
    assert _run(["train", "config/training.yaml"]) == 1
    assert "warning" in capsys.readouterr().out


def test_what_was_checked_is_what_is_run(project: Path) -> None:
    one, other = run_of(), run_of()
    assert one.digest == other.digest != run_of("warmup_steps: 50").digest
    assert run_of("", ("warmup_steps", "50")).digest == run_of("warmup_steps: 50").digest
    before = one.digest
    executor = Path("config/aflow_llm.yaml")
    executor.write_text(executor.read_text().replace("max_tokens: 4096", "max_tokens: 2048"))
    assert run_of().digest != before
    assert run_of().recipe.values["warmup_steps"] == one.recipe.values["warmup_steps"]


def test_a_launched_process_that_finds_another_config_stops(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_of()
    monkeypatch.setenv("CONFGUARD_VALIDATED", "0" * 64)
    assert _run(["train", "config/training.yaml"]) == 2
    assert "is not what was validated before the launch" in capsys.readouterr().err


# --- the plan -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases("refused"))
def test_what_cannot_be_honoured_is_refused(case: dict[str, Any], project: Path) -> None:
    with pytest.raises(Refused) as refused:
        planned(run_of(case["lines"]), 42)
    assert case["says"] in str(refused.value)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("learning_rate: 2e-5", "learning_rate is written in a way that cannot be used"),
        ("generation_config:\n  temperature: 1.0\n  max_tokens: many", "generation_config.max_tokens is written in a way"),
        ("clip_range: ~drop", "clip_range is missing"),
        ("max_steps: ~drop", "max_steps is missing"),
    ],
)
def test_a_project_that_switches_rules_off_still_trains_nothing_else_than_it_says(lines: str, says: str, project: Path) -> None:
    Path("confguard.yaml").write_text("rules: {ignore: [YAML010, SCHEMA001, SCHEMA003, SCHEMA005]}\n")
    with pytest.raises(Refused) as refused:
        planned(run_of(lines), 42)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("lines", "processes", "batch", "accumulation"),
    [
        ("", 1, 30, 1),
        ("gradient_accumulation_steps: 5", 1, 6, 5),
        ("forward_pass_microbatch_size: 6", 1, 6, 5),
        ("forward_pass_microbatch_size: 10\ngradient_accumulation_steps: 3", 1, 10, 3),
        ("", 2, 15, 1),
        ("gradient_accumulation_steps: 5", 2, 3, 5),
        ("forward_pass_microbatch_size: 5", 3, 5, 2),
    ],
)
def test_a_step_has_prompts_times_group_however_it_is_split(
    lines: str, processes: int, batch: int, accumulation: int, project: Path
) -> None:
    plan = planned(run_of(lines, world_size=processes), 42)
    assert (plan.arguments["per_device_train_batch_size"], plan.arguments["gradient_accumulation_steps"]) == (batch, accumulation)
    assert batch * accumulation * processes == plan.prompts * plan.group == 30
    assert "generation_batch_size" not in plan.arguments
    assert plan.arguments["num_iterations"] == 1


def test_the_plan_of_the_reference(project: Path) -> None:
    plan = planned(run_of(), 7)
    assert plan.lora == {
        "r": 64,
        "lora_alpha": 64,
        "lora_dropout": 0.05,
        "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"],
        "use_rslora": False,
        "task_type": "CAUSAL_LM",
    }
    wanted = {
        "beta": 0.1,
        "epsilon": 0.2,
        "learning_rate": 2e-5,
        "max_steps": 500,
        "seed": 7,
        "shuffle_dataset": False,
        "lr_scheduler_type": "constant_with_warmup",
    }
    assert {name: plan.arguments[name] for name in wanted} == wanted
    assert plan.environment["CUDA_VISIBLE_DEVICES"] == "0"


def test_devices_and_tracking_go_into_the_environment(project: Path) -> None:
    lines = "device_mapping: [0, 1]\nphysical_gpus: [2, 3]\nwandb:\n  enabled: true\n  project: p\n  tags: [a, b]\n  mode: offline\n  run_name: grpo"
    plan: Plan = planned(run_of(lines), 42)
    assert plan.environment == {"CUDA_VISIBLE_DEVICES": "2,3", "WANDB_PROJECT": "p", "WANDB_TAGS": "a,b", "WANDB_MODE": "offline"}
    assert plan.processes == 2


@given(st.floats(0.1, 2), st.floats(0.1, 2), st.integers(0, 50))
def test_a_temperature_goes_from_one_to_the_other(initial: float, final: float, steps: int) -> None:
    schedule = Schedule(initial, final, steps)
    curve = [schedule.at(step) for step in range(steps + 5)]
    assert curve[steps:] == [final] * 5
    assert curve[0] == (initial if steps else final)
    assert curve == sorted(curve, reverse=initial > final) or initial == final


@pytest.mark.parametrize(
    ("environment", "number", "rank"),
    [({}, 1, 0), ({"WORLD_SIZE": "2", "RANK": "1"}, 2, 1), ({"WORLD_SIZE": "2"}, 1, 0), ({"WORLD_SIZE": "x", "RANK": "0"}, 1, 0)],
)
def test_the_processes_are_those_of_the_launcher(environment: dict[str, str], number: int, rank: int) -> None:
    found = processes_of(environment)
    assert (found.number, found.rank) == (number, rank)


def keys_without_a_parameter(fields: dict[str, Key], path: str = "") -> Iterator[str]:
    for name, key in fields.items():
        if key.fields:
            yield from keys_without_a_parameter(key.fields, f"{path}{name}.")
        elif key.parameter is None:
            yield path + name


def test_no_key_is_dropped() -> None:
    """Whatever the kind may hold is read from the trainer that was built, or honoured beside it, or refused."""
    shape = CATALOGUE.shape("aflow-training")
    assert shape is not None
    assert {*WHERE, *BESIDE} == {*shape.names, *keys_without_a_parameter(shape.fields)}
    assert not WHERE.keys() & BESIDE.keys()
    assert MAY_CHANGE.keys() <= shape.names.keys()


# --- the data -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases("rows"))
def test_rows_that_cannot_be_trained_on_are_refused(case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("[" * 200_000 if case["text"] == "DEEP" else case["text"], encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_rows(str(path))
    assert case["says"] in str(refused.value)
    assert str(path) in str(refused.value)


PARTS = st.lists(st.integers(0, 9), min_size=1, max_size=6).filter(any)


@given(PARTS, st.integers(1, 20))
def test_shares_are_exact_and_never_far_off(parts: list[int], times: int) -> None:
    shares = {str(place): part / sum(parts) for place, part in enumerate(parts)}
    order = shared_out(shares, sum(parts) * times)
    counted = Counter(order)
    assert [counted[str(place)] for place in range(len(parts))] == [part * times for part in parts]
    given_out: Counter[str] = Counter()
    for number, domain in enumerate(order, 1):
        given_out[domain] += 1
        assert all(abs(share * number - given_out[name]) < 1.5 for name, share in shares.items())


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 3))
def test_a_longer_run_begins_like_a_shorter_one(short: int, more: int, seed: int) -> None:
    shares = {"math": 0.4, "qa": 0.3, "code": 0.3}
    assert ordered(ROWS, shares, short + more, seed)[:short] == ordered(ROWS, shares, short, seed)


def test_each_row_of_a_domain_comes_before_one_comes_again() -> None:
    order = ordered(ROWS, {"math": 1.0, "qa": 0.0}, 18, 1)
    assert sorted(order[:9]) == sorted(order[9:]) == [place for place, row in enumerate(ROWS) if row["domain"] == "math"]


def test_a_domain_without_rows_is_refused() -> None:
    with pytest.raises(Refused, match="no row is of that domain"):
        ordered(ROWS, {"math": 0.5, "law": 0.5}, 4, 1)


# --- checkpoints and manifests ------------------------------------------------------------------------------------------


def written(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(bytes(range(100)))
    (folder / "trainer_state.json").write_text("{}")
    checkpoints.seal(str(folder))
    return folder


@pytest.mark.parametrize("harm", ["none", "cut", "changed", "gone", "unsealed", "half a seal"])
def test_only_a_whole_checkpoint_is_taken(harm: str, tmp_path: Path) -> None:
    older, newer = written(tmp_path / "checkpoint-5"), written(tmp_path / "checkpoint-10")
    weights, seal = newer / "adapter_model.safetensors", newer / checkpoints.SEAL
    if harm == "cut":
        weights.write_bytes(weights.read_bytes()[:-1])
    elif harm == "changed":
        weights.write_bytes(b"x" + weights.read_bytes()[1:])
    elif harm == "gone":
        (newer / "trainer_state.json").unlink()
    elif harm == "unsealed":
        seal.unlink()
    elif harm == "half a seal":
        seal.write_text(seal.read_text()[:30])
    assert checkpoints.last_whole(str(tmp_path)) == ((10, str(newer)) if harm == "none" else (5, str(older)))


def test_what_is_staged_is_no_checkpoint_and_goes_at_the_next_start(tmp_path: Path) -> None:
    written(tmp_path / checkpoints.STAGING / "checkpoint-10")
    assert checkpoints.last_whole(str(tmp_path)) is None
    checkpoints.clear_staging(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_gives_way_to_one_of_the_same_step(tmp_path: Path) -> None:
    old, staged = written(tmp_path / "checkpoint-5"), written(tmp_path / checkpoints.STAGING / "checkpoint-5")
    (old / "extra").write_text("")
    checkpoints.put_in_place(str(staged), str(old))
    assert checkpoints.is_whole(str(old))
    assert not (old / "extra").exists()


@pytest.mark.parametrize(
    ("there", "resume", "says"),
    [
        ((), False, None),
        ((), True, "there is no run in"),
        (("manifest",), True, None),
        (("card", "manifest"), True, None),
        (("card",), False, "holds README.md, which the run would write over"),
        (("manifest",), False, None),
        (("final",), False, "which the run would write over"),
        (("final", "manifest"), False, "already holds the result of a run"),
        (("damaged", "manifest"), True, "none of the checkpoints in"),
        (("sealed", "manifest"), True, None),
        (("sealed", "manifest"), False, "already holds a run, up to step 5: add --resume"),
        (("sealed",), True, "it cannot be told whether that was this run"),
        (("bare",), False, "is a checkpoint that confguard did not seal"),
        (("bare", "sealed", "manifest"), True, "is a checkpoint that confguard did not seal"),
    ],
)
def test_nothing_that_is_there_is_written_over(there: tuple[str, ...], resume: bool, says: str | None, tmp_path: Path) -> None:
    made = {"version": 1, "values": {}, "files": {}}
    if "sealed" in there:
        written(tmp_path / "checkpoint-5")
    if "damaged" in there:
        (written(tmp_path / "checkpoint-5") / "trainer_state.json").write_text("[]")
    if "card" in there:
        (tmp_path / "README.md").write_text("")
    if "final" in there:
        (tmp_path / "adapter_model.safetensors").write_bytes(b"")
    if "bare" in there:
        (tmp_path / "checkpoint-7").mkdir()
    if "manifest" in there:
        manifest.write(str(tmp_path), made, "")
    if says is None:
        found = manifest.checkpoint_to_go_on(str(tmp_path), resume, made)
        assert found == ((5, str(tmp_path / "checkpoint-5")) if "sealed" in there else None)
        return
    with pytest.raises(Refused) as refused:
        manifest.checkpoint_to_go_on(str(tmp_path), resume, made)
    assert says in str(refused.value)


def test_the_record_of_a_run_holds_no_secret(project: Path) -> None:
    run = run_of()
    told = _text(run._replace(data={**run.data, "wandb": {"enabled": False, "api_key": "0123456789abcdef0123456789abcdef01234567"}}))
    assert "0123456789" not in told
    assert "learning_rate: 2.0e-5" in told


def test_a_run_within_the_folder_of_its_model_leaves_the_model_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    before = manifest._hash_of(str(tmp_path), str(tmp_path / "ck"))
    (tmp_path / "ck").mkdir()
    (tmp_path / "ck" / "new").write_bytes(b"more")
    assert manifest._hash_of(str(tmp_path), str(tmp_path / "ck")) == before != manifest._hash_of(str(tmp_path))


@pytest.mark.parametrize(
    "lines",
    ["lora_target_modules: [o_proj, v_proj, k_proj, q_proj]", "use_rslora: false"],
)
def test_the_same_in_another_spelling_is_the_same_run(lines: str, project: Path) -> None:
    def made(run: ValidatedRun) -> dict[str, Any]:
        return manifest.manifest(run, seed=1, processes=1, device="cpu", files={}, base="none", output="out")

    assert manifest.changes_that_matter(made(run_of()), made(run_of(lines))) == []


@pytest.mark.parametrize(
    ("outer", "lines", "devices"), [("", "", "0"), ("3", "", "3"), ("4,6", "device_mapping: [1]", "6"), ("4", "physical_gpus: [2]", "2")]
)
def test_devices_are_counted_among_those_that_were_handed_out(
    outer: str, lines: str, devices: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", outer)
    assert planned(run_of(lines), 42).environment["CUDA_VISIBLE_DEVICES"] == devices


def test_a_history_that_was_cut_short_keeps_its_whole_lines(tmp_path: Path) -> None:
    steps = [Step(number, 1.0, {}, {}, 1.0, 5.0, 0.1) for number in (1, 2, 3)]
    history.begin(str(tmp_path), steps)
    path = tmp_path / history.NAME
    path.write_bytes(path.read_bytes()[:-20])
    assert history.until(str(tmp_path), 3) == steps[:2]


def test_large_weights_are_told_apart_by_their_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "LARGE", 3 * 2**20)
    weights = tmp_path / "model.safetensors"
    hashes = set()
    for content in (b"a" * 2**22, b"b" + b"a" * (2**22 - 1), b"a" * (2**22 - 1) + b"b", b"a" * (2**22 + 1)):
        weights.write_bytes(content)
        hashes.add(manifest._hash_of(str(tmp_path)))
    assert len(hashes) == 4


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for step in (5, 10, 100):
        written(tmp_path / f"checkpoint-{step}")
    checkpoints.keep_newest(str(tmp_path), 2)
    assert [step for step, _ in checkpoints.checkpoints(str(tmp_path))] == [100, 10]
    checkpoints.keep_newest(str(tmp_path), None)
    assert len(checkpoints.checkpoints(str(tmp_path))) == 2


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("", None),
        ("log_every: 1\nsave_every: 5", None),
        ("max_steps: 600", None),
        ("max_steps: 400", "max_steps was 500 and is 400"),
        ("learning_rate: 3.0e-5", "learning_rate was 2e-5 and is 3e-5"),
        ("lora_rank: 32", "lora_r was 64 and is 32"),
        ("domain_ratios: {math: 0.5, qa: 0.5}", "domain_ratios was"),
    ],
)
def test_a_resume_that_would_be_another_run_is_told(lines: str, says: str | None, project: Path) -> None:
    def made(run: ValidatedRun) -> dict[str, Any]:
        return manifest.manifest(
            run, seed=1, processes=1, device="cpu", files={"train": "data/mixed/train_mixed.jsonl"}, base="none", output="out"
        )

    before = made(run_of())
    changes = manifest.changes_that_matter(json.loads(json.dumps(before)), made(run_of(lines)))
    assert (changes == []) if says is None else (len(changes) == 1 and says in changes[0])
    manifest.write("out", before, "max_steps: 500\n")
    assert manifest.read("out") == json.loads(json.dumps(before))


def test_changed_data_and_another_seed_are_another_run(project: Path) -> None:
    def made(seed: int) -> dict[str, Any]:
        return manifest.manifest(
            run_of(), seed=seed, processes=1, device="cpu", files={"train": "data/mixed/train_mixed.jsonl"}, base="none", output="out"
        )

    before = made(1)
    Path("data/mixed/train_mixed.jsonl").write_text(json.dumps(ROWS[0]))
    assert manifest.changes_that_matter(before, made(2)) == [
        "the seed was 1 and is 2",
        "the content of data/mixed/train_mixed.jsonl has changed",
    ]


def test_a_manifest_holds_no_secret(project: Path) -> None:
    run = run_of()
    assert run.executor is not None
    told = run._replace(executor=run.executor._replace(entry={**run.executor.entry, "api_key": "sk-abcdefghijklmnopqrstuvwx"}))
    made = manifest.manifest(told, seed=1, processes=1, device="cpu", files={}, base="none", output="out")
    assert made["executor"]["entry"]["api_key"] == "..."
    assert "sk-abc" not in json.dumps(made)


# --- memory -------------------------------------------------------------------------------------------------------------


LOAD = Load(7_615_616_512, 0, 8, 64, 300, 512, 2, accumulates=True, on_gpu=True)
PEAK = Peak(learning=5 * 2**30, sampling=3 * 2**30, kept=4 * 2**30, cache=2 * 2**30)


@pytest.mark.parametrize(
    ("load", "peak", "bytes_"),
    [
        pytest.param(LOAD, PEAK, 7_615_616_512 * 4 + 5 * 2**30, id="weights in 32 bits; learning and sampling take turns"),
        pytest.param(LOAD._replace(trained=1000), PEAK, 7_615_616_512 * 4 + 12_000 + 5 * 2**30, id="gradients, and two moments"),
        pytest.param(
            LOAD._replace(trained=1000, accumulates=False), PEAK, 7_615_616_512 * 4 + 8000 + 5 * 2**30, id="new gradients are of the step"
        ),
        pytest.param(LOAD._replace(parameters=8, trained=8, accumulates=False), Peak(1, 1, 1, 1), 8 * 16, id="at least what is certain"),
    ],
)
def test_memory_is_added_up(load: Load, peak: Peak, bytes_: int) -> None:
    assert total(load, peak) == bytes_


def test_memory_is_told_with_what_it_assumes() -> None:
    assert told(LOAD, PEAK) == (
        "about 33.4 GiB: weights 28.4 GiB, gradients and Adam 0.0 MiB, learning 5.0 GiB (4.0 GiB of it kept for the backward pass) "
        "or sampling 3.0 GiB (cache 2.0 GiB); all completions have all their tokens; what the device's libraries and the allocator need comes on top"
    )
    assert told(LOAD, None) == ("at least 28.4 GiB: weights 28.4 GiB, gradients and Adam 0.0 MiB; what a step takes was not found")
