"""The embedded default run: its files are there and small, its rows can be learnt and graded, and one script makes them all again, byte by byte."""

from __future__ import annotations

import hashlib
import importlib
import json
import re
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml

from confguard.checking.pipeline import check
from confguard.schemas.catalogue import CATALOGUE
from confguard.trainer.tiny import make, model, questions

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "profiles" / "tiny"
TRAINING = FOLDER / "training.yaml"
CONFIG: dict[str, Any] = yaml.safe_load(TRAINING.read_text(encoding="utf-8"))
MODEL = FOLDER / "model"
CARD = (MODEL / "README.md").read_text(encoding="utf-8")
SPLITS = questions.splits()
ROWS = [row for rows in SPLITS.values() for row in rows]
KEYS = {"math": {"domain", "question", "answer"}, "qa": {"domain", "question", "answer"}, "code": {"domain", "question", "answer", "tests"}}


def on_the_card(what: str) -> str:
    found = re.search(rf"^\| {re.escape(what)} \| (.*) \|$", CARD, re.MULTILINE)
    assert found, what
    return found[1]


def test_files_are_these_and_small() -> None:
    files = {path.relative_to(FOLDER).as_posix(): path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()}
    assert sorted(files) == sorted(
        [
            *("training.yaml", "model/README.md", "model/model.safetensors"),
            *(f"model/{name}" for name in model.files()),
            *(f"data/{name}_mixed.jsonl" for name in SPLITS),
        ]
    )
    assert sum(files.values()) < 600_000


@pytest.mark.parametrize("name", SPLITS)
def test_data_is_what_the_script_makes(name: str) -> None:
    assert (FOLDER / "data" / f"{name}_mixed.jsonl").read_text(encoding="utf-8") == questions.to_jsonl(SPLITS[name])


@pytest.mark.parametrize("name", model.files())
def test_model_files_are_what_the_script_makes(name: str) -> None:
    assert (MODEL / name).read_text(encoding="utf-8") == model.files()[name]


