"""How one scalar is written so that every YAML reader in use takes it for the same value.

Readers differ: kubectl, Flux and Helm follow YAML 1.1 with Go's number syntax, PyYAML follows YAML 1.1,
ruamel and JavaScript readers YAML 1.2. A string stays plain only if it is a string to all of them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bpc.render.values import Data

_AMBIGUOUS = re.compile(
    r"""~|=|<<|                                             # null, default and merge keys of YAML 1.1
    [-+]?\.?(?:y|yes|n|no|on|off|true|false|null|nan|inf|infinity)|
    (?=.*[0-9.])[-+.,:0-9e_xob]+|[-+]?0x[0-9a-f_.p+-]+|     # integers, floats, sexagesimals, times
    [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|                       # dates, with or without a time
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)

_PLAIN = re.compile(
    r"(?:[A-Za-z0-9_/.]|--?(?=[A-Za-z]))"
    r"(?:[A-Za-z0-9_/.@+=%,()-]|:(?=[^\s:])|[ ](?=[A-Za-z0-9_/.(]))*"
)

# Escaped although legal: what a reviewer cannot see (controls, formatting and bidirectional marks,
# line separators, private use, non-characters) must not hide in a generated file.
_UNSEEN = (
    "\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\uf8ff\ufeff\ufff9-\uffff\U000e0000-\U000e007f\U000f0000-\U0010ffff"
)
_ESCAPED = re.compile(f'["\\\\{_UNSEEN}]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_SURROGATE = re.compile("[\ud800-\udfff]")

# The text itself may not start with a blank (the indentation would be guessed wrongly); blanks at a
# line's end make kustomize rewrite the block as one escaped string; more than two empty lines in a
# row or at the end are what yamllint reports.
_UNFIT_BLOCK = re.compile(f"\\A[ \t\n]|[ \t](?:\n|\\Z)|\n\n\n\n|\n\n\\Z|(?!\n|\t)[{_UNSEEN}]")

_SHORT_TEXT = 128
_KEY_LIMIT = 1000
_LATIN, _BASIC_PLANE = 0xFF, 0xFFFF


def ambiguous(text: str) -> bool:
    """Whether some reader takes the unquoted text for something other than a string."""
    return _AMBIGUOUS.fullmatch(text) is not None


def escaped(text: str) -> str:
    """Return the text on one printable line, with the escapes of a double-quoted YAML string."""
    return _ESCAPED.sub(_escape, text)


def spell(value: Data, indent: int) -> str:
    """Write a scalar or an empty collection that follows `key:` or `-` at column `indent`."""
    if isinstance(value, str):
        short = len(value) <= _SHORT_TEXT and "\n" not in value
        return _short(value) if short else _long(value, indent)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise ValueError(f"integer `{value}` needs more than 64 bits")
        return int.__repr__(value)
    if value is None:
        return "null"
    return "{}" if isinstance(value, dict) else "[]"


def spell_key(key: str) -> str:
    """Write a mapping key; YAML allows an implicit key 1,024 characters."""
    text = _short(key) if len(key) <= _SHORT_TEXT else _line(key)
    if len(text) > _KEY_LIMIT:
        raise ValueError(f"key `{text[:40]}…` is longer than {_KEY_LIMIT} characters")
    return text


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if code <= _LATIN:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _BASIC_PLANE else f"\\U{code:08x}"


def _line(text: str) -> str:
    plain = str.__str__(text)
    if _PLAIN.fullmatch(plain) and not ambiguous(plain):
        return plain
    if _SURROGATE.search(plain):
        raise ValueError("text with a lone surrogate cannot be written as YAML")
    return f'"{escaped(plain)}"'


def _block(text: str, indent: int) -> str:
    if "\n" not in text or _UNFIT_BLOCK.search(text):
        return _line(text)
    pad = " " * (indent + 2)
    lines = (pad + line if line else "" for line in text.removesuffix("\n").split("\n"))
    return "\n".join(["|" if text.endswith("\n") else "|-", *lines])


# Names and labels repeat over thousands of manifests, a script over every manifest that embeds it.
_short = lru_cache(maxsize=8192)(_line)
_long = lru_cache(maxsize=256)(_block)
