"""Faults that one field of a schedule has by itself."""

from __future__ import annotations

from collections.abc import Iterator

from bpc.cron.fault import Fault, FaultKind, rewritten
from bpc.cron.fields import Fields
from bpc.cron.items import FIELDS, Bounds, Item, read_item
from bpc.cron.syntax import Parts

_UNITS = ("min", "h", "d", "months", "d")
_COARSER = ("hour", "day", "month", "year", "week")
_DAY, _WEEKDAY = 2, 4
_MONTH_LENGTHS = (28, 29, 30, 31)
_Edit = tuple[FaultKind, str, str]


def field_faults(parts: Parts, fields: Fields) -> Iterator[Fault]:
    """Find what is foolish in each of the five fields, in their order."""
    for index, text in enumerate(parts.fields):
        for kind, message, better in _field_edits(index, text, fields):
            yield Fault(kind, message, rewritten(parts, index, better))


def filled(index: int) -> str:
    """Return what to write into a field that names no value."""
    return "0" if index < _DAY else "*"


def _field_edits(index: int, text: str, fields: Fields) -> Iterator[_Edit]:
    bounds = FIELDS[index]
    members = text.split(",")
    named = [member for member in members if member]
    if len(named) < len(members):
        says = "has an item without a value, which is dropped" if named else "names no value"
        better = ",".join(named) or filled(index)
        yield "empty-item", f"`{text}` in the {bounds.name} field {says}", better
    for position, member in enumerate(members):
        for kind, says, better in _item_edits(member, bounds) if member else ():
            joined = ",".join([*members[:position], better, *members[position + 1 :]])
            yield kind, f"`{member}` in the {bounds.name} field {says}", joined
    if len(members) == 1 and _meets_itself(index, fields):
        yield from _uneven(index, read_item(text, bounds))


def _item_edits(member: str, bounds: Bounds) -> Iterator[_Edit]:
    item = read_item(member, bounds)
    values, slash, step = member.partition("/")
    if member.startswith("?"):
        yield "question-mark", "means the same as `*`", member.replace("?", "*", 1)
    if item.star and "-" in values:
        yield "star-range", "means `*`: what follows the `-` is ignored", f"*{slash}{step}"
    if "+" in member:
        yield "plus-sign", "has a `+`, which means nothing", member.replace("+", "")
    if item.step > max(item.last - item.first, 1):
        says = f"has a step past the end of its range, so that only {item.first} matches"
        yield "step-too-large", says, str(item.first)


def _meets_itself(index: int, fields: Fields) -> bool:
    """Whether the values of a field are ever gone through twice without a pause between."""
    hours, days, months, week = (
        _neighbours(mask, FIELDS[position].low, FIELDS[position].high)
        for position, mask in enumerate((fields.hour, fields.day, fields.month, fields.weekday), 1)
    )
    return (hours, days and week, months, True, True)[index]


def _neighbours(mask: int, low: int, high: int) -> bool:
    return bool(mask & mask >> 1 or mask >> low & mask >> high & 1)


def _uneven(index: int, item: Item) -> Iterator[_Edit]:
    bounds = FIELDS[index]
    whole = (item.first, item.last) == (bounds.low, bounds.high)
    if not whole or not 1 < item.step <= item.last - item.first:
        return
    lengths = _MONTH_LENGTHS if index == _DAY else (bounds.high - bounds.low + 1,)
    # What is left of the field after its last value is the way to the next round's first value.
    rests = sorted({(length - 1) % item.step + 1 for length in lengths})
    if rests == [item.step]:
        return
    rest = " to ".join(str(days) for days in dict.fromkeys((rests[0], rests[-1])))
    unit = _UNITS[index]
    says = (
        f"runs every {item.step} {unit}, then {rest} {unit} as each {_COARSER[index]} starts over"
    )
    yield "uneven-step", f"`{item.text}` in the {bounds.name} field {says}", _evened(index, item)


def _evened(index: int, item: Item) -> str:
    if index in {_DAY, _WEEKDAY}:
        return ",".join(str(value) for value in range(item.first, item.last + 1, item.step))
    size = item.last - item.first + 1
    step = next(step for step in range(item.step, 0, -1) if size % step == 0)
    return "*" if step == 1 else f"*/{step}"
