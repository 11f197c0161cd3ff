"""What a plain scalar means under the core schema of YAML 1.2.2 (section 10.3.2), and under YAML 1.1."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

Scalar = str | int | float | bool | None

_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
NUMERIC = frozenset("+-.0123456789")

_NUMBER = re.compile(
    r"(?P<decimal>[-+]?[0-9]+)"
    r"|(?P<octal>0o[0-7]+)"
    r"|(?P<hexadecimal>0x[0-9a-fA-F]+)"
    r"|(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<infinite>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
_BASES = {"decimal": 10, "octal": 8, "hexadecimal": 16}
_SMALLEST, _GREATEST = -(2**63), 2**63 - 1
# No 64-bit integer has more digits in base 8; int() has an error of its own for thousands of digits.
_MOST_DIGITS = 22

_LEGACY_WORDS: Mapping[str, str] = {
    **{
        spelling: "a boolean"
        for word in ("y", "n", "yes", "no", "on", "off")
        for spelling in (word, word.capitalize(), word.upper())
    },
    "=": "a default value",
}
# A plain scalar that is not here and does not begin like a number is text to every reader.
SPECIAL = frozenset({*_WORDS, *_LEGACY_WORDS})

_LEGACY = re.compile(
    r"(?P<octal>(?![-+]?0+[0-7]\Z)[-+]?0[0-9]+|0o[0-7]+)"
    r"|(?P<binary>[-+]?0b[01_]+)"
    r"|(?P<hexadecimal>[-+]0x[0-9a-fA-F_]+|0x(?=[0-9a-fA-F]*_)[0-9a-fA-F_]+)"
    r"|(?P<underscores>[-+]?(?=[0-9.]*_)[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+][0-9]+)?"
    r"|[-+]?\.[0-9](?=[0-9]*_)[0-9_]+(?:[eE][-+][0-9]+)?)"
    r"|(?P<sexagesimal>[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)"
    r"|(?P<exponent>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)[eE][0-9]+|[-+]?[0-9]+[eE][-+][0-9]+)"
    r"|(?P<point>[-+]\.[0-9]+(?:[eE][-+][0-9]+)?)"
    r"|(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?)"
)
_LEGACY_READINGS = {
    "octal": "text or another number",
    "binary": "a binary number",
    "hexadecimal": "a hexadecimal number",
    "underscores": "a number",
    "sexagesimal": "a number to base 60",
    "exponent": "text",
    "point": "text",
    "date": "a date",
}


def resolve(text: str) -> Scalar:
    """Return the value of a plain scalar; raise OverflowError where it is no finite 64-bit number."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in NUMERIC:
        return text
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    kind = match.lastgroup or ""
    return _integer(text, _BASES[kind]) if kind in _BASES else _float(text, kind)


def legacy_reading(text: str) -> str | None:
    """Return what a reader of YAML 1.1 may take a plain scalar for, if not for what `resolve` says.

    The sources are the types of yaml.org/type, as PyYAML and go-yaml read them.
    """
    if text[:1] not in NUMERIC:
        return _LEGACY_WORDS.get(text)
    match = _LEGACY.fullmatch(text)
    return _LEGACY_READINGS[match.lastgroup or ""] if match else None


def _integer(text: str, base: int) -> int:
    sign = -1 if text.startswith("-") else 1
    digits = (text.lstrip("+-").removeprefix("0o").removeprefix("0x")).lstrip("0") or "0"
    if len(digits) > _MOST_DIGITS:
        raise OverflowError
    value = sign * int(digits, base)
    if not _SMALLEST <= value <= _GREATEST:
        raise OverflowError
    return value


def _float(text: str, kind: str) -> float:
    value = math.inf if kind == "infinite" else float(text)
    if math.isinf(value):
        raise OverflowError
    return value
