"""Hostile and odd inputs for `confguard check`, one row each; `python tests/hostile/make.py FOLDER` writes them all.

Every case starts from a good project: `training.yaml` and `config/aflow_llm.yaml` of the reference profile. A row says

    name        of the case, and of its folder
    cause       what is hostile or odd about it, in a few words
    does        what is done to the good project: one action or several, from the words below
    exit        the exit code that is right (always one of 0, 1, 2)
    rule        a rule that must be among the findings
    says        a text that must be in the output
    args        what follows `confguard check`
    never       a text that must not be in the output
    start       how the command is started: a key of `STARTS` in box.py

`tests/test_hostile.py` runs them and lists what must hold for every one of them.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

# --- the words ----------------------------------------------------------------------------------------------------------


class Set(NamedTuple):
    """Another value for a key of training.yaml, as YAML."""

    key: str
    value: str


class Put(NamedTuple):
    """Other lines in place of a key of training.yaml with all that is below it."""

    key: str
    lines: str


class Each(NamedTuple):
    """The same value for every key of training.yaml."""

    value: str


class Add(NamedTuple):
    """Lines at the end of training.yaml."""

    lines: str | bytes


class Top(NamedTuple):
    """Text before the first line of training.yaml."""

    text: str | bytes


class Swap(NamedTuple):
    """Other bytes in place of some bytes of training.yaml, everywhere."""

    old: bytes
    new: bytes


class Encode(NamedTuple):
    """training.yaml in another encoding, after some first bytes."""

    codec: str
    first: bytes = b""


class Whole(NamedTuple):
    """training.yaml is this and nothing else."""

    content: str | bytes


class File(NamedTuple):
    """A file with this content; without one, a copy of training.yaml."""

    path: str | bytes
    content: str | bytes | None = None


class Executor(NamedTuple):
    """config/aflow_llm.yaml has one model, `gpt-4o-mini`, that is this mapping."""

    model: str


class Make(NamedTuple):
    """Something that is no regular file: a folder, pipe, socket, or a sparse file of one gigabyte."""

    kind: str
    path: str


class Link(NamedTuple):
    """A symbolic link."""

    path: str
    target: str


class Forbid(NamedTuple):
    """No rights on a path, not even for its owner."""

    path: str


class Deep(NamedTuple):
    """Folders in folders, so many, each called `d`."""

    path: str
    levels: int


Action = Set | Put | Each | Add | Top | Swap | Encode | Whole | File | Executor | Make | Link | Forbid | Deep


class Case(NamedTuple):
    """One row; the columns are told at the top of this file."""

    name: str
    cause: str
    does: Action | tuple[Action, ...]
    exit: int
    rule: str = ""
    says: str = ""
    args: tuple[str, ...] = ("training.yaml",)
    never: str = ""
    start: str = ""


def project(yaml: str | bytes) -> File:
    """A confguard.yaml beside the config."""
    return File("confguard.yaml", yaml)


def toml(text: str) -> File:
    """A pyproject.toml beside the config."""
    return File("pyproject.toml", text)


def when(condition: str) -> File:
    """A confguard.yaml with one custom rule, its condition in block style so that nothing needs quotes."""
    return project(f"rules:\n  custom:\n    - code: TEAM001\n      message: told\n      when: |-\n        {condition}\n")


def lines(pattern: str, count: int) -> str:
    """The pattern so many times, with the number in place of `%d`, a line each."""
    return "".join(pattern.replace("%d", str(number)) + "\n" for number in range(count))


JSON = ("--format", "json", "training.yaml")
CONCISE = ("--format", "concise", "training.yaml")
LONG = "x" * 300_000
HUGE = "1" + "0" * 400
TELLTALES = "base_model: a\nmax_steps: 500\nlearning_rate: 2.0e-5\nlora_rank: 64\n"
AGAINST_PROFILE = ("--reference", "profile:reference", "training.yaml")
AGAINST_OTHER = ("--reference", "other.yaml", "training.yaml")
ANY_YAML = "files: {'*.yaml': aflow-training}\n"
MODEL = "{api_type: openai, base_url: 'https://x', api_key: '$K', model_name: m}"
ALIKE = "".join(chr(0x4E00 + number % 400) for number in range(40_000))

# --- the content of a config --------------------------------------------------------------------------------------------

CONTENT = (
    Case("control", "nothing at all", (), 0, says="1 file checked: 0 errors, 0 warnings"),
    # aliases, anchors, merge keys
    Case("billion-laughs", "aliases that expand a billionfold",
         Add("a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))), 1, "YAML007"),
    Case("quadratic-aliases", "500 aliases of a list of 500", Add(f"a: &a [{'x,' * 500}]\nb: [{'*a,' * 500}]"), 1, "YAML007"),
    Case("merge-bomb", "merge keys that expand a millionfold",
         Add("m0: &m0 {k: 1}\n" + "".join(f"m{n}: &m{n} {{<<: [{','.join([f'*m{n - 1}'] * 10)}]}}\n" for n in range(1, 8))), 1, "YAML007"),
    Case("merge-chain", "400 merge keys, each of the mapping before",
         Add("m0: &m0 {k0: 1}\n" + "".join(f"m{n}: &m{n} {{<<: *m{n - 1}, k{n}: 1}}\n" for n in range(1, 400))), 1),
    Case("merge-many", "10,000 merges of a mapping with a huge key", Add(f"m: &m {{? {LONG} : 1}}\nn: {{<<: [{'*m,' * 10_000}]}}"), 1),
    Case("merge-scalar", "a merge key with a scalar", Add("<<: 5"), 1, "YAML001", "a merge key (<<) takes"),
    Case("merge-list-of-scalars", "a merge key with a list of scalars", Add("<<: [1, 2]"), 1, "YAML001", "a merge key (<<) takes"),
    Case("merge-itself", "a merge key with the mapping that it stands in", Add("n: &n {<<: *n}"), 1, "YAML007"),
    Case("merge-required", "required keys that come through a merge key", Put("lora_rank", "<<: {lora_rank: 64}"), 0, "YAML009"),
    Case("merge-quoted", "a quoted << that is no merge key", Add('"<<": {a: 1}'), 1, "SCHEMA002"),
    Case("cyclic-alias", "an alias inside its own value", Set("device_mapping", "&a [*a]"), 1, "YAML007", "circle"),
    Case("undefined-alias", "an alias without an anchor", Set("device_mapping", "*nowhere"), 1, "YAML001", "no anchor"),
    Case("alias-escape", "an alias whose name is Chinese and undefined", Set("device_mapping", "*\u4e2d\u6587"), 1, "YAML001",
         "\u4e2d\u6587"),
    Case("anchor-alone", "an anchor at the end of the file, with no value", Add("notes: &a"), 1, "SCHEMA002"),
    Case("anchor-twice", "two anchors on one value", Set("max_steps", "&a &b 500"), 1, "YAML001"),
    Case("anchor-again", "one anchor defined 10,000 times", Add(lines("k%d: &a 1", 10_000)), 1, "SCHEMA002"),
    Case("alias-key", "an alias as a key", (Set("base_model", '&k "Qwen/Qwen2.5-7B-Instruct"'), Add("*k : 1")), 1, "SCHEMA002"),
    Case("alias-of-long-text", "20,000 aliases of a huge text where integers should be",
         (Top(f"long: &a {LONG}\n"), Set("device_mapping", f"[{'*a,' * 20_000}]")), 1, "YAML007"),
    Case("alias-of-long-name", "20,000 aliases of a huge module name",
         (Top(f"long: &a {LONG}\n"), Set("lora_target_modules", f"[{'*a,' * 20_000}]")), 1, "YAML007"),
    Case("alias-of-long-secret", "20,000 aliases of a huge text, beside a secret",
         (Top(f"long: &a {LONG}\n"), Add(f"apikey: sk-abcdefghij0123456789\nnotes: [{'*a,' * 20_000}]")), 1, "YAML007",
         never="sk-abcdefghij0123456789"),
    # depth
    Case("flow-sequences", "200,000 open brackets", Set("device_mapping", "[" * 200_000), 1, "YAML007"),
    Case("flow-mappings", "50,000 open braces", Set("device_mapping", "{a: " * 50_000), 1, "YAML007"),
    Case("flow-closers", "200,000 closing brackets", Set("device_mapping", "]" * 200_000), 1, "YAML001"),
    Case("flow-40-deep", "lists in lists, just as deep as is allowed", Set("device_mapping", "[" * 40 + "1" + "]" * 40), 1, "SCHEMA003"),
    Case("flow-41-deep", "lists in lists, one deeper than is allowed", Set("device_mapping", "[" * 41 + "1" + "]" * 41), 1, "YAML007"),
    Case("block-mappings", "900 mappings in mappings, by indentation", Add("".join(f"{' ' * n}k:\n" for n in range(900))), 1, "YAML007"),
    Case("block-sequences", "100,000 dashes on one line", Add("notes:\n  " + "- " * 100_000), 1, "YAML007"),
    Case("block-message", "block nesting told with its own limit", Add("notes:\n  " + "- " * 100), 1, "YAML007", "more than 60 levels"),
    Case("explicit-keys-deep", "50,000 explicit keys in explicit keys", Add("? " * 50_000), 1, "YAML007"),
    Case("flow-pairs-deep", "20,000 single pairs in single pairs", Set("device_mapping", "[? " * 20_000), 1, "YAML007"),
    # numbers
    Case("integer-4301", "an integer of 4,301 digits", Set("learning_rate", "9" * 4301), 1, "YAML001"),
    Case("integer-4300", "an integer of 4,300 digits, which Python reads", Set("learning_rate", "9" * 4300), 1),
    Case("integer-hex", "a hexadecimal integer of 5,000 digits", Set("max_steps", "0x" + "f" * 5000), 1),
    Case("integer-octal", "an octal integer of 9,000 digits", Set("max_steps", "0" + "7" * 9000), 1),
    Case("integer-binary", "a binary integer of 20,000 digits", Set("max_steps", "0b" + "1" * 20_000), 1),
    Case("integer-base-60", "a base-60 integer of 4,000 places", Set("max_steps", "1" + ":59" * 4000), 1),
    Case("base-60-long", "a base-60 integer of 150,000 places", Set("max_steps", "1" + ":0" * 150_000), 1, "YAML001"),
    Case("rate-huge", "a learning rate that no float can hold", Set("learning_rate", HUGE), 1, "SCHEMA006", never="BATCH"),
    Case("rate-minus-huge", "a negative learning rate that no float can hold", Set("learning_rate", "-" + HUGE),
         1, "SCHEMA006", never="BATCH"),
    Case("rate-1e308", "the largest learning rate that a float can hold", Set("learning_rate", "1.0e+308"), 1, "SCHEMA006", never="BATCH"),
    Case("rate-minus-1e308", "the lowest learning rate that a float can hold", Set("learning_rate", "-1.0e+308"),
         1, "SCHEMA006", never="BATCH"),
    Case("rate-denormal", "the smallest learning rate above 0", Set("learning_rate", "5.0e-324"), 1, "BATCH007"),
    Case("rate-overflows", "a float past the largest", Set("learning_rate", "1.0e+999"), 1, "SCHEMA006"),
    Case("rate-inf", "infinity", Set("learning_rate", ".inf"), 1, "SCHEMA006"),
    Case("rate-minus-inf", "minus infinity", Set("learning_rate", "-.INF"), 1, "SCHEMA006"),
    Case("rate-nan", "not a number", Set("learning_rate", ".nan"), 1, "SCHEMA006"),
    Case("shares-nan", "not a number among shares", Set("domain_ratios", "{math: .nan, qa: 1.0}"), 1, "SCHEMA006"),
    Case("shares-huge", "shares that no float can hold, beside floats", Set("domain_ratios", f"{{math: {HUGE}, qa: 0.3}}"),
         1, "SCHEMA006", never="DATA"),
    Case("shares-overflow", "shares whose sum is infinite", Set("domain_ratios", "{math: 1.0e+308, qa: 1.0e+308}"),
         1, "SCHEMA006", never="DATA"),
    Case("shares-empty", "no shares at all", Set("domain_ratios", "{}"), 1, "DATA002"),
    Case("steps-huge", "steps and warm-up that no float can hold", (Set("max_steps", HUGE), Set("warmup_steps", HUGE)),
         1, "SCHEMA006", never="SCHED"),
    Case("warmup-huge-part", "a warm-up of a third of huge steps", (Set("max_steps", "3" + HUGE), Set("warmup_steps", HUGE)), 1,
         "SCHEMA006", never="SCHED"),
    Case("steps-huge-named", "a run name beside huge steps", Set("max_steps", HUGE), 1, "SCHEMA006", never="NAME"),
    Case("steps-in-percent", "a percentage in a comment beside a huge value", Set("warmup_steps", f"{HUGE}  # 20% of max_steps"), 1,
         "SCHEMA006", never="NAME"),
    Case("rank-1e18", "a LoRA rank of 10**18", Set("lora_rank", "1" + "0" * 18), 1, "LORA004"),
    Case("rank-huge", "a LoRA rank that no float can hold", Set("lora_rank", HUGE), 1, "SCHEMA006", never="LORA"),
    Case("rank-huge-rslora", "the root of a rank that no float can hold", (Set("lora_rank", HUGE), Add("use_rslora: true")),
         1, "SCHEMA006", never="LORA"),
    Case("alpha-huge", "a LoRA alpha that no float can hold", Set("lora_alpha", HUGE), 1, "SCHEMA006", never="LORA"),
    Case("alpha-huge-comment", "alpha/rank in a comment beside a huge alpha", Set("lora_alpha", f"{HUGE}  # alpha/rank = 1"),
         1, "SCHEMA006", never="NAME"),
    Case("alpha-underflows", "a LoRA scale that is 0 only in floats, against a reference", Set("lora_alpha", "5.0e-324"), 1, "LORA004",
         args=AGAINST_PROFILE, never="LORA006"),
    Case("reference-underflows", "a reference whose LoRA scale is 0 only in floats",
         (Set("lora_alpha", "5.0e-324"), File("other.yaml"), Set("lora_alpha", "64")), 0, args=AGAINST_OTHER, never="LORA006"),
    Case("batch-huge", "a batch that no float can hold, against a reference", Set("rollout_batch_size", HUGE), 1, args=AGAINST_PROFILE),
    Case("reference-batch-huge", "a reference whose batch no float can hold",
         (Set("rollout_batch_size", HUGE), File("other.yaml"), Set("rollout_batch_size", "5")), 0, args=AGAINST_OTHER),
    Case("reference-rate-tiny", "a reference whose learning rate is the smallest above 0",
         (Set("learning_rate", "5.0e-324"), File("other.yaml"), Set("learning_rate", "2.0e-5")), 0, args=AGAINST_OTHER),
    Case("seconds-huge", "a timeout of 10**400 s", Set("execution_timeout", HUGE), 1, "SCHEMA006"),
    Case("all-minus-one", "-1 for every key", Each("-1"), 1, "SCHED007"),
    Case("all-huge", "10**400 for every key", Each(HUGE), 1, "SCHEMA003"),
    Case("zero-steps", "0 for every key", Each("0"), 1, "SCHED007"),
    Case("octal", "an octal number", Set("max_steps", "0764"), 0, "YAML011"),
    Case("sexagesimal", "a base-60 number", Set("max_steps", "8:20"), 0, "YAML011"),
    Case("sexagesimal-float", "a base-60 float", Set("learning_rate", "190:20:30.15"), 1, "YAML011"),
    Case("underscores", "a number with underscores", Set("warmup_steps", "1_0_0"), 0, says="0 errors"),
    Case("underscores-quoted", "a quoted number with two underscores", Set("learning_rate", '"1__0"'), 1),
    Case("underscore-last", "a quoted number that ends with an underscore", Set("max_steps", '"500_"'), 1),
    Case("underscore-only", "an octal sign with only an underscore", Add("notes: 0o_"), 1, "SCHEMA002"),
    Case("digits-full-width", "full-width digits", Set("max_steps", '"\uff15\uff10\uff10"'), 1, says="write 500"),
    Case("digits-arabic", "Arabic digits, plain", Set("max_steps", "\u0665\u0660\u0660"), 1, says="write 500"),
    Case("date-13-45", "a date that does not exist", Set("learning_rate", "2024-13-45"), 1, "YAML001"),
    Case("date", "a date where a number should be", Set("learning_rate", "2024-01-01"), 1, "SCHEMA003"),
    Case("date-zone", "a time with an offset of 99 hours", Set("learning_rate", "2024-01-01T00:00:00+99:99"), 1, "YAML001"),
    Case("date-year-0", "a date in the year 0", Set("learning_rate", "0000-01-01"), 1, "YAML001"),
    Case("equals-sign", "YAML 1.1's value sign", Set("base_model", "="), 1, never="None"),
    Case("digits-quoted", "a string of 400,000 digits", Set("learning_rate", f'"{"9" * 400_000}"'), 1, "YAML010"),
    Case("digits-and-letter", "400,000 digits and a letter", Set("learning_rate", "1" * 400_000 + "x"), 1, "YAML001"),
    # size
    Case("lines", "30,001 lines", Add("# x\n" * 30_000), 1, "YAML007"),
    Case("lines-cr", "60,000 lines that end with CR alone", Add("#" + "x\r#" * 60_000), 1, "YAML007"),
    Case("values", "60,001 values", Add(f"notes: [{'1,' * 60_001}]"), 1, "YAML007"),
    Case("values-240000", "240,000 values, as many as the size allows", Add(f"notes: [{'1,' * 240_000}]"), 1, "YAML007"),
    Case("values-unclosed", "240,000 values in a list that is never closed", Add(f"notes: [{'1,' * 240_000}"), 1),
    Case("lists-empty", "150,000 empty lists", Add(f"notes: [{'[],' * 150_000}]"), 1),
    Case("aliases-150000", "150,000 aliases of one number", (Top("n: &a 1\n"), Add(f"notes: [{'*a,' * 150_000}]")), 1),
    Case("hash-signs", "a comment of 400,000 hash signs", Add(f"# {'#' * 400_000}"), 0),
    Case("hash-signs-quoted", "50,000 quoted texts with a hash sign each", Add("notes: [" + '"x #",' * 50_000 + "]"), 1, "SCHEMA002"),
    Case("bytes-known", "one megabyte that looks like a config", Add(f"# {'x' * (1 << 20)}"), 1, "YAML007"),
    Case("bytes-unknown", "one megabyte that looks like nothing", Whole("x" * (1 << 20)), 0, says="1 skipped"),
    Case("bytes-cut", "a size limit in the middle of a character", Add("# " + "\u4e2d" * 200_000), 1, "YAML007"),
    Case("scalar-plain", "a plain scalar of 500,000 characters", Set("base_model", "x" * 500_000), 0),
    Case("scalar-folded", "a folded scalar of 20,000 lines", Set("base_model", ">-\n" + "  word word word\n" * 20_000), 0),
    Case("scalar-literal", "a literal scalar of 500,000 characters", Set("output_dir", "|\n  " + "y" * 500_000), 0),
    Case("key-plain", "a plain key of 5,000 characters", Add(f"{'k' * 5000}: 1"), 1, "YAML001"),
    Case("key-explicit", "an explicit key of 400,000 characters", Add(f"? {'k' * 400_000}\n: 1"), 1, "YAML007"),
    Case("key-over-list", "an explicit key of 300,000 characters over 20,000 items that readers differ on",
         Add(f"? {LONG}\n: [{'on,' * 20_000}]"), 1, "YAML007"),
    Case("key-of-underscores", "a key of 1,000 underscores over 25,000 texts, beside a secret",
         Add(f"apikey: sk-abcdefghij0123456789\n{'_' * 1000}: [{'x,' * 25_000}]"), 1, "SEC001", never="sk-abcdefghij0123456789"),
    Case("comment-long", "a comment of 500,000 characters", Add(f"# {'c' * 500_000}"), 0),
    Case("spaces", "500,000 spaces at the end of a line", Set("max_steps", "500" + " " * 500_000), 0),
    Case("blank-lines", "29,000 blank lines", Top("\n" * 29_000), 0),
    Case("keys-unknown", "20,000 unknown keys", Add(lines("unknown_%d: 1", 20_000)), 1, "SCHEMA002"),
    Case("keys-unknown-one-line", "5,000 unknown keys on one line",
         Set("wandb", "{" + "".join(f"key_{n}: 1, " for n in range(5000)) + "}"), 1, "SCHEMA002"),
    Case("keys-near", "5,000 keys that are nearly known", Add(lines("learning_rat%d: 1", 5000)), 1, "SCHEMA002"),
    Case("keys-repeated", "one key 20,000 times", Add(lines("notes: %d", 20_000)), 1, "YAML002"),
    Case("keys-repeated-pairs", "10,000 keys, each written twice", Add(lines("k%d: 1\nk%d: 2", 10_000)), 1, "YAML002"),
    Case("readers-differ-often", "20,000 values on one line that readers differ on", Add(f"notes: [{'on,' * 20_000}]"), 1, "YAML011"),
    Case("shares-wrong-often", "20,000 shares that are no numbers",
         Set("domain_ratios", "{" + "".join(f"d{n}: x, " for n in range(20_000)) + "}"), 1, "SCHEMA003"),
    Case("shares-percent-often", "20,000 shares that sum to 100",
         Set("domain_ratios", "{" + "".join(f"d{n}: 0.005, " for n in range(20_000)) + "}"), 1, "DATA002"),
    Case("modules-many", "60,000 different target modules", Set("lora_target_modules", f'"{",".join(map(str, range(60_000)))}"'), 1,
         "LORA008"),
    Case("modules-half-known", "50,000 target modules of which one is known",
         Set("lora_target_modules", f'"q_proj,{",".join(map(str, range(50_000)))}"'), 1, "LORA009"),
    Case("models-many", "3,000 executors, each with faults",
         File("config/aflow_llm.yaml", "models:\n" + lines("  m%d: {api_type: x, base_url: y, top_p: 2, api_key: '', maxtokens: 3}", 3000)),
         1, "SCHEMA004", args=("training.yaml", "config/aflow_llm.yaml")),
    Case("models-alike", "an executor's name of 40,000 characters, nearly another's",
         (File("config/aflow_llm.yaml", f"models:\n  ? {ALIKE}\n  : {MODEL}\n"), Set("aflow_executor_model", "z" + ALIKE[::-1])),
         1, "EXEC003", "1,024 characters"),
    Case("models-alike-allowed", "an executor's name of 1,000 characters, nearly another's",
         (File("config/aflow_llm.yaml", f"models:\n  ? {ALIKE[:1000]}\n  : {MODEL}\n"), Set("aflow_executor_model", "z" + ALIKE[999::-1])),
         1, "EXEC004"),
    Case("extension-patterns", "400 extension patterns for 1,000 unknown keys",
         (project("extension_keys:\n" + lines("  - '*a*b*c%d*'", 400)), Add(lines("unknown_%d: 1", 1000))), 1, "SCHEMA002"),
    # keys
    Case("duplicate-key", "a key written twice", Add("max_steps: 600"), 1, "YAML002"),
    Case("duplicate-spelled", "a key written twice, once in quotes", Add('"max_steps": 600'), 1, "YAML002"),
    Case("duplicate-escaped", "a key written twice, once with an escape", Add('"max\\x5fsteps": 600'), 1, "YAML002"),
    Case("duplicate-nested", "a key written twice in a flow mapping", Set("domain_ratios", "{math: 0.4, qa: 0.5, math: 0.5}"), 1,
         "YAML002"),
    Case("duplicate-same", "a key written twice with one value, once in hexadecimal", Add("max_steps: 0x1F4"), 0, "YAML012"),
    Case("duplicate-quoted", "a key written twice with one value, once as a string", Add('max_steps: "500"'), 1, "YAML002"),
    Case("duplicate-alias", "a list written twice, by its anchor", (Set("device_mapping", "&a [0]"), Add("device_mapping: *a")), 1,
         "YAML002"),
    Case("explicit-key", "an explicit key with ?", Put("learning_rate", "? learning_rate\n: 2.0e-5"), 0),
    Case("explicit-key-bad", "an explicit key with a wrong value", Put("learning_rate", "? learning_rate\n: fast"), 1, "SCHEMA003"),
    Case("explicit-key-comment", "an explicit key with a comment that has a colon",
         Put("lora_target_modules", "? lora_target_modules  # one: two\n: [q_proj]"), 1, "LORA013", args=JSON, never='"safe"'),
    Case("fix-anchor", "a fix of a value whose anchor is used below", (Set("max_steps", '&a "500"'), Set("warmup_steps", "*a")), 1,
         "YAML010", args=JSON, never='"safe"'),
    Case("list-key", "a list as a key", Add("[a, b]: 1"), 1, "YAML001", "stands where a key should"),
    Case("mapping-key", "a mapping as a key", Add("{a: b}: 1"), 1, "YAML001", "stands where a key should"),
    Case("block-list-key", "a block list as an explicit key", Add("? - a\n  - b\n: 1"), 1, "YAML001", "stands where a key should"),
    Case("null-key", "no key at all before a colon", Add(": 1"), 1, "YAML001"),
    Case("empty-key", "an empty string as a key", Add('"": 1'), 1, "SCHEMA002"),
    Case("number-key", "a number as a key", Add("500: 1"), 1, "SCHEMA002"),
    Case("bool-key", "a boolean as a key", Add("true: 1"), 1, "SCHEMA002"),
    Case("date-key", "an impossible date as a key", Add("2024-13-45: 1"), 1, "YAML001"),
    Case("dotted-key", "a dotted path as one key", Add("generation_config.top_p: 7"), 1, "SCHEMA002"),
    Case("key-with-newline", "a key with line breaks", Add('"a\\n\\nb": 1'), 1, "SCHEMA002", args=CONCISE),
    Case("cyrillic-key", "a key with a Cyrillic letter", Swap(b"max_steps:", "max_st\u0435ps:".encode()), 1, "YAML006"),
    Case("zero-width-key", "a key with a zero-width space", Swap(b"max_steps:", "max\u200b_steps:".encode()), 1, "YAML006"),
    Case("full-width-key", "a key in full-width letters", Swap(b"max_steps:", "\uff4d\uff41\uff58_steps:".encode()), 1, "YAML006"),
    # syntax
    Case("tab-indent", "a tab for indentation", Put("domain_ratios", "domain_ratios:\n\tmath: 1.0"), 1, "YAML001", "a tab stands"),
    Case("tab-after-colon", "a tab after a colon, which PyYAML's own scanner refuses", Put("max_steps", "max_steps:\t500"), 1, "YAML001"),
    Case("tab-before-comment", "a tab before a comment, which PyYAML's own scanner refuses", Set("max_steps", "500\t# steps"), 1,
         "YAML001"),
    Case("tab-at-end", "a tab at the end of a line, which PyYAML's own scanner refuses", Set("max_steps", "500\t"), 1, "YAML001"),
    Case("tab-in-flow", "a tab in a list, which PyYAML's own scanner refuses", Set("device_mapping", "[0,\t1]"), 1, "YAML001"),
    Case("tab-in-plain", "a tab inside a plain value, which PyYAML's own scanner refuses", Set("output_dir", "a\tb"), 1, "YAML001"),
    Case("tab-in-quotes", "tabs inside quotes, a block scalar and a comment, where they may stand",
         (Set("output_dir", "'a\tb'  # c\td"), Put("wandb", "wandb:\n  notes: |\n    a\tb\n")), 0,
         says="1 file checked: 0 errors, 0 warnings"),
    Case("unclosed-quote", "a quote that is never closed", Set("base_model", '"Qwen'), 1, "YAML001"),
    Case("unclosed-bracket", "a bracket that is never closed", Set("device_mapping", "[0"), 1, "YAML001"),
    Case("unclosed-brace", "a brace that is never closed", Set("wandb", "{enabled: true"), 1, "YAML001"),
    Case("stray-bracket", "a closing bracket alone", Add("]"), 1, "YAML001"),
    Case("no-space", "no space after a colon", Put("max_steps", "max_steps:500"), 1, "YAML001"),
    Case("reserved-sign", "a value that starts with a reserved sign", Set("base_model", "@model"), 1, "YAML001"),
    Case("percent-sign", "a value that starts with a percent sign", Set("base_model", "%model"), 1, "YAML001"),
    Case("block-indent-0", "a block scalar with an indentation of 0", Set("base_model", "|0\n  x"), 1, "YAML001"),
    Case("bad-escape", "an escape that YAML does not have", Set("base_model", '"\\q"'), 1, "YAML001"),
    Case("surrogate-escape", "half a surrogate pair as an escape", Set("base_model", '"\\ud800"'), 1, "YAML001"),
    Case("code-point", "an escape past the last code point", Set("base_model", '"\\UFFFFFFFF"'), 1, "YAML001"),
    Case("several-documents", "two documents", Add("---\nmax_steps: 1"), 1, "YAML003"),
    Case("documents-20000", "20,000 empty documents", Add("---\n" * 20_000), 1, "YAML003"),
    Case("document-end", "a document end and nothing after it", Add("...\n"), 0),
    Case("yaml-9", "a version of YAML that is not there yet", Top("%YAML 9.9\n---\n"), 1, "YAML001"),
    Case("tag-directive", "a directive that makes ! mean an integer",
         (Top("%TAG ! tag:yaml.org,2002:\n---\n"), Set("max_steps", '!int "500"')), 0),
    Case("empty", "an empty file", Whole(""), 0, says="1 skipped"),
    Case("empty-named", "an empty file that the project calls a config", (Whole(""), project(ANY_YAML)), 1, "YAML004"),
    Case("only-comments", "only comments", Whole("# learning_rate: 2.0e-5\n# max_steps: 500\n"), 0, says="1 skipped"),
    Case("only-dashes", "only a document start", Whole("---\n"), 0, says="1 skipped"),
    Case("only-dots", "only a document end", Whole("...\n"), 0, says="1 skipped"),
    Case("only-spaces", "only spaces and line ends", Whole(" \n  \n"), 0, says="1 skipped"),
    Case("only-tab", "only a tab", Whole("\t"), 0, says="1 skipped"),
    Case("root-list", "a list at the root", (Whole("- max_steps: 500\n"), project(ANY_YAML)), 1, "YAML004"),
    Case("root-scalar", "a scalar at the root", (Whole("500\n"), project(ANY_YAML)), 1, "YAML004"),
    Case("root-null", "nothing but ~", (Whole("~\n"), project(ANY_YAML)), 1, "YAML004"),
    Case("root-set", "a flow mapping without values", (Whole("{a, b}\n"), project(ANY_YAML)), 1, "SCHEMA001"),
    Case("json", "a config in JSON with a comma too many",
         Whole('{"base_model": "x", "max_steps": 500,, "lora_rank": 64, "learning_rate": 1}'), 1, "YAML001"),
    # tags
    Case("python-object", "a tag that runs a command", Set("base_model", '!!python/object/apply:os.system ["touch pwned"]'), 1, "YAML008"),
    Case("python-name", "a tag that imports a name", Set("base_model", "!!python/name:os.system"), 1, "YAML008"),
    Case("include", "an unknown tag that reads a file", Set("base_model", "!include /etc/passwd"), 1, "YAML008"),
    Case("environment", "an unknown tag that reads the environment", Set("base_model", "!ENV ${HOME}"), 1, "YAML008"),
    Case("tag-escape", "a tag with a percent-encoded terminal escape", Set("base_model", "!<tag:%1b[31mred> x"), 1),
    Case("tag-long", "a tag of 200,000 characters", Set("base_model", f"!{'t' * 200_000} x"), 1, "YAML008"),
    Case("binary", "!!binary where a number should be", Set("learning_rate", "!!binary aGVsbG8="), 1, "SCHEMA003"),
    Case("binary-junk", "!!binary that is no base64", Set("learning_rate", "!!binary \u00e9\u00e9\u00e9"), 1, "YAML001"),
    Case("int-tag", "!!int of a word", Set("max_steps", "!!int many"), 1, "YAML001"),
    Case("int-tag-empty", "!!int of nothing", Set("max_steps", '!!int ""'), 1, "YAML001"),
    Case("float-tag", "!!float of a dot", Set("learning_rate", "!!float ."), 1, "YAML001"),
    Case("bool-tag", "!!bool of a word", Set("bf16", "!!bool maybe"), 1, "YAML001"),
    Case("time-tag", "!!timestamp of a word", Set("base_model", "!!timestamp soon"), 1, "YAML001"),
    Case("str-tag", "!!str of a number", Set("max_steps", "!!str 500"), 1),
    Case("str-tag-list", "!!str of a list", Set("max_steps", "!!str [500]"), 1),
    Case("set-tag", "!!set where a mapping should be", Set("domain_ratios", "!!set {math, qa}"), 1, "SCHEMA003"),
    Case("seq-tag", "!!seq of a mapping, which no reader reads", Set("domain_ratios", "!!seq {math: 1.0}"), 1),
    # wrong types
    Case("all-null", "null for every key", Each("null"), 1, "SCHEMA003"),
    Case("all-list", "a list for every key", Each("[]"), 1, "SCHEMA003"),
    Case("all-mapping", "a mapping for every key", Each("{}"), 1, "SCHEMA003"),
    Case("all-text", "a text for every key", Each("text"), 1, "SCHEMA003"),
    Case("all-bool", "true for every key", Each("true"), 1, "SCHEMA003"),
    Case("all-date", "a date for every key", Each("2024-01-01"), 1, "SCHEMA003"),
    Case("all-nan", ".nan for every key", Each(".nan"), 1, "SCHEMA006"),
    Case("all-empty-text", "an empty text for every key", Each("''"), 1, "SCHEMA003"),
    Case("all-binary", "bytes for every key", Each("!!binary AAAA"), 1, "SCHEMA003"),
    Case("ratios-list", "domain_ratios as a list", Set("domain_ratios", "[0.4, 0.3, 0.3]"), 1, "SCHEMA003"),
    Case("ratios-pairs", "domain_ratios as a list of pairs", Set("domain_ratios", "[math: 0.5, qa: 0.5]"), 1, "SCHEMA003"),
    Case("ratios-nested", "domain_ratios with mappings inside", Set("domain_ratios", "{math: {easy: 1.0}}"), 1, "SCHEMA003"),
    Case("section-scalar", "a section that is a word", Set("wandb", "offline"), 1, "SCHEMA003"),
    Case("modules-mapping", "target modules as a mapping", Set("lora_target_modules", "{q_proj: true}"), 1, "SCHEMA003"),
    Case("modules-commas", "target modules that are only commas", Set("lora_target_modules", f'"{"," * 400_000}"'), 1, "LORA008"),
    Case("models-list", "models as a list",
         File("config/aflow_llm.yaml", f"models:\n  - {MODEL}\n"), 1,
         "EXEC003"),
    Case("models-null", "models without a model", File("config/aflow_llm.yaml", "models:\n"), 1, "EXEC003"),
    Case("models-scalar", "a model that is a word, beside a good one",
         File("config/aflow_llm.yaml", f"models:\n  gpt-4o-mini: cheap\n  m: {MODEL}\n"),
         1, "SCHEMA003", args=("config/aflow_llm.yaml",)),
    Case("executor-huge", "sampling of the executor that no float can hold",
         Executor(f"{{api_type: openai, base_url: 'https://x', api_key: '$K', temperature: {HUGE}, top_p: -{HUGE}, max_tokens: {HUGE}}}"),
         1, "SCHEMA006", args=("training.yaml", "config/aflow_llm.yaml"), never="EXEC010"),
    # terminals, people's eyes, log files
    Case("escape-value", "a terminal escape in a value", Set("aflow_config_path", '"\\e[2J\\e[31mred"'), 1, "EXEC001", "\\x1b[31m"),
    Case("escape-raw", "a raw escape character", Set("base_model", "\x1b[31mred"), 1, "YAML001", "U+001B"),
    Case("escape-key", "a terminal escape in a key", Add('"\\e]0;title\\a": 1'), 1, "SCHEMA002", "\\x1b]0;title"),
    Case("escape-choice", "a terminal escape where a choice should be",
         Executor("{api_type: \"\\e[31m\", base_url: 'https://x', api_key: '$K', model_name: m}"), 1, "SCHEMA004",
         args=("config/aflow_llm.yaml",)),
    Case("escape-model", "a terminal escape in the name of an executor",
         File("config/aflow_llm.yaml", 'models:\n  "\\e[31m": {api_type: openai, base_url: "https://x", api_key: "$K", model_name: m}\n'),
         1, "EXEC004"),
    Case("escape-run-name", "a terminal escape in the run name", Set("wandb", '{enabled: true, project: p, run_name: "\\e[31m-8batch"}'),
         1, "NAME001"),
    Case("escape-modules", "a terminal escape in a target module", Set("lora_target_modules", '"q_proj,\\e[31m"'), 1, "LORA009"),
    Case("escape-json", "a terminal escape in JSON output", Set("aflow_config_path", '"\\e[31mred"'), 1, "EXEC001", args=JSON),
    Case("escape-8-bit", "an 8-bit terminal escape in a value", Set("aflow_config_path", '"\\x9b31mred"'), 1, "EXEC001", "\\x9b31m"),
    Case("escape-8-bit-json", "an 8-bit terminal escape in JSON output", Set("aflow_config_path", '"\\x9b31mred"'), 1, "EXEC001",
         args=JSON),
    Case("escape-concise", "a terminal escape in concise output", Set("aflow_config_path", '"\\e[31mred"'), 1, "EXEC001", args=CONCISE),
    Case("escape-terminal", "a terminal escape, shown on a terminal", Set("aflow_config_path", '"\\e]8;;http://x\\e\\\\link"'), 1,
         "EXEC001", start="terminal"),
    Case("backspaces", "backspaces that rub out a finding", Add('"' + "\\b" * 200 + 'clean": 1'), 1, "SCHEMA002", "\\x08"),
    Case("carriage-return", "a carriage return in a value", Set("aflow_config_path", '"bad\\rgood"'), 1, "EXEC001", "\\r"),
    Case("markup", "rich markup in a value", Set("aflow_config_path", '"[bold]x[/bold] [/] [link=file:///etc/passwd]y[/link]"'), 1,
         "EXEC001", "[bold]x[/bold]"),
    Case("markup-terminal", "rich markup, shown on a terminal", Set("aflow_config_path", '"[bold]x[/] [/nope] :smile:"'), 1, "EXEC001",
         "[bold]x[/] [/nope] :smile:", start="terminal"),
    Case("bidi-value", "a right-to-left override in a value", Set("aflow_config_path", '"a\u202egnp.exe"'), 1, "EXEC001", "\\u202e"),
    Case("bidi-json", "a right-to-left override in JSON output", Set("aflow_config_path", '"a\u202egnp.exe"'), 1, "EXEC001", args=JSON),
    Case("bidi-isolate", "a bidi isolate in a comment beside a finding", Set("lora_alpha", "0  # \u2067\u2066fine\u2069"), 1, "LORA002",
         "\\u2067"),
    Case("bidi-arabic-mark", "an Arabic letter mark in a value", Set("aflow_config_path", '"a\u061cb"'), 1, "EXEC001", "\\u061c"),
    Case("tag-characters", "invisible tag characters in a value", Set("aflow_config_path", '"a\U000e0041\U000e0042b"'), 1, "EXEC001",
         "\\U000e0041"),
    Case("soft-hyphen", "a soft hyphen in a key", Add('"lora\u00ad_rank": 64'), 1, "YAML006"),
    Case("zero-width-value", "zero-width characters in a value", Set("aflow_config_path", '"a\u200b\u200d\u2060b"'), 1, "EXEC001",
         "\\u200b"),
    Case("combining", "20,000 combining marks on one letter", Set("aflow_config_path", '"a' + "\u0301" * 20_000 + '"'), 1, "EXEC001"),
    Case("forged-line", "a line break and a command for a CI log in a value", Set("aflow_config_path", '"x\\n::error file=a::pwned"'), 1,
         "EXEC001"),
    Case("forged-line-blank", "blank lines and a finding of someone else's in a value",
         Set("aflow_config_path", '"x\\n\\nother.yaml:1:1: error TEAM666 y"'), 1, "EXEC001", args=CONCISE),
    Case("forged-key", "a key that looks like a finding", Add('"\\nother.yaml:1:1: error TEAM666 y": 1'), 1, "SCHEMA002"),
    # secrets
    Case("secret-key", "a literal key of an executor",
         Executor("{api_type: openai, base_url: 'https://x', api_key: sk-abcdefghij0123456789, model_name: m}"), 1, "SEC001",
         args=("config/aflow_llm.yaml",), never="sk-abcdefghij0123456789"),
    Case("secret-json", "a literal key in JSON output", Add("apikey: sk-abcdefghij0123456789"), 1, "SEC001", args=JSON,
         never="sk-abcdefghij0123456789"),
    Case("secret-comment", "a token in a comment", Add("# old: hf_abcdefghijklmnopqrstuvwxyz0123"), 1, "SEC001",
         never="hf_abcdefghijklmnopqrstuvwxyz0123"),
    Case("secret-next-line", "a password on the line after its key", Add("password:\n  correcthorsebattery"), 1, "SEC001",
         never="correcthorsebattery"),
    Case("secret-explicit", "a password under an explicit key", Add("? password\n: correcthorsebattery"), 1, "SEC001",
         never="correcthorsebattery"),
    Case("secret-list", "a password in a list", Add("password:\n  - correcthorsebattery"), 1, "SEC001", never="correcthorsebattery"),
    Case("secret-anchor", "a password with an anchor", Add("password: &p correcthorsebattery"), 1, "SEC001", never="correcthorsebattery"),
    Case("secret-tag", "a password with a tag", Add("password: !!str correcthorsebattery"), 1, "SEC001", never="correcthorsebattery"),
    Case("secret-spaces", "a password of several words", Add('password: "correct horse battery staple"'), 1, "SEC001",
         never="horse battery staple"),
    Case("secret-hash", "a password with a # in it", Add("password: 'ab#correcthorsebattery'"), 1, "SEC001", never="correcthorsebattery"),
    Case("secret-quote", "a password with a quote in it", Add("password: 'ab\"correcthorsebattery'"), 1, "SEC001",
         never="correcthorsebattery"),
    Case("secret-block", "a password in a block scalar", Add("password: |\n  correcthorsebattery\n"), 1, "SEC001",
         never="correcthorsebattery"),
    Case("secret-as-key", "a token as a key", Add("sk-abcdefghij0123456789: 1"), 1, "SCHEMA002", never="sk-abcdefghij0123456789"),
    Case("secret-as-key-json", "a token as a key, in JSON output", Add("sk-abcdefghij0123456789: 1"), 1, "SCHEMA002", args=JSON,
         never="sk-abcdefghij0123456789"),
    Case("secret-wrong-type", "a token where a number should be", Set("max_steps", "sk-abcdefghij0123456789"), 1, "SCHEMA003",
         never="sk-abcdefghij0123456789"),
    Case("secret-url", "a password in a URL", Set("output_dir", '"https://user:correcthorse@host/x"'), 1, "SEC001", never="correcthorse"),
    Case("secret-url-cut", "a password in a URL, cut before its @",
         Set("max_steps", '"https://a.long.user.name.0123456789:correcthorsebattery@host"'), 1, "SCHEMA003", never="correcthorsebatte"),
    Case("secret-run-name", "a token in a run name that is rewritten, in JSON output",
         Set("wandb", "{enabled: true, project: p, run_name: sk-abcdefghij0123456789-8batch}"), 1, "NAME001", args=JSON,
         never="sk-abcdefghij0123456789"),
    Case("secret-refused", "a password in a line that is no YAML", Add("password: 'correcthorsebattery"), 1, "YAML001",
         never="correcthorsebattery"),
    Case("secret-latin-1", "a password in a file that is no UTF-8", Add(b"password: correcthorse\xe9battery"), 1, "YAML005",
         never="battery"),
    Case("secret-flow", "a password beside a fault on one line", Set("wandb", "{enabled: 5, password: correcthorsebattery, project: p}"),
         1, "SEC001", never="correcthorsebattery"),
    Case("secret-path", "a token in the path of the executor", Set("aflow_config_path", '"sk-abcdefghij0123456789"'), 1, "EXEC001",
         never="sk-abcdefghij0123456789"),
    # expressions that take long
    Case("digits-equals", "a comment of 300,000 digits and an equals sign", Add(f"# = {'1' * 300_000}"), 0),
    Case("digits-percent", "a comment of 300,000 digits and a percent sign", Set("warmup_steps", f"100  # % {'1' * 300_000}"), 0),
    Case("factors", "a comment with 100,000 factors and no product", Add(f"# = {'1x' * 100_000}"), 0),
    Case("factors-spaced", "a comment with one factor and 400,000 spaces", Add(f"# = 1{' ' * 400_000}!"), 0),
    Case("factors-words", "a comment with a factor and 200,000 letters x", Add(f"# = 1 {'x' * 200_000} 2"), 0),
    Case("factors-right", "a comment whose product has 400,000 digits", Add(f"# 500 steps x 5 prompts = {'9' * 400_000}"), 0, never="NAME002"),
    Case("factors-long", "a comment whose product has 300 digits", Add(f"# 500 steps x 5 prompts = {'9' * 300}"), 0, "NAME002"),
    Case("alphas", "a comment that says alpha/ 80,000 times", Add("# " + "alpha/r " * 60_000), 0),
    Case("percents", "a comment with 100,000 percentages", Set("warmup_steps", "100  # " + "1% of " * 80_000), 0),
    Case("run-name-digits", "a run name of 300,000 digits", Set("wandb", f"{{enabled: true, project: p, run_name: '{'1' * 300_000}'}}"), 0),
    Case("run-name-steps", "a run name with 300,000 digits of steps",
         Set("wandb", f"{{enabled: true, project: p, run_name: '{'1' * 300_000}steps'}}"), 1, "NAME001"),
    Case("run-name-lies", "a run name with 20,000 lies", Set("wandb", f"{{enabled: true, project: p, run_name: '{'8batch-' * 20_000}'}}"),
         1, "NAME001"),
    Case("run-name-rates", "a run name with a rate of 1e999999",
         Set("wandb", "{enabled: true, project: p, run_name: lr1e999999-rank1e400}"), 1, "NAME001"),
    Case("secret-names", "the word secret 70,000 times", Add(f"notes: {'secret ' * 70_000}"), 1, "SCHEMA002"),
    Case("secret-prefixes", "the start of a token 150,000 times", Add(f"notes: {'sk-' * 150_000}"), 1),
    Case("secret-urls", "a URL with 300,000 colons", Add(f"notes: ://a:b{':c' * 150_000}"), 1, "SCHEMA002"),
    Case("secret-urls-many", "100,000 starts of a URL", Add(f"notes: {'://a:' * 100_000}x"), 1, "SCHEMA002"),
    Case("secret-blank", "the word password and 29,000 blank lines", Add("notes: password" + "\n" * 29_000), 1, "SCHEMA002"),
    # ignore comments
    Case("ignore-open", "an ignore whose bracket is never closed", Set("lora_alpha", "0  # confguard: ignore[LORA002 because"), 1,
         "LORA002"),
    Case("ignore-empty", "an ignore of no rule", Set("max_steps", "500  # confguard: ignore[] because"), 1, "WAIVE004"),
    Case("ignore-commas", "an ignore of nothing but commas", Set("max_steps", "500  # confguard: ignore[,,,] because"), 1, "WAIVE004"),
    Case("ignore-no-reason", "an ignore without a reason", Set("lora_alpha", "0  # confguard: ignore[LORA002]"), 1, "LORA002"),
    Case("ignore-blank-reason", "an ignore whose reason is a zero-width space",
         Set("lora_alpha", "0  # confguard: ignore[LORA002] \u200b"), 1, "WAIVE004"),
    Case("ignore-star", "an ignore of a star", Set("lora_alpha", "0  # confguard: ignore[*] because"), 1, "LORA002"),
    Case("ignore-prefix", "an ignore of a topic", Set("lora_alpha", "0  # confguard: ignore[LORA] because"), 1, "WAIVE003"),
    Case("ignore-other", "an ignore of a rule that does not exist", Set("lora_alpha", "64  # confguard: ignore[TEAM\u202e001] because"), 1,
         "WAIVE003"),
    Case("ignore-in-text", "an ignore inside a quoted value", Set("base_model", '"x # confguard: ignore[LORA014] because"'), 0, "LORA014"),
    Case("ignore-many-codes", "an ignore of 60,000 codes", Set("max_steps", f"500  # confguard: ignore[{'LORA002,' * 60_000}] because"), 1,
         "WAIVE003"),
    Case("ignore-many", "28,000 ignores without a reason", Add("# confguard: ignore\n" * 28_000), 1, "WAIVE004"),
    Case("ignore-and-findings", "10,000 ignores and 10,000 findings", Add(lines("k%d: 1  # confguard: ignore[LORA002] x", 10_000)), 1,
         "SCHEMA002"),
    Case("ignore-itself", "an ignore of the rule about ignores", Set("max_steps", "500  # confguard: ignore[WAIVE003] because"), 1,
         "WAIVE003"),
    # paths
    Case("path-itself", "an executor's path that leads to the config itself", Set("aflow_config_path", "training.yaml"), 1, "EXEC003"),
    Case("path-folder", "an executor's path that leads to a folder", Set("aflow_config_path", "config"), 1, "EXEC003"),
    Case("path-pipe", "an executor's path that leads to a pipe", (Make("pipe", "p"), Set("aflow_config_path", "p")), 1, "EXEC003"),
    Case("path-device", "an executor's path that leads to a device", Set("aflow_config_path", "/dev/zero"), 1, "EXEC003"),
    Case("path-absolute", "an executor's path that is absolute", Set("aflow_config_path", "/etc/passwd"), 1, "EXEC003"),
    Case("path-nul", "an executor's path with a NUL", Set("aflow_config_path", '"config/a\\0b.yaml"'), 1, "EXEC001", "\\x00"),
    Case("path-up", "an executor's path that leaves the project", Set("aflow_config_path", "../" * 60 + "etc/passwd"), 1, "EXEC003"),
    Case("path-long", "an executor's path of 100,000 characters", Set("aflow_config_path", "a/" * 50_000), 1, "EXEC001"),
    Case("path-empty", "an executor's path that is empty", Set("aflow_config_path", '""'), 0),
    Case("path-home", "an executor's path with a tilde", Set("aflow_config_path", "~/x.yaml"), 1, "EXEC001"),
    Case("path-loop", "an executor's path that leads to a loop of links", (Link("a", "b"), Link("b", "a"), Set("aflow_config_path", "a")),
         1, "EXEC001"),
    Case("path-forbidden", "an executor's path that may not be read", Forbid("config/aflow_llm.yaml"), 1, "EXEC003", "permission denied",
         start="no rights"),
    Case("path-broken", "an executor's file that is no YAML", File("config/aflow_llm.yaml", "models: [\n"), 1, "EXEC003"),
    Case("path-huge", "an executor's file of one gigabyte", (Make("gigabyte", "g.yaml"), Set("aflow_config_path", "g.yaml")), 1, "EXEC003"),
    # --set
    Case("option-set-no-yaml", "a --set value that is no YAML", (), 2, says="max_steps", args=("--set", "max_steps=[1", "training.yaml")),
    Case("option-set-tag", "a --set value with a tag", (), 2, args=("--set", "max_steps=!!python/name:os.system", "training.yaml")),
    Case("option-set-huge", "a --set value of 5,000 digits", (), 2, args=("--set", "max_steps=" + "9" * 5000, "training.yaml")),
    Case("option-set-deep", "a --set key of 5,000 parts, beside what looks like a secret", Add("apikey: ${KEY}"), 2,
         args=("--set", "a." * 5000 + "a=1", "training.yaml")),
    Case("option-set-no-sign", "a --set without a sign", (), 2, args=("--set", "max_steps", "training.yaml")),
    Case("option-set-list", "a --set value that a fix would rewrite", (), 1, "LORA013",
         args=("--set", "lora_target_modules=[q_proj]", *JSON)),
)  # fmt: skip

# --- encodings and line ends --------------------------------------------------------------------------------------------

ENCODING = (
    Case("latin-1", "Latin-1", Add("# caf\u00e9 r\u00e9sum\u00e9".encode("latin-1")), 1, "YAML005"),
    Case("cp1252", "Windows-1252 quotes", Add("# \u201cx\u201d".encode("cp1252")), 1, "YAML005"),
    Case("gbk", "GBK", Add("# \u5b66\u4e60\u7387".encode("gbk")), 1, "YAML005"),
    Case("shift-jis", "Shift JIS", Add("# \u5b66\u7fd2\u7387".encode("shift_jis")), 1, "YAML005"),
    Case("utf-16-le", "UTF-16 LE with a byte order mark", Encode("utf-16-le", b"\xff\xfe"), 1, "YAML005", "UTF-16"),
    Case("utf-16-be", "UTF-16 BE with a byte order mark", Encode("utf-16-be", b"\xfe\xff"), 1, "YAML005", "UTF-16"),
    Case("utf-16-le-bare", "UTF-16 LE without a byte order mark", Encode("utf-16-le"), 1),
    Case("utf-16-be-bare", "UTF-16 BE without a byte order mark", Encode("utf-16-be"), 1),
    Case("utf-16-odd", "UTF-16 with half a character at its end", (Encode("utf-16-le", b"\xff\xfe"), Add(b"x")), 1, "YAML005"),
    Case("utf-32-le", "UTF-32 LE with a byte order mark", Encode("utf-32-le", b"\xff\xfe\0\0"), 1, "YAML005", "UTF-32"),
    Case("utf-32-be", "UTF-32 BE with a byte order mark", Encode("utf-32-be", b"\0\0\xfe\xff"), 1, "YAML005", "UTF-32"),
    Case("utf-7", "UTF-7", (Add("notes: \u5b66"), Encode("utf-7")), 1, "SCHEMA002"),
    Case("ebcdic", "EBCDIC", Encode("cp037"), 0, says="1 skipped"),
    Case("gzip", "the first bytes of a gzip file", Whole(b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + bytes(range(256)) * 20), 0, says="1 skipped"),
    Case("truncated", "UTF-8 cut in the middle of a character", Add("# \u5b66".encode()[:-1]), 1, "YAML005"),
    Case("lone-surrogate", "half a surrogate pair in UTF-8", Add(b"notes: \xed\xa0\x80"), 1, "YAML005"),
    Case("surrogate-pair", "a surrogate pair in UTF-8", Add(b"notes: \xed\xa0\xbd\xed\xb8\x80"), 1, "YAML005"),
    Case("overlong", "an overlong NUL", Add(b"notes: \xc0\x80"), 1, "YAML005"),
    Case("five-bytes", "a character of five bytes", Add(b"notes: \xf8\x88\x80\x80\x80"), 1, "YAML005"),
    Case("past-unicode", "a character past the last code point", Add(b"notes: \xf4\x90\x80\x80"), 1, "YAML005"),
    Case("ff-in-key", "a byte FF in a key", Swap(b"max_steps:", b"max\xff_steps:"), 1, "YAML005"),
    Case("mixed", "UTF-8 in one line, Latin-1 in the next", Add("# caf\u00e9\n".encode() + "# caf\u00e9".encode("latin-1")), 1, "YAML005"),
    Case("bom", "a UTF-8 byte order mark", Top(b"\xef\xbb\xbf"), 0, says="1 file checked"),
    Case("bom-twice", "two UTF-8 byte order marks", Top(b"\xef\xbb\xbf\xef\xbb\xbf"), 1),
    Case("bom-middle", "a byte order mark in the middle of a value", Set("aflow_config_path", '"a\ufeffb"'), 1, says="\\ufeff"),
    Case("bom-key", "a byte order mark before a key", Swap(b"max_steps:", "\ufeffmax_steps:".encode()), 1, says="\\ufeff"),
    Case("bom-and-byte", "a byte order mark, and a byte that is no UTF-8", (Top(b"a: \xff\n"), Top(b"\xef\xbb\xbf")), 1, "YAML005",
         "training.yaml:1:4:"),
    Case("nul-first", "a NUL at the start", Top(b"\0"), 1, "YAML001", "U+0000"),
    Case("nul-middle", "a NUL in a value", Swap(b"Qwen2.5", b"Qwen\0"), 1, "YAML001", "U+0000"),
    Case("nul-padding", "1,000 NULs at the end", Add(b"\0" * 1000), 1, "YAML001", "U+0000"),
    Case("control-after-chinese", "a control character after Chinese text", Top("# \u5b66\u4e60\u7387\nnotes: a\x07b\n"), 1, "YAML001",
         "U+0007"),
    Case("control-place", "the place of a control character after Chinese text", Top("# \u5b66\u4e60\u7387\nnotes: a\x07b\n"), 1,
         "YAML001", "training.yaml:2:9:"),
    Case("delete", "a DEL character", Set("base_model", "a\x7fb"), 1),
    Case("noncharacter", "U+FFFE", Set("base_model", '"a\ufffeb"'), 1),
    Case("replacement", "U+FFFD, left by an earlier mistake", Set("aflow_config_path", '"a\ufffdb"'), 1, "EXEC001"),
    Case("astral", "emoji before a fault on the same line", Set("wandb", '{project: "\U0001f600\U0001f600", enabled: 5}'), 1, "SCHEMA003"),
    Case("crlf", "lines that end with CR LF", Swap(b"\n", b"\r\n"), 0, says="1 file checked"),
    Case("cr", "lines that end with CR alone", Swap(b"\n", b"\r"), 0, says="1 file checked"),
    Case("cr-comment", "a token in a comment, in lines that end with CR alone",
         (Add("# hf_abcdefghijklmnopqrstuvwxyz0123\n"), Swap(b"\n", b"\r")), 1, "SEC001", never="hf_abcdefghijklmnopqrstuvwxyz0123"),
    Case("line-ends-mixed", "all line ends in one file", (Swap(b"lora_rank", b"\rlora_rank"), Swap(b"bf16", b"\r\n\nbf16")), 0),
    Case("u2028", "a line separator that YAML 1.1 takes for a line end", Set("max_steps", "500\u2028# x"), 0),
    Case("u2028-comment", "a key hidden behind a line separator in a comment", Set("lora_alpha", "64  # fine\u2028use_rslora: 5"), 1,
         "SCHEMA003"),
    Case("next-line", "U+0085, which YAML 1.1 takes for a line end", Set("lora_alpha", "64  # fine\u0085use_rslora: 5"), 1, "SCHEMA003"),
    Case("form-feed", "a form feed between keys", Add("\f\nnotes: 1"), 1, "YAML001"),
    Case("no-break-space", "no-break spaces for indentation", Put("domain_ratios", "domain_ratios:\n\u00a0\u00a0math: 1.0"), 1),
    Case("no-last-line-end", "no line end at the end", Add("use_rslora: false"), 0),
    Case("decomposed", "a key in decomposed form", Add("caf\u0065\u0301: 1"), 1, "SCHEMA002"),
    Case("locale-ascii", "Chinese in a message, and a locale of ASCII alone", Set("aflow_config_path", "\u4e2d\u6587"), 1, "EXEC001",
         start="ASCII only"),
)  # fmt: skip

# --- files, folders, streams, projects ----------------------------------------------------------------------------------

FILES = (
    Case("pipe", "a pipe", Make("pipe", "p.yaml"), 2, says="a pipe", args=("p.yaml",)),
    Case("dev-zero", "a device without end", (), 2, says="a device", args=("/dev/zero",)),
    Case("dev-null", "the empty device", (), 2, says="a device", args=("/dev/null",)),
    Case("dev-random", "a device of random bytes", (), 2, says="a device", args=("/dev/urandom",)),
    Case("link-to-pipe", "a link to a pipe", (Make("pipe", "p"), Link("l.yaml", "p")), 2, says="a pipe", args=("l.yaml",)),
    Case("link-to-device", "a link to a device", Link("l.yaml", "/dev/zero"), 2, says="a device", args=("l.yaml",)),
    Case("socket", "a socket", Make("socket", "s.yaml"), 2, says="a socket", args=("s.yaml",)),
    Case("folder-x-yaml", "a folder called x.yaml", Make("folder", "x.yaml"), 0, says="0 files checked", args=("x.yaml",)),
    Case("folder-in-folder", "a folder called x.yaml in a folder", (Make("folder", "all/x.yaml"), File("all/y.yaml")), 0,
         says="1 file checked", args=("all",)),
    Case("folder-of-specials", "a pipe, a socket and a loop in a folder",
         (Make("folder", "all"), Make("pipe", "all/p.yaml"), Make("socket", "all/s.yaml"), Link("all/l.yaml", "l.yaml")), 0,
         says="0 files checked", args=("all",)),
    Case("link-broken", "a link to nothing", Link("l.yaml", "nothing"), 2, says="no such file", args=("l.yaml",)),
    Case("link-loop", "a link to itself", Link("l.yaml", "l.yaml"), 2, says="circle", args=("l.yaml",)),
    Case("missing", "a file that is not there", (), 2, says="no such file", args=("nothing.yaml",)),
    Case("missing-among", "a missing file among good ones", (), 2, says="1 file checked", args=("training.yaml", "nothing.yaml")),
    Case("missing-newline", "a missing name with a line break", (), 2, says="\\n", args=("a\n::error::b.yaml",)),
    Case("missing-escape", "a missing name with a terminal escape", (), 2, says="\\x1b", args=("\x1b[31mred.yaml",)),
    Case("missing-bidi", "a missing name with a right-to-left override", (), 2, says="\\u202e", args=("a\u202elmay.b",)),
    Case("missing-bytes", "a missing name that is no UTF-8", (), 2, says="no such file", args=("caf\udce9.yaml",)),
    Case("missing-part", "a path through a file", (), 2, says="no such file", args=("training.yaml/x.yaml",)),
    Case("missing-empty", "an empty name", (), 2, args=("",)),
    Case("missing-256", "a name of 256 bytes", (), 2, says="the name is too long", args=("n" * 251 + ".yaml",)),
    Case("missing-long", "a path of 100,000 characters", (), 2, says="the name is too long", args=("n/" * 50_000,)),
    Case("forbidden", "a file that may not be read", Forbid("training.yaml"), 2, says="permission denied", start="no rights"),
    Case("forbidden-folder", "a sub-folder that may not be listed",
         (File("all/good.yaml"), Make("folder", "all/secret"), Forbid("all/secret")), 2, says="all/secret", args=("all",),
         start="no rights"),
    Case("forbidden-path", "a file in a folder that may not be entered", (File("in/x.yaml"), Forbid("in")), 2, args=("in/x.yaml",),
         start="no rights"),
    Case("name-255", "a name of 255 bytes", File("n" * 250 + ".yaml"), 0, says="1 file checked", args=("n" * 250 + ".yaml",)),
    Case("name-newline", "a name with a line break", File("a\n::error::b.yaml"), 0, says="a\\n::error::b.yaml:26",
         args=("a\n::error::b.yaml",)),
    Case("name-escape", "a name with a terminal escape", File("\x1b[31mred.yaml"), 0, says="\\x1b[31mred.yaml:26",
         args=("\x1b[31mred.yaml",)),
    Case("name-escape-json", "a name with an 8-bit terminal escape, in JSON output", File("a\x9b31m.yaml"), 0, "SAMPLE003",
         args=(*JSON[:2], "a\x9b31m.yaml")),
    Case("name-bytes", "a name that is no UTF-8", File(b"caf\xe9.yaml"), 0, says="1 file checked", args=("caf\udce9.yaml",)),
    Case("name-bytes-json", "a name that is no UTF-8, in JSON output", File(b"caf\xe9.yaml"), 0, "SAMPLE003",
         args=(*JSON[:2], "caf\udce9.yaml")),
    Case("name-bytes-listed", "a name that is no UTF-8, found in a folder", File(b"all/caf\xe9.yaml"), 0, says="1 file checked",
         args=("--show-files", "all")),
    Case("name-escape-skipped", "a name with a terminal escape, in the list of what was skipped", File("all/\x1b[31m.yaml", "a: 1\n"), 0,
         says="\\x1b[31m", args=("--show-files", "all")),
    Case("name-dash", "a name with a leading dash", File("-rf.yaml"), 0, says="-rf.yaml:26", args=("--", "-rf.yaml")),
    Case("name-dash-listed", "a folder with a leading dash", File("-C/x.yaml"), 0, says="1 file checked", args=("--", "-C")),
    Case("name-stdin", "a file called -", File("-"), 0, says="1 file checked", args=("./-",)),
    Case("name-glob", "a name with signs of a pattern", File("a[1]*?.yaml"), 0, says="1 file checked", args=("a[1]*?.yaml",)),
    Case("name-finding", "a name that looks like a finding", File("x:1:1: error LORA001 y.yaml"), 0, says="1 file checked",
         args=("x:1:1: error LORA001 y.yaml",)),
    Case("often", "one file 3,000 times", (), 0, says="1 file checked", args=("training.yaml",) * 3000),
    Case("spelled", "one file under three names", (), 0, says="2 infos",
         args=("training.yaml", "./training.yaml", "config/../training.yaml")),
    Case("size-known", "a file past 512 KiB that looks like a config", File("big.yaml", TELLTALES + "# x\n" * 200_000), 1, "YAML007",
         args=("big.yaml",)),
    Case("size-unknown", "a file past 512 KiB that looks like nothing", File("big.yaml", "a: b\n" * 200_000), 0, says="1 skipped",
         args=("big.yaml",)),
    Case("size-late", "a file past 512 KiB that looks like a config only later", File("big.yaml", "a: b\n" * 200_000 + TELLTALES), 0,
         says="1 skipped", args=("big.yaml",)),
    Case("sparse", "a sparse file of one gigabyte", Make("gigabyte", "big.yaml"), 0, says="1 skipped", args=("big.yaml",)),
    Case("sparse-known", "a sparse file of one gigabyte that starts like a config",
         (File("big.yaml", TELLTALES), Make("gigabyte", "big.yaml")), 1, args=("big.yaml",)),
    Case("folder-empty", "an empty folder", Make("folder", "empty"), 0, says="0 files checked", args=("empty",)),
    Case("folder-loop", "a folder with a link to itself", (File("all/x.yaml"), Link("all/again", "."), Link("all/up", "..")), 0,
         says="1 file checked", args=("all",)),
    Case("folder-deep", "1,200 folders in folders", (Deep("all", 1200), File("all/x.yaml")), 0, says="1 file checked", args=("all",)),
    Case("folder-git", "a .git folder with nothing in it", (Make("folder", "all/.git"), File("all/x.yaml")), 0, says="1 file checked",
         args=("all",)),
    Case("folder-git-command", "a .git folder that wants to run a command",
         (File(".git/HEAD", "ref: refs/heads/main\n"), Make("folder", ".git/objects"), Make("folder", ".git/refs"),
          File(".git/config", "[core]\n  repositoryformatversion = 0\n  fsmonitor = touch pwned; false\n")),
         0, says="checked", args=(".",)),
    Case("folder-git-elsewhere", "a .git file that leads to a device", (File("all/.git", "gitdir: /dev/zero\n"), File("all/x.yaml")), 0,
         says="1 file checked", args=("all",)),
    Case("working-folder-gone", "a working folder that was removed", (), 2, args=("../training.yaml",), start="folder gone"),
    # streams
    Case("stdin", "a good config on standard input", (), 0, says="1 file checked", args=("-",), start="stdin is training.yaml"),
    Case("stdin-empty", "nothing on standard input", (), 0, says="1 skipped", args=("-",)),
    Case("stdin-closed", "no standard input at all", (), 2, args=("-",), start="stdin closed"),
    Case("stdin-endless", "standard input without end", (), 0, says="1 skipped", args=("-",), start="stdin never ends"),
    Case("stdin-huge", "a huge config on standard input", Add(f"# {'x' * (1 << 20)}"), 1, "YAML007", args=("-",),
         start="stdin is training.yaml"),
    Case("stdin-twice", "standard input twice", (), 0, says="1 file checked", args=("-", "-"), start="stdin is training.yaml"),
    Case("stdout-closed", "no standard output at all", (), 2, start="stdout closed"),
    Case("stdout-full", "a full disk behind standard output", (), 2, start="stdout full"),
    Case("stderr-closed", "no standard error output, and something to say there", (), 0, start="stderr closed"),
    # the project file
    Case("project-no-yaml", "a project file that is no YAML", project("waivers: [\n"), 2, says="confguard.yaml:2:1"),
    Case("project-list", "a project file that is a list", project("- a\n"), 2, says="should be a mapping"),
    Case("project-scalar", "a project file that is a word", project("yes\n"), 2, says="should be a mapping"),
    Case("project-empty", "a project file that is empty", project(""), 0, says="1 file checked"),
    Case("project-binary", "a project file that is no text", project(bytes(range(256))), 2, says="confguard.yaml"),
    Case("project-pipe", "a project file that is a pipe", Make("pipe", "confguard.yaml"), 2, says="a pipe"),
    Case("project-folder", "a project file that is a folder", Make("folder", "confguard.yaml"), 2, says="a folder"),
    Case("project-device", "a project file that is a device", Link("confguard.yaml", "/dev/zero"), 2, says="a device"),
    Case("project-forbidden", "a project file that may not be read", (project(""), Forbid("confguard.yaml")), 2, says="permission denied",
         start="no rights"),
    Case("project-huge", "a project file of one gigabyte", Make("gigabyte", "confguard.yaml"), 2, says="confguard.yaml"),
    Case("project-types", "a project file with wrong types", project("references: [a]\nfiles: 5\nrules: yes\nwaivers: {}\n"), 2,
         says="confguard.yaml:1"),
    Case("project-unknown-key", "a project file with an unknown key", project("referencs: {}\n"), 2, says="did you mean references?"),
    Case("project-duplicate", "a project file with a key written twice", project("run_name: a\nrun_name: b\n"), 2, says="written twice"),
    Case("project-bomb", "a project file with a billion laughs",
         project("a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))), 2, says="expand"),
    Case("project-integer", "a project file with an integer of 5,000 digits", project(f"run_name: {'9' * 5000}\n"), 2,
         says="confguard.yaml"),
    Case("project-octal", "a template that is an octal sign with only an underscore, which is a text", project("run_name: 0o_\n"),
         1, "NAME005"),
    Case("project-key-escape", "a project file with a terminal escape in a key", project('"\\e[31mred": 1\n'), 2, says="\\x1b[31m"),
    Case("project-secret", "a project file with a token where a list should be", project("waivers: sk-abcdefghij0123456789\n"), 2,
         never="sk-abcdefghij0123456789"),
    Case("files-kind", "a kind of file that does not exist", project("files: {'*': aflow-inference}\n"), 2, says="no kind aflow-inference"),
    Case("files-pattern", "a pattern that is slow to match", project(f"files:\n  ? '{'*a' * 1000}'\n  : aflow-training\n"), 2,
         says="longer than 1,024 characters"),
    Case("files-pattern-allowed", "a pattern of 1,000 characters that is slow to match",
         project(f"files:\n  ? '{'*a' * 500}'\n  : aflow-training\n"), 0, says="1 file checked"),
    Case("files-bracket", "a pattern with an open bracket", project("files: {'[': aflow-training, '[!': aflow-training}\n"), 0,
         says="1 file checked"),
    Case("severity", "a severity that does not exist", project("rules: {severity: {LORA001: fatal}}\n"), 2, says="fatal"),
    Case("select-unknown", "a selected rule that does not exist", project("rules: {select: [LORA999]}\n"), 2, says="LORA999"),
    Case("waiver-no-reason", "a waiver without a reason", project("waivers: [{parameter: lora_r, value: 1}]\n"), 2, says="reason"),
    Case("waiver-blank-reason", "a waiver with a blank reason", project("waivers: [{parameter: lora_r, value: 1, reason: ' '}]\n"), 2,
         says="reason"),
    Case("waiver-unknown", "a waiver of an unknown parameter", project("waivers: [{parameter: nope, value: 1, reason: x}]\n"), 2,
         says="no parameter `nope`"),
    Case("waiver-unknown-escape", "a waiver of a parameter that is a terminal escape",
         project('waivers: [{parameter: "\\e[31m", value: 1, reason: x}]\n'), 2),
    Case("waiver-twice", "a parameter waived twice",
         project("waivers: [{parameter: lora_r, value: 1, reason: x}, {parameter: lora_r, value: 2, reason: y}]\n"), 2,
         says="waived twice"),
    Case("waiver-date", "a waiver with a date that does not exist",
         project("waivers: [{parameter: lora_r, value: 1, reason: x, expires: 2024-13-45}]\n"), 2, says="confguard.yaml:1"),
    Case("waiver-date-word", "a waiver that expires some time",
         project("waivers: [{parameter: lora_r, value: 1, reason: x, expires: some time}]\n"), 2, says="no date"),
    Case("waiver-date-list", "a waiver whose date is a list, which would never expire",
         project("waivers: [{parameter: lora_r, value: 64, reason: x, expires: [2020-01-01]}]\n"), 2, says="no date"),
    Case("waiver-by-escape", "a waiver by a terminal escape",
         (Set("lora_alpha", "1"), project('waivers: [{parameter: lora_alpha, value: 1, reason: x, by: "\\e[31m"}]\n')), 0,
         says="\\x1b[31m"),
    Case("waiver-reason-escape", "a waiver whose reason is a terminal escape",
         (Set("lora_alpha", "1"), project('waivers: [{parameter: lora_alpha, value: 1, reason: "\\e[31m"}]\n')), 0, says="\\x1b[31m"),
    Case("waiver-reason-json", "a waiver by an 8-bit terminal escape, in JSON output",
         (Set("lora_alpha", "1"), project('waivers: [{parameter: lora_alpha, value: 1, reason: "\\x9b31m", by: "\\x9b1m"}]\n')), 0,
         "LORA004", args=JSON),
    Case("waiver-huge", "a waiver for a value that no float can hold",
         (Set("lora_rank", "1"), project(f"waivers: [{{parameter: lora_r, value: {HUGE}, reason: x}}]\n")), 1, "WAIVE001"),
    # custom rules
    Case("custom-import", "a condition that imports and runs", when("__import__('os').system('touch pwned')"), 2, says="__import__"),
    Case("custom-attribute", "a condition that climbs to all classes", when("max_steps.__class__.__mro__[1].__subclasses__()"), 2,
         says="TEAM001"),
    Case("custom-power", "a condition with a power of powers", when("9**9**9 > max_steps"), 2, says="TEAM001"),
    Case("custom-shift", "a condition with a shift", when("1 << 10**10 > max_steps"), 2, says="TEAM001"),
    Case("custom-repeat", "a condition that repeats a text", when('len("a" * 10**10) > max_steps'), 2),
    Case("custom-multiply", "a condition that multiplies a list", when("len([1] * 1000000000) > max_steps"), 2),
    Case("custom-format", "a condition that pads a text to a gigabyte", when('len("%900000000d" % max_steps) > 0'), 2),
    Case("custom-index", "a condition with an index past the end", when("[max_steps][5] > 0"), 2, says="TEAM001"),
    Case("custom-zero", "a condition that divides by zero", when("max_steps / 0 > 1"), 2, says="TEAM001"),
    Case("custom-compare", "a condition that compares a number with a text", when("max_steps > 'many'"), 2, says="TEAM001"),
    Case("custom-syntax", "a condition that is no expression", when("max_steps >"), 2, says="no expression"),
    Case("custom-statement", "a condition that is a statement", when("import os"), 2, says="no expression"),
    Case("custom-lambda", "a condition that is a function", when("(lambda: max_steps)()"), 2),
    Case("custom-unknown", "a condition with an unknown name", when("steps_max > 1"), 2, says="no parameter"),
    Case("custom-brackets", "a condition with 5,000 brackets", when("(" * 5000 + "max_steps" + ")" * 5000),
         2, says="longer than 1,000 characters"),
    Case("custom-sum", "a condition with 5,000 sums", when("max_steps" + " + 1" * 5000 + " > 0"), 2),
    Case("custom-not", "a condition with 5,000 negations", when("not " * 5000 + "max_steps"), 2),
    Case("custom-minus", "a condition with 90,000 minus signs", when("-" * 90_000 + "max_steps"), 2),
    Case("custom-huge", "a condition with 200,000 numbers", when(f"max_steps in [{'1,' * 200_000}]"), 2, says="TEAM001"),
    Case("custom-overflow", "a condition that overflows", (Set("max_steps", HUGE), when("max_steps / 3 > 1.5")), 1, "SCHEMA006",
         never="TEAM001"),
    Case("custom-nul", "a condition with a NUL", project('rules: {custom: [{code: TEAM001, message: m, when: "max_steps\\0"}]}\n'), 2,
         says="TEAM001"),
    Case("custom-escape", "a condition with a terminal escape",
         project('rules: {custom: [{code: TEAM001, message: m, when: "\\e[31m"}]}\n'), 2, says="\\x1b[31m"),
    Case("custom-newlines", "a condition of many lines",
         project('rules: {custom: [{code: TEAM001, message: m, when: "max_steps >\\n\\n\\n\\n\\n::error::x"}]}\n'), 2, says="TEAM001"),
    Case("custom-code-escape", "a rule whose code is a terminal escape",
         project('rules: {custom: [{code: "\\e[31m", message: m, when: max_steps > 0}]}\n'), 2, says="\\x1b[31m is no code"),
    Case("custom-message-escape", "a rule whose message is a terminal escape",
         project('rules: {custom: [{code: TEAM001, message: "\\e[31m", when: max_steps > 0}]}\n'), 1, "TEAM001"),
    Case("custom-taken", "a rule with the code of another",
         project("rules: {custom: [{code: LORA001, message: m, when: max_steps > 0}]}\n"), 2, says="LORA001"),
    Case("custom-scalar", "a rule that is a word", project("rules: {custom: [always]}\n"), 2, says="confguard.yaml:1"),
    # pyproject.toml
    Case("toml-syntax", "a pyproject.toml that is no TOML", toml("[tool.confguard\n"), 2, says="not readable as TOML"),
    Case("toml-types", "a pyproject.toml with wrong types", toml("[tool.confguard]\nreferences = 3\n"), 2, says="pyproject.toml"),
    Case("toml-tool", "a pyproject.toml whose tool is a number", toml("tool = 3  # [tool.confguard]\n"), 0, says="1 file checked"),
    Case("toml-table", "a pyproject.toml whose confguard is a list", toml("[[tool.confguard]]\na = 1\n"), 2, says="pyproject.toml"),
    Case("toml-deep", "a pyproject.toml with 5,000 brackets", toml(f"[tool.confguard]\na = {'[' * 5000}{']' * 5000}\n"), 2,
         says="pyproject.toml"),
    Case("toml-integer", "a pyproject.toml with an integer of 5,000 digits", toml(f"[tool.confguard]\na = {'9' * 5000}\n"), 2,
         says="pyproject.toml"),
    Case("toml-hex", "a pyproject.toml with a hexadecimal integer of 5,000 digits", toml(f"[tool.confguard]\na = 0x{'f' * 5000}\n"), 2,
         says="pyproject.toml"),
    Case("toml-nan", "a pyproject.toml with nan", toml("[tool.confguard]\nrun_name = nan\n"), 2, says="pyproject.toml"),
    Case("toml-date", "a pyproject.toml with a date that does not exist", toml("[tool.confguard]\nrun_name = 2024-13-45\n"), 2,
         says="pyproject.toml"),
    Case("toml-latin-1", "a pyproject.toml in Latin-1", File("pyproject.toml", b'[tool.confguard]\nrun_name = "caf\xe9"\n'), 2,
         says="pyproject.toml"),
    Case("toml-huge", "a pyproject.toml past 512 KiB, with a fault at its end",
         toml("[tool.confguard]\n" + "# x\n" * 200_000 + "waivers = 5\n"), 2, says="pyproject.toml"),
    Case("toml-pipe", "a pyproject.toml that is a pipe", Make("pipe", "pyproject.toml"), 0, says="1 file checked"),
    Case("toml-escape", "a pyproject.toml with a terminal escape in a key", toml('[tool.confguard]\n"\\u001b[31m" = 1\n'), 2,
         says="\\x1b[31m"),
    # references
    Case("reference-missing", "a reference that is not there", (), 2, says="nothing.yaml",
         args=("--reference", "nothing.yaml", "training.yaml")),
    Case("reference-pipe", "a reference that is a pipe", Make("pipe", "p"), 2, says="a pipe", args=("--reference", "p", "training.yaml")),
    Case("reference-device", "a reference that is a device", (), 2, says="a device", args=("--reference", "/dev/zero", "training.yaml")),
    Case("reference-folder", "a reference that is an empty folder", Make("folder", "empty"), 2, says="holds no config",
         args=("--reference", "empty", "training.yaml")),
    Case("reference-broken", "a reference that is no YAML", File("other.yaml", "max_steps: [\n"), 2, says="other.yaml", args=AGAINST_OTHER),
    Case("reference-types", "a reference with wrong types everywhere", (Each("[]"), File("other.yaml"), Each("true")), 1, "SCHEMA003",
         args=AGAINST_OTHER),
    Case("reference-sparse", "a reference of one gigabyte", Make("gigabyte", "g.yaml"), 2, says="g.yaml",
         args=("--reference", "g.yaml", "training.yaml")),
    Case("reference-escape", "a reference with a terminal escape", (), 2, says="\\x1b", args=("--reference", "\x1b[31m", "training.yaml")),
    Case("reference-bytes", "a reference that is no UTF-8", (), 2, args=("--reference", "caf\udce9", "training.yaml")),
    Case("git-nonsense", "a git reference that is nonsense", (), 2, says="git:nonsense",
         args=("--reference", "git:nonsense", "training.yaml")),
    Case("git-option", "a git reference that is an option", (), 2, says="git:--",
         args=("--reference", "git:--output=pwned:x", "training.yaml")),
    Case("git-no-repository", "a git reference where there is no repository", (), 2, says="git:HEAD:x",
         args=("--reference", "git:HEAD:x", "training.yaml")),
    Case("git-lazy-fetch", "a repository that wants to run a command to fetch what it lacks",
         (File(".git/HEAD", "ref: refs/heads/main\n"), File(".git/refs/heads/main", "1" * 40 + "\n"), Make("folder", ".git/objects"),
          File(".git/config", "[core]\n  repositoryformatversion = 1\n  sshCommand = touch pwned; false\n"
                              "[extensions]\n  partialClone = origin\n[remote \"origin\"]\n  url = ssh://x/y\n  promisor = true\n"
                              "  partialCloneFilter = blob:none\n")),  # where there is none, git itself notes this one
         2, says="git:HEAD:training.yaml", args=("--reference", "git:HEAD:training.yaml", "training.yaml")),
    Case("git-nul", "a git reference with a NUL", project('references: {reference: "git:HE\\0AD:x"}\n'), 2),
    Case("git-escape", "a git reference with a terminal escape", (), 2, says="\\x1b",
         args=("--reference", "git:\x1b[31m:x", "training.yaml")),
    Case("profile-up", "a profile that leads up", (), 2, says="no such profile", args=("--reference", "profile:../..", "training.yaml")),
    Case("profile-empty", "a profile without a name", (), 2, says="no such profile", args=("--reference", "profile:", "training.yaml")),
    Case("profile-absolute", "a profile that is an absolute path", (), 2, says="no such profile",
         args=("--reference", "profile:/etc", "training.yaml")),
    Case("profile-cache", "a profile that is a folder of Python's", (), 2, says="no such profile",
         args=("--reference", "profile:__pycache__", "training.yaml")),
    Case("reference-nul", "a reference of the project file with a NUL", project('references: {reference: "a\\0b"}\n'), 2, says="\\x00"),
    Case("reference-circle", "a reference of the project file that names itself", project("references: {reference: reference}\n"), 2,
         says="reference"),
    Case("select-escape", "a selected rule that is a terminal escape", (), 2, says="\\x1b", args=("--select", "\x1b[31m", "training.yaml")),
)  # fmt: skip

CASES = (*CONTENT, *ENCODING, *FILES)

# --- the code -----------------------------------------------------------------------------------------------------------

REFERENCE = files("confguard.profiles") / "reference"
_TRAINING = "training.yaml"
_EXECUTOR = "config/aflow_llm.yaml"
_GIGABYTE = 1 << 30


def write(case: Case, folder: Path) -> None:
    """Write the good project, then do to it what the case says."""
    (folder / "config").mkdir(parents=True)
    (folder / _TRAINING).write_bytes((REFERENCE / "training.yaml").read_bytes())
    (folder / _EXECUTOR).write_bytes((REFERENCE / "aflow_llm.yaml").read_bytes())
    for action in (case.does,) if isinstance(case.does, Action) else case.does:
        _do(action, folder)


def _do(action: Action, folder: Path) -> None:
    edit = _edit(action)
    if edit is not None:
        training = folder / _TRAINING
        training.write_bytes(edit(training.read_bytes()))
    elif isinstance(action, Executor):
        (folder / _EXECUTOR).write_text(f"models:\n  gpt-4o-mini: {action.model}\n", encoding="utf-8")
    elif isinstance(action, File):
        path = Path(os.fsdecode(os.path.join(os.fsencode(folder), os.fsencode(action.path))))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((folder / _TRAINING).read_bytes() if action.content is None else _bytes(action.content))
    elif isinstance(action, Make):
        _MAKERS[action.kind](folder / action.path)
    elif isinstance(action, Link):
        (folder / action.path).symlink_to(action.target)
    elif isinstance(action, Forbid):
        (folder / action.path).chmod(0)
    elif isinstance(action, Deep):
        _deep(folder / action.path, action.levels)


def _edit(action: Action) -> Callable[[bytes], bytes] | None:
    """What an action makes of the bytes of training.yaml; None for one that is about something else."""
    if isinstance(action, Set):
        return lambda data: _replaced(data, action.key, f"{action.key}: {action.value}")
    if isinstance(action, Put):
        return lambda data: _replaced(data, action.key, action.lines)
    if isinstance(action, Each):
        return lambda data: "".join(f"{key}: {action.value}\n" for key in _keys(data)).encode()
    if isinstance(action, Add):
        return lambda data: data + _bytes(action.lines)
    if isinstance(action, Top):
        return lambda data: _bytes(action.text) + data
    if isinstance(action, Swap):
        return lambda data: _swapped(data, action.old, action.new)
    if isinstance(action, Encode):
        return lambda data: action.first + data.decode().encode(action.codec)
    if isinstance(action, Whole):
        return lambda data: _bytes(action.content)
    return None


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


def _keys(data: bytes) -> list[str]:
    return re.findall(r"^(\w+):", data.decode(), re.MULTILINE)


def _replaced(data: bytes, key: str, text: str) -> bytes:
    """The lines of a top-level key, with those that are indented below it, replaced; raises for a key that is not there."""
    new, count = re.subn(rf"^{key}:.*\n(?:[ ].*\n)*", lambda found: text + "\n", data.decode(), flags=re.MULTILINE)
    if count != 1:
        raise KeyError(f"{key} stands {count} times in the config")
    return new.encode()


def _swapped(data: bytes, old: bytes, new: bytes) -> bytes:
    if old not in data:
        raise KeyError(f"{old!r} is not in the config")
    return data.replace(old, new)


def _socket(path: Path) -> None:
    """Leave a socket behind that nobody serves; bound by its short name, since a socket's path is at most 107 bytes."""
    here = os.open(".", os.O_RDONLY)
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as served:
            served.bind(path.name)
    finally:
        os.fchdir(here)
        os.close(here)


def _gigabyte(path: Path) -> None:
    """Make a file one gigabyte long without writing that much."""
    with path.open("ab") as file:
        file.truncate(_GIGABYTE)


def _deep(path: Path, levels: int) -> None:
    here = os.open(".", os.O_RDONLY)
    path.mkdir()
    os.chdir(path)
    try:
        for _ in range(levels):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.fchdir(here)
        os.close(here)


_MAKERS: dict[str, Callable[[Path], None]] = {
    "folder": lambda path: path.mkdir(parents=True),
    "pipe": lambda path: os.mkfifo(path),
    "socket": _socket,
    "gigabyte": _gigabyte,
}


def main() -> int:
    """Write every case into a folder of its own."""
    if len(sys.argv) != 2:
        print("usage: make.py FOLDER", file=sys.stderr)
        return 2
    for case in CASES:
        write(case, Path(sys.argv[1]) / case.name)
    print(f"{len(CASES)} cases in {sys.argv[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
