"""All rules by code; those that only files of some kinds need are loaded when such a file, or such a rule, is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from confguard.words.rule import Rule

Rules = dict[str, Rule]


class Rulebook(Mapping[str, Rule]):
    """The rules that any file can break by its text and keys alone, and those that speak of kinds."""

    def __init__(self, common: Rules, of_kind: Callable[[str | None], Rules], of_code: Callable[[str], Rules]) -> None:
        self.common = common
        self.of = of_kind
        """The rules that can speak of a kind, the common ones among them; all for None."""
        self.of_code = of_code
        """The rules of the topics in which a code can begin so."""
        self._all: Rules | None = None

    def all(self) -> Rules:
        """Every rule, in the order in which the topics are listed."""
        if self._all is None:
            self._all = self.of(None)
        return self._all

    def has(self, prefix: str) -> bool:
        """Whether there is a rule whose code begins so."""
        return any(code.startswith(prefix) for code in {**self.common, **self.of_code(prefix)})

    def __getitem__(self, code: str) -> Rule:
        found = self.common.get(code)
        return self.of_code(code)[code] if found is None else found

    def __iter__(self) -> Iterator[str]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self.all())
