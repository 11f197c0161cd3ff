"""Durations, sizes and rates: text in the policy, whole numbers in the model."""

from __future__ import annotations

import datetime
import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from bpc.model.format import Format

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(
    r"(?:([0-9]{1,9})w)?(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?\Z"
)
_SIZE = re.compile(r"([0-9]{1,12})(Ki|Mi|Gi|Ti|Pi)\Z")
_RATE = re.compile(r"([0-9]{1,12})(KiB|MiB|GiB)/s\Z")
_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50}


def parse_duration(text: object) -> int:
    """Return the seconds that a duration such as `15m`, `6h`, `30d`, `2w` or `1h30m` stands for.

    Units go from large to small, each once. Raises PydanticCustomError on anything else, and on zero.
    """
    match = _DURATION.match(text) if isinstance(text, str) and text else None
    if match is None:
        raise PydanticCustomError(
            "duration",
            "a duration is a number and a unit (s, m, h, d or w), such as `15m` or `30d`",
        )
    seconds = sum(
        int(n) * unit for n, unit in zip(match.groups(), _UNITS.values(), strict=True) if n
    )
    if seconds == 0:
        raise PydanticCustomError("duration", "a duration must be longer than nothing")
    return seconds


def format_duration(seconds: int) -> str:
    """Return the shortest text that `parse_duration` reads as so many seconds."""
    parts = []
    for unit, length in _UNITS.items():
        if unit == "w" and seconds % length:
            continue
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def parse_size(text: object) -> int:
    """Return the bytes that a size such as `120Gi` stands for."""
    match = _SIZE.match(text) if isinstance(text, str) else None
    if match is None:
        raise PydanticCustomError("size", "a size is a number and a binary unit, such as `120Gi`")
    return int(match[1]) * _BINARY[match[2]]


def parse_rate(text: object) -> int:
    """Return the bytes per second that a rate such as `200MiB/s` stands for."""
    match = _RATE.match(text) if isinstance(text, str) else None
    if match is None:
        raise PydanticCustomError("rate", "a rate is a number and a unit, such as `200MiB/s`")
    return int(match[1]) * _BINARY[match[2].removesuffix("B")]


DURATION = Format(
    "a duration", "a number above 0 and a unit (s, m, h, d or w), such as `15m` or `30d`"
)
Duration = Annotated[
    int,
    BeforeValidator(parse_duration),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(?=.*[1-9])"
            r"([0-9]{1,9}w)?([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?$",
            "examples": ["15m", "6h", "30d", "2w"],
        }
    ),
    DURATION,
]
"""A length of time in seconds, written `15m`, `6h`, `30d` or `2w`."""

Size = Annotated[
    int,
    BeforeValidator(parse_size),
    WithJsonSchema(
        {"type": "string", "pattern": "^[0-9]{1,12}(Ki|Mi|Gi|Ti|Pi)$", "examples": ["120Gi"]}
    ),
    Format("a size", "a whole number and a binary unit (Ki, Mi, Gi, Ti or Pi), such as `120Gi`"),
]
"""An amount of data in bytes, written `120Gi`."""

Rate = Annotated[
    int,
    BeforeValidator(parse_rate),
    WithJsonSchema(
        {"type": "string", "pattern": "^[0-9]{1,12}(KiB|MiB|GiB)/s$", "examples": ["200MiB/s"]}
    ),
    Format("a rate", "a whole number and a unit (KiB/s, MiB/s or GiB/s), such as `200MiB/s`"),
]
"""Bytes per second, written `200MiB/s`."""


def parse_day(text: object) -> datetime.date:
    """Return the day that `2027-03-31` stands for."""
    try:
        if isinstance(text, str) and len(text) == len("2027-03-31"):
            return datetime.date.fromisoformat(text)
    except ValueError:
        pass
    raise PydanticCustomError("day", "a day is written year-month-day, such as `2027-03-31`")


Day = Annotated[
    datetime.date,
    BeforeValidator(parse_day),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date",
            "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
            "examples": ["2027-03-31"],
        }
    ),
    Format("a day", "year, month and day, such as `2027-03-31`"),
]
"""A day, written `2027-03-31`."""
