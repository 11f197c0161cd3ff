"""The durations of Go, as `@every` takes them."""

from __future__ import annotations

import re

_UNITS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_PART = re.compile(rf"(?=\.?[0-9])([0-9]*)(?:\.([0-9]*))?({'|'.join(_UNITS)})(?=[0-9.]|\Z)")
_LARGEST = 2**63 - 1
# As many digits as fit into Go's integers whatever they are; further ones are below a nanosecond.
_DIGITS = 18


def nanoseconds(text: str) -> int:
    """Read a Go duration such as `1h30m`; ValueError when Go would not (it has no unit for days)."""
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in {"+", "-"} else text
    if rest == "0":
        return 0
    total = position = 0
    while part := _PART.match(rest, position):
        total += _part(*part.groups(""))
        position = part.end()
    if not rest or position < len(rest) or total > _LARGEST:
        raise ValueError(
            f"`{text}` is not a duration such as `1h30m`, in units of `h`, `m` and `s`"
        )
    return sign * total


def _part(whole: str, fraction: str, unit: str) -> int:
    whole = whole.lstrip("0")
    if len(whole) > len(str(_LARGEST)):
        return _LARGEST + 1
    fraction = fraction[:_DIGITS]
    # Go computes the fraction in floating point, and so must we to agree to the nanosecond.
    scaled = float(fraction or 0) * (_UNITS[unit] / 10.0 ** len(fraction))
    return int(whole or 0) * _UNITS[unit] + int(scaled)
