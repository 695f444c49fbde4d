r"""Mathematics as text: what of a completion is the answer, spelled so that math-verify reads it. Nothing heavy is imported here.

math-verify finds numbers in prose and LaTeX between dollars. What it misses is mended here first: `#### 42`, `<answer>`, bare LaTeX, `1e3`,
`3 1/2`, `1 000`, full-width digits, numbers right after Chinese words.
"""

from __future__ import annotations

import re

from confguard.trainer.rewards.attempt import marked

LONGEST = 4_000
"""Characters of a completion that are read, from its end; an answer stands there."""
LONGEST_BARE = 200
LONGEST_INTEGER = 50

_PARTS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}
_PLAINER: dict[int, int | str] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},  # full-width letters, digits and signs
    **{ord(sign): f" {part}" for sign, part in _PARTS.items()},
    0x2212: "-",
    0x3000: " ",
    0x3002: ".",
}
_MENDED = (
    (re.compile(r"\\\$"), "$"),
    (re.compile(r"\$(?=\d[\d,.]*(?:[^\d,.$]*$))"), ""),  # a price
    (re.compile(r"(?<=[\u3000-\u9fff])(?=[-\d.$\\])"), " "),
)
_SPELLED = (
    (re.compile(r"(?<=\d)[ \u00a0\u2009\u202f](?=\d{3}(?!\d))"), ""),
    (re.compile(r"(?<![\w.])(-?)(\d+) +(\d+)/(\d+)(?!\d)"), r"\1(\2+\3/\4)"),
    (re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?)[eE]([-+]?\d+)(?!\w)"), r"\1*10^{\2}"),
)
_BOLD = re.compile(r"(?<![\w)*])\*\*([^*\n]+)\*\*(?![\w(*])")
_MATHS = re.compile(r"\$|\\\(|\\\[|\\boxed|\\begin\{equation")
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}")
_FUNCTION = re.compile(r"(?:arc)?(?:sin|cos|tan)|sqrt|log|exp|frac|text|infty|left|right|begin|end")
_UNIT = re.compile(r"^[-+]?[\d.,/ ]+ (?:[msghLNJWVKCF]|[mcdk][mglL]|in|ft|yd|mi|oz|lb|hr|ms|kW|am|pm)(?:[/^*·²³].*)?$")
_APART = re.compile(r"(?<=\d)\s+(?=\d)")
_MATRIX = re.compile(r"\\(?:begin|end)\{\w+\}|\\(?:text|mathrm|operatorname)\s*\{[^}]*\}")
_IS = re.compile(r"\b(?:answer|result) is:?\s+(.+)$", re.IGNORECASE | re.MULTILINE)
_BOXED = re.compile(r"\\boxed\{((?:[^{}]|\{[^{}]*\})*)\}")
_TEXT = re.compile(r"\\(?:text|textbf|mathrm|mbox)\s*\{([^{}]*)\}")
_WORDS = re.compile(r"[^\W\d_](?:[^\W\d_]| |'|-)*")
_AROUND = "$ .*()\n"
_INTEGER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)")
_TIMES = re.compile(r"\\times|\\cdot|[×·]")


def answer_in(text: str) -> str:
    """The part of a completion that math-verify is given: what is marked as the answer, or its end, from its last box if it has one."""
    text = _BOLD.sub(r"\1", text.translate(_PLAINER))
    boxed = text.rfind("\\boxed")
    if boxed < 0:
        text = marked(text) or text
    start = max(len(text) - LONGEST, 0)
    if 0 <= boxed < start:
        return text[boxed : boxed + LONGEST]
    return text[start:].strip()


def gold_in(text: str) -> str:
    """The reference, without GSM8K's working and `####`."""
    text = text.translate(_PLAINER)
    return text.rpartition("####")[2].strip()


def read_as(text: str) -> list[str]:
    """The spellings in which math-verify is to read a text, in the order of trust."""
    for pattern, put in _MENDED:
        text = pattern.sub(put, text)
    if _MATHS.search(text) or not is_bare(text):
        return [text]
    spelled = text.strip().rstrip(".")
    for pattern, put in _SPELLED:
        spelled = pattern.sub(put, spelled)
    return [text] if _APART.search(spelled) else [f"${spelled}$", text]


