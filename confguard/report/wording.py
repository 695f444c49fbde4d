"""The words of a diff in both languages: cells, statuses, directions, notes. Every renderer takes them from here."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.diffing.comparison import Comparison
from confguard.report.safe import clean, visible
from confguard.words.change import (
    ADDED,
    DERIVED,
    DRIFT,
    GONE,
    NEW,
    REMOVED,
    RENAMED,
    SAME,
    WAIVED,
    Change,
    Unknown,
    Worked,
    is_number,
    plain,
)
from confguard.words.language import ZH, Said
from confguard.words.secret import is_secret, mask
from confguard.words.spelling import listed, number, show
from confguard.words.target import PACKAGES, Target
from confguard.words.typing import Any

PARAMETER, REFERENCE, CURRENT = Said("Parameter", "参数"), Said("Reference", "Reference"), Said("Current", "当前项目")
BEFORE, AFTER, CHANGE = Said("Before", "修改前"), Said("After", "修改后"), Said("Change", "变化")
STATUS, NOTE = Said("Status", "状态"), Said("Note", "说明")
COLON = Said(": ", "：")
STATUS_WORDS = {
    SAME: Said("same", "一致"),
    DRIFT: Said("drift", "差异"),
    WAIVED: Said("waived", "已豁免"),
    NEW: Said("new", "新增"),
    GONE: Said("gone", "缺失"),
}
KIND_WORDS = {
    "changed": Said("changed", "变更"),
    "added": Said("added", "新增"),
    "removed": Said("removed", "删除"),
    "renamed": Said("renamed", "改名"),
    "moved": Said("moved", "移动"),
    "waived": Said("waived", "豁免"),
    "identity": Said("identity", "标识"),
    "unchanged": Said("unchanged", "未变"),
    "derived": Said("derived", "推导"),
}
ALWAYS_COUNTED = ("changed", "added", "removed", "waived", "unchanged", "derived")
DIRECTIONS = {"higher": Said("higher", "升高"), "lower": Said("lower", "降低")}
UNKNOWN = Said("unknown", "未知")
NO_EFFECT = Said("no effect: no code reads it", "无效果：代码不读取此键")
NO_EFFECT_BELOW = Said("no effect: no code reads the keys that changed", "无效果：代码不读取所改的键")
NOTHING = "-"
"""What stands for a key that is not there."""


def status_word(row: Change, lang: str) -> str:
    """The status of a row; a row that only names a run or a machine says so."""
    word = STATUS_WORDS[row.status].to(lang)
    if row.identity and row.status != SAME:
        return Said(f"{word} (identity)", f"{word}（标识）").to(lang)
    return word


def change_word(row: Change, lang: str) -> str:
    """What became of a value: `lower, x0.4`, `renamed`; empty where the values say it all."""
    if row.direction is None:
        return KIND_WORDS[row.kind].to(lang) if row.kind in ("renamed", "moved") else ""
    word = DIRECTIONS[row.direction].to(lang)
    factor = row.factor
    if factor is None:
        return word
    return f"{word}, x{number(factor, 3)}" if lang != ZH else f"{word}，×{number(factor, 3)}"


def title(row: Change, lang: str) -> str:
    """What a row is called: its key, or the title of a derived value."""
    return clean(row.title.to(lang) if row.title else row.key)


def cells(row: Change, lang: str) -> tuple[str, str]:
    """The values of both sides."""
    before = NOTHING if row.kind == ADDED else _cell(row.reference_key or row.key, row.reference, lang, row.kind == DERIVED)
    now = NOTHING if row.kind == REMOVED else _cell(row.key, row.current, lang, row.kind == DERIVED)
    return before, now


def with_unit(row: Change, lang: str) -> tuple[str, str]:
    """The values of both sides, the current one with its unit."""
    before, now = cells(row, lang)
    unit = row.unit.to(lang) if row.unit and now not in (NOTHING, UNKNOWN.to(lang)) else ""
    return before, f"{now} {unit}".rstrip()


def _cell(key: str, value: Any, lang: str, derived: bool) -> str:
    if value is None and derived:
        return NOTHING
    if isinstance(value, Unknown):
        return UNKNOWN.to(lang)
    if isinstance(value, Said):
        return visible(value.to(lang))
    if isinstance(value, Worked) and is_number(value.value):
        return quantity(value.value)
    return visible(show(masked(key, plain(value))))


def quantity(value: float) -> str:
    """A derived number: thousands with commas, others to four digits."""
    return f"{int(value):,}" if value == int(value) and abs(value) >= 1000 else number(value)


def workings(row: Change) -> tuple[str, str]:
    """How both values of a derived row come about; empty where there is nothing to say."""
    return _working(row.reference), _working(row.current)


def _working(value: Any) -> str:
    return value.working if isinstance(value, Worked) else ""


def notes(row: Change, lang: str) -> list[str]:
    """What is to be said of a row beside its values: the other name, names that came and went, why something is unknown."""
    said = [no_effect(row, lang)] if row.unread else []
    if row.reference_key is not None and row.kind in (RENAMED, "moved", "changed"):
        said.append(Said(f"in the reference: {mask(row.reference_key)}", f"参考中为：{mask(row.reference_key)}").to(lang))
    if row.kind == "changed" and (difference := _items(row, lang)):
        said.append(difference)
    for value in (row.reference, row.current):
        if isinstance(value, Unknown) and (why := value.why.to(lang)) not in said:
            said.append(why)
    if row.note is not None:
        said.append(row.note.to(lang))
    return [clean(text) for text in said]


def no_effect(row: Change, lang: str) -> str:
    """What is said of a row of a key, or of keys, that no code reads; empty of any other."""
    return (NO_EFFECT if row.kind != DERIVED else NO_EFFECT_BELOW).to(lang) if row.unread else ""


def _items(row: Change, lang: str) -> str:
    """What came and went in a set of names, and what changed in a mapping."""
    before, now = row.reference, row.current
    if isinstance(before, dict) and isinstance(now, dict):
        changed = [name for name in dict.fromkeys((*before, *now)) if before.get(name) != now.get(name)]
        return ", ".join(f"{name} {_item(row, name, before)} -> {_item(row, name, now)}" for name in changed[:8])
    names_before, names_now = _names(before), _names(now)
    if names_before is None or names_now is None:
        return ""
    gone = [name for name in names_before if name not in names_now]
    new = [name for name in names_now if name not in names_before]
    parts = [(Said("without", "去掉"), gone), (Said("with", "加上"), new)]
    return "; ".join(f"{word.to(lang)} {', '.join(names[:8])}" for word, names in parts if names)


def _item(row: Change, name: str, values: dict[str, Any]) -> str:
    return show(masked(f"{row.key}.{name}", values[name])) if name in values else NOTHING


def _names(value: Any) -> list[str] | None:
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list) or len(value) < 2 or not all(isinstance(item, str) for item in value):
        return None
    return [item.strip() for item in value]


def waiver_text(row: Change, lang: str) -> str:
    """Who wants a waived row, until when, and why."""
    return Said("waived", "豁免").to(lang) + waiver_reason(row, lang) if row.waiver else ""


def waiver_reason(row: Change, lang: str) -> str:
    """` by ann until 2027-06-30: the cards are small`, to follow the word for waived."""
    if row.waiver is None:
        return ""
    reason, by, expires = row.waiver
    until = "" if expires == "never" else Said(f"until {expires}", f"至 {expires}").to(lang)
    if lang == ZH:
        head = "，".join(filter(None, (by, until)))
        return clean(f"（{head}）：{reason}" if head else f"：{reason}")
    head = "".join(f" {part}" for part in (f"by {by}" if by else "", until) if part)
    return clean(f"{head}: {reason}")


def unused_waiver(parameter: str) -> Said:
    """What is said of a waiver that nothing needs."""
    name = clean(parameter)
    return Said(f"the waiver for `{name}` is not needed: nothing that it speaks of differs", f"`{name}` 的豁免没有用处：相关参数没有差异")


def releases(found: Comparison, file: str) -> Said | None:
    """For which releases each side of a pair was read, where these differ."""
    for theirs, ours in found.pairs:
        before, now = (side.shape.target if side.shape else None for side in (theirs, ours))
        if ours.document.path == file and before is not None and now is not None and before != now:
            return Said(f"for {_told(now)}; the reference for {_told(before)}", f"按 {_told(now)}；参考按 {_told(before)}")
    return None


def _told(target: Target) -> str:
    return ", ".join(f"{package} {target.version(package)}" for package in PACKAGES)


def untranslated(found: Comparison) -> Iterator[tuple[Said, list[tuple[str, Said]]]]:
    """By kind: that it has no key for some of the other side's, these keys, and what takes their place."""
    for kind in dict.fromkeys(item.kind for item in found.untranslated):
        head = Said(f"not compared, no key of {kind}", f"未比较，{kind} 没有对应的键")
        yield head, [(clean(item.key), item.instead) for item in found.untranslated if item.kind == kind]


def left_out(files: list[str]) -> Said | None:
    """What is said of files that were not compared."""
    names = clean(listed(files))
    return Said(f"not compared, without a counterpart: {names}", f"未比较（没有对应文件）：{names}") if files else None


def summary(counts: dict[str, int], lang: str) -> str:
    """`9 changed, 1 added, 0 removed, 2 waived, 31 unchanged, 8 derived`."""
    shown = [(word.to(lang), counts[kind]) for kind, word in KIND_WORDS.items() if counts[kind] or kind in ALWAYS_COUNTED]
    return (
        "，".join(f"{word} {count:,}" for word, count in shown) if lang == ZH else ", ".join(f"{count:,} {word}" for word, count in shown)
    )


def masked(key: str, value: Any) -> Any:
    """A value without its secrets, however deep they lie in it."""
    if isinstance(value, dict):
        return {mask(str(name)): masked(str(name), below) for name, below in value.items()}
    if isinstance(value, list):
        return [masked(key, item) for item in value]
    if isinstance(value, str):
        name = key.rpartition(".")[2].partition("[")[0]
        return f"{value[:4]}..." if is_secret(name, value) else mask(value)
    return value