@pytest.mark.parametrize("name", SPLITS)
def test_each_line_is_a_row(name: str) -> None:
    for line in (FOLDER / "data" / f"{name}_mixed.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        assert row.keys() == KEYS[row["domain"]]
        assert all(isinstance(row[key], str) and row[key].strip() for key in ("question", "answer"))
        assert all(test.startswith("assert ") for test in row.get("tests", ["assert "]))


@pytest.mark.parametrize("name", SPLITS)
def test_each_file_has_all_domains(name: str) -> None:
    assert {row["domain"] for row in SPLITS[name]} == set(questions.DOMAINS)


def test_each_question_is_asked_once() -> None:
    assert len({row["question"] for row in ROWS}) == len(ROWS)


def test_sums_are_right() -> None:
    for row in ROWS:
        if row["domain"] == "math":
            found = re.fullmatch(r"(\d)([+-]\d)=\?", row["question"])
            assert found, row
            assert int(row["answer"]) == int(found[1]) + int(found[2]) >= 0, row


def test_each_opposite_has_one_answer() -> None:
    words = " ".join(questions.OPPOSITES).split()
    assert len(set(words)) == len(words) == 2 * len(questions.OPPOSITES)


def passes(program: str, tests: list[str]) -> bool:
    try:
        exec("\n".join([program, *tests]), {})
    except Exception:
        return False
    return True


def test_programs_pass_their_tests_and_no_others() -> None:
    programs = [f"f={name}" for name in questions.BUILTINS]
    for row in ROWS:
        if row["domain"] == "code":
            assert [program for program in programs if passes(program, row["tests"])] == [row["answer"]], row


def test_answers_and_their_end_fit_into_a_completion() -> None:
    longest = max(len(row["answer"].encode()) for row in ROWS)
    assert longest + 1 == CONFIG["generation_config"]["max_tokens"]


def test_lessons_are_as_wrong_as_asked() -> None:
    right = {tuple(model.prompted(row["question"])): row["answer"] for row in ROWS}
    for wrong in (0.0, 0.5):
        taught = list(islice(make.lessons(ROWS, wrong), 4 * len(ROWS)))
        share = sum(bytes(answer[:-1]).decode() != right[tuple(prompt)] for prompt, answer in taught) / len(taught)
        assert share == pytest.approx(wrong, abs=0.07)


def test_config_checks_clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    report = check([str(FOLDER)], CATALOGUE)
    assert report.problems == []
    assert [file.kind for file in report.files] == ["aflow-training"]
    assert [finding.code for finding in report.findings if finding.severity != "info"] == []


@pytest.mark.parametrize("key", ["base_model", "train_dataset", "val_dataset", "test_dataset"])
def test_paths_lead_into_the_profile(key: str) -> None:
    assert (FOLDER.parent / CONFIG[key]).resolve().is_relative_to(FOLDER.resolve())
    assert (FOLDER.parent / CONFIG[key]).exists()


def test_shares_of_domains_have_rows() -> None:
    ratios = CONFIG["domain_ratios"]
    assert sum(ratios.values()) == pytest.approx(1)
    assert sum(share > 0 for share in ratios.values()) >= 2
    assert set(ratios) == set(questions.DOMAINS)
    prompts = CONFIG["max_steps"] * CONFIG["rollout_batch_size"]
    for domain, share in ratios.items():
        rows = sum(row["domain"] == domain for row in SPLITS["train"])
        assert rows >= 30
        assert prompts * share / rows < 12, f"{domain}: each question is asked too often"


def test_target_modules_are_those_of_a_block() -> None:
    assert tuple(CONFIG["lora_target_modules"].split(",")) == model.TARGETS


def test_headers_and_card_say_what_made_it() -> None:
    script = "python -m confguard.trainer.tiny.make"
    assert script in CARD
    assert script in TRAINING.read_text(encoding="utf-8").partition("\nbase_model")[0]
    assert on_the_card("taught").startswith(f"{make.STEPS:,} steps of {make.BATCH} answers: the first {make.RIGHT:.0%}")


def test_weights_are_those_of_the_card() -> None:
    assert hashlib.sha256((MODEL / "model.safetensors").read_bytes()).hexdigest() == on_the_card("sha256 of model.safetensors")


def test_script_writes_into_the_profile() -> None:
    assert make.FOLDER.resolve() == FOLDER.resolve()


def test_what_lies_deeper_is_packed_too() -> None:
    assert '"confguard.profiles" = ["**"]' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.fixture(name="loaded", scope="module")
def load() -> tuple[Any, Any]:
    """Model and tokenizer as a trainer loads them, from the folder alone."""
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        return (
            transformers.AutoModelForCausalLM.from_pretrained(MODEL, local_files_only=True),
            transformers.AutoTokenizer.from_pretrained(MODEL, local_files_only=True),
        )


def test_parameters_are_as_many_as_the_card_says(loaded: tuple[Any, Any]) -> None:
    found = sum(parameter.numel() for parameter in loaded[0].parameters())
    assert f"{found:,}" == on_the_card("parameters")
    assert f"{found:,} parameters" in TRAINING.read_text(encoding="utf-8")


def test_target_modules_are_all_linear_layers(loaded: tuple[Any, Any]) -> None:
    linear = {name.rpartition(".")[2] for name, module in loaded[0].named_modules() if type(module).__name__ == "Linear"}
    assert linear - {"lm_head"} == set(model.TARGETS)


@pytest.mark.parametrize("text", ["3+4=?", " Opposite of hot? ", "f=len", "naïve\n 你好 — 'x'  🙂\t\x00"])
def test_tokenizer_round_trips_bytes(loaded: tuple[Any, Any], text: str) -> None:
    ids = loaded[1](text)["input_ids"]
    assert ids == list(text.encode())
    assert loaded[1].decode(ids) == text


def test_tokenizer_puts_questions_as_the_model_was_taught(loaded: tuple[Any, Any]) -> None:
    tokenizer = loaded[1]
    asked = [{"role": "user", "content": "3+4=?"}]
    assert tokenizer.apply_chat_template(asked, add_generation_prompt=True, return_dict=False) == model.prompted("3+4=?")
    told = [{"role": "system", "content": "Answer the question."}, *asked]
    assert tokenizer.apply_chat_template(told, add_generation_prompt=True, return_dict=False) == model.prompted("3+4=?")
    assert (tokenizer.eos_token_id, tokenizer.pad_token_id, len(tokenizer)) == (model.END, model.PAD, model.CONFIG["vocab_size"])


def test_model_ends_its_answers_and_is_right_in_some(loaded: tuple[Any, Any]) -> None:
    torch = importlib.import_module("torch")
    torch.manual_seed(0)
    right, ended = 0, 0
    asked = [row for row in SPLITS["train"] if row["domain"] == "math"][:16]
    for row in asked:
        ids = torch.tensor([model.prompted(row["question"])] * 16)
        with torch.no_grad():
            made = loaded[0].generate(ids, attention_mask=torch.ones_like(ids), do_sample=True, temperature=1.0, top_k=0, max_new_tokens=6)
        for answer in made[:, ids.shape[1] :].tolist():
            ended += model.END in answer
            right += answer[: len(row["answer"]) + 1] == [*row["answer"].encode(), model.END]
    assert ended / (16 * len(asked)) > 0.95
    assert 0.25 < right / (16 * len(asked)) < 0.55


def test_making_it_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    first, second = ({path.name: path.read_bytes() for path in make.make(tmp_path / name, steps=5)} for name in ("first", "second"))
    assert first == second
    assert len(first) == len(model.files()) + len(SPLITS) + 2
    assert len(first["model.safetensors"]) == (MODEL / "model.safetensors").stat().st_size