def is_bare(text: str) -> bool:
    """Whether a text is one formula alone, rather than prose or a number with a unit.

    >>> is_bare("x^2 - 1"), is_bare("72 clips"), is_bare("5 km/h"), is_bare("2xy"), is_bare("There are 5")
    (True, False, False, True, False)
    """
    text = text.strip()
    if "\n" in text or not 0 < len(text) <= LONGEST_BARE or _UNIT.search(text):
        return False
    return all(_FUNCTION.fullmatch(word.lower()) for word in _WORD.findall(_MATRIX.sub("", text)))


def in_words(text: str) -> str | None:
    r"""The words that a reference is instead of a formula, such as a day or a choice; None for all others.

    >>> in_words(r"\text{Monday}"), in_words("(A)"), in_words("x"), in_words("ab"), in_words("5 cm")
    ('monday', 'a', None, None, None)
    """
    plain = _TEXT.sub(r"\1", text).strip(_AROUND)
    words = _words(plain)
    is_word = words is not None and (len(words) > 2 or words == "no" or (len(plain) == 1 and plain.isupper()))
    return words if words is not None and is_word and not _FUNCTION.fullmatch(words) else None


def said_in_words(text: str) -> str | None:
    """The words that a completion ends with: in its last box, after "the answer is", or all of it."""
    for pattern in (_BOXED, _IS):
        found = pattern.findall(text)
        if found:
            return _words(_TEXT.sub(r"\1", found[-1]).strip(_AROUND))
    return _words(_TEXT.sub(r"\1", text).strip(_AROUND))


def _words(text: str) -> str | None:
    return " ".join(text.casefold().split()) if _WORDS.fullmatch(text) else None


def integer(text: str) -> int | None:
    """The integer that a text is, and nothing else beside it; None for all others.

    >>> integer("1,000"), integer("-7"), integer("7.0"), integer("12,5")
    (1000, -7, None, None)
    """
    text = text.strip()
    return int(text.replace(",", "")) if len(text) <= LONGEST_INTEGER and text.isascii() and _INTEGER.fullmatch(text) else None


_TOWER = re.compile(r"(?:\*\*|\^)\s*[{(]*\s*-?[\w.\\]+\s*[)}]*\s*(?:\*\*|\^)")
_HIGH = re.compile(r"(?:\*\*|\^)\s*[{(]*\s*-?\s*\d[\d,]{4,}")
_FACTORIAL = re.compile(r"\d{4,}\s*[)}]*\s*!|!\s*[)}]*\s*!")
_LONG = re.compile(r"\d{400,}")
_DEEP = 40


def too_big(text: str) -> bool:
    """Whether a text holds powers of powers, huge exponents or factorials, or is nested too deeply to be an answer.

    >>> too_big("9**9**9**9"), too_big("10^{100000}"), too_big("2^{10}"), too_big("x^2+y^2")
    (True, True, False, False)
    """
    return any(pattern.search(text) for pattern in (_TOWER, _HIGH, _FACTORIAL, _LONG)) or _depth(text) > _DEEP


def _depth(text: str) -> int:
    depth = deepest = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    return deepest


def squeezed(text: str) -> str:
    r"""A text without spaces, dollars and brackets around it, its products with one sign: to tell that two are spelled alike.

    >>> squeezed(r"3 \times 4") == squeezed("$3*4$")
    True
    """
    return _TIMES.sub("*", "".join(_APART.sub("_", text).split())).strip("$.=?").casefold()


def echoes(said: str, question: str, gold: str) -> bool:
    """Whether an answer is a sum of the question: 3*4 is worth 12, but a policy that says the question again has answered nothing."""
    said, question = squeezed(said), squeezed(question)
    operated = re.search(r"[\d)}][-+*/^][\d({\\]", said) is not None
    return operated and said != squeezed(gold) and said in question
