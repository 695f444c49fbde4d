"""confguard's verdicts against those of the real constructors, on random configs; `python -m agreement` makes the page with more of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from agreement.compare import BOTH, CRASHED, MISSED, STRICTER, Compared, agreement, compare, explained_miss, unexplained
from agreement.lines import BASES, SUBJECTS, lines_of_base
from agreement.mutate import FAMILIES, TRIO, Made, configs, fields_of

SEED, COUNT = 20261125, 400


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Compared]:
    pytest.importorskip("trl")
    from importlib.metadata import version

    if any(version(package) != release for package, release in TRIO._asdict().items()):
        pytest.skip(f"the configs are made for {TRIO}")
    return list(compare(configs(SEED, COUNT), tmp_path_factory.mktemp("configs")))


def test_the_bases_are_taken_by_both(found: list[Compared], tmp_path: Path) -> None:
    bases = [Made(base.kind, subject, lines_of_base(base).yaml(), ()) for subject in SUBJECTS for base in BASES[subject]]
    assert [(base.made.text, base.real, base.errors) for base in compare(bases, tmp_path) if not base.real.accepts or base.errors] == []


def test_what_the_constructor_rejects_confguard_rejects(found: list[Compared]) -> None:
    counts = Counter(compared.outcome for compared in found)
    assert counts[BOTH] > COUNT / 5
    assert counts[CRASHED] == 0, [compared.crash for compared in found if compared.crash]
    missed = [compared for compared in found if compared.outcome == MISSED]
    assert agreement(found) >= 0.995, [(compared.made.changes, compared.real) for compared in missed]
    assert [compared.real for compared in missed if explained_miss(compared) is None] == []


def test_what_confguard_alone_rejects_is_explained(found: list[Compared]) -> None:
    stricter = [compared for compared in found if compared.outcome == STRICTER]
    assert stricter
    assert [(compared.made.changes, unexplained(compared)) for compared in stricter if unexplained(compared)] == []


def test_the_same_seed_makes_the_same_configs() -> None:
    assert list(configs(5, 50)) == list(configs(5, 50))


def test_every_family_and_every_field_is_changed() -> None:
    made = list(configs(1, 12_000))
    assert {family for config in made for family in config.families} == set(FAMILIES)
    for subject in SUBJECTS:
        fields = {field.name for field in fields_of(subject)}
        for family in ("bounds", "wrong types", "benign values"):
            changes = (change for config in made if config.subject == subject for change in config.changes)
            changed = {what.partition(":")[0] for name, what in changes if name == family}
            assert fields <= changed, (subject, family, fields - changed)
