"""What a field of a schedule may list: values, ranges and steps."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_NUMBER = re.compile(r"\+?0*([0-9]{1,19})")
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """One of the five fields: its name, its least and greatest value, and the names of values."""

    name: str
    low: int
    high: int
    names: dict[str, int]


FIELDS = (
    Bounds("minute", 0, 59, {}),
    Bounds("hour", 0, 23, {}),
    Bounds("day-of-month", 1, 31, {}),
    Bounds("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    Bounds("weekday", 0, 6, {name: number for number, name in enumerate(_WEEKDAYS)}),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One member of a field's list: every `step`-th value from `first` to `last`."""

    text: str
    first: int
    last: int
    step: int
    star: bool


def read_item(text: str, bounds: Bounds) -> Item:
    """Read one member of a field's list; ValueError when the library would not."""
    values, *steps = text.split("/")
    low, *highs = values.split("-")
    where = f"`{text}` in the {bounds.name} field"
    star = low in {"*", "?"}
    if len(steps) > 1:
        raise ValueError(f"{where} has more than one `/`")
    if len(highs) > 1 and not star:
        raise ValueError(f"{where} has more than one `-`")
    first = bounds.low if star else _value(low, bounds, where)
    last = bounds.high if star else _value(highs[0], bounds, where) if highs else first
    step = _number(steps[0], where) if steps else 1
    if steps and not highs:
        last = bounds.high
    _check(first, last, step, bounds, where)
    return Item(text, first, last, step, star)


def _check(first: int, last: int, step: int, bounds: Bounds, where: str) -> None:
    if first < bounds.low:
        raise ValueError(f"{where} starts at {first}, below {bounds.low}")
    if max(first, last) > bounds.high:
        hint = ": Sunday is 0" if bounds.name == "weekday" else ""
        raise ValueError(f"{where} reaches {max(first, last)}, above {bounds.high}{hint}")
    if first > last:
        raise ValueError(f"{where} runs backwards: write two ranges with a comma between")
    if step == 0:
        raise ValueError(f"{where} has a step of 0: a step is at least 1")


def _value(text: str, bounds: Bounds, where: str) -> int:
    named = bounds.names.get(text.lower())
    return _number(text, where) if named is None else named


def _number(text: str, where: str) -> int:
    match = _NUMBER.fullmatch(text)
    if not match or (number := int(match[1])) > _LARGEST:
        raise ValueError(
            f"{where} is not understood: `{text}` is not a number that can stand there"
        )
    return number
