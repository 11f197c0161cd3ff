"""A Kubernetes schedule in the words of other schedulers, exactly or not at all.

Fields are written out as numbers, names and ranges: what a step, a star with a step or a number of a
weekday means differs between them.
"""

from __future__ import annotations

from itertools import groupby

from bpc.cron.fields import Fields
from bpc.cron.horizon import HORIZON_START, HORIZON_YEARS
from bpc.cron.syntax import EVERY, parse, split
from bpc.cron.utc import to_utc

_MINUTES, _HOURS = range(60), range(24)
_DAYS, _MONTHS, _WEEKDAYS = range(1, 32), range(1, 13), range(7)
_MONTH_NAMES = (
    *("", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
)
_WEEKDAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_SHORTEST_RANGE = 3


def to_seconds_first(
    spec: str, zone: str, start: int = HORIZON_START, years: int = HORIZON_YEARS
) -> str | None:
    """Return the schedule as robfig/cron v1 reads it with seconds, in UTC; None where it cannot be said.

    That parser takes five fields, too, but reads the first one as seconds.
    """
    text = to_utc(spec, zone, start, years)
    if text is None or text.startswith(EVERY):
        return text
    fields = parse(text).fields
    if fields is None or not fields.times():
        return None
    days, weekdays = _two(fields)
    if not days or not weekdays:
        return None
    clock = f"{_numbers(fields.minute, _MINUTES)} {_numbers(fields.hour, _HOURS)}"
    return f"0 {clock} {days} {_numbers(fields.month, _MONTHS)} {weekdays}"


def to_quartz(
    spec: str, zone: str, start: int = HORIZON_START, years: int = HORIZON_YEARS
) -> str | None:
    """Return the schedule in Quartz' dialect, in UTC; None where it cannot be said.

    It has seconds first, and a day of the month or a weekday but never both. Months and
    weekdays are named, because Quartz counts them from another number.
    """
    text = to_utc(spec, zone, start, years)
    fields = None if text is None or text.startswith(EVERY) else parse(text).fields
    if fields is None or not fields.times() or not fields.month:
        return None
    days = _one(fields)
    if days is None:
        return None
    day, weekday = days
    clock = f"{_numbers(fields.minute, _MINUTES)} {_numbers(fields.hour, _HOURS)}"
    return f"0 {clock} {day} {_numbers(fields.month, _MONTHS, _MONTH_NAMES)} {weekday}"


def to_numbers(spec: str) -> str | None:
    """Return the schedule as plain numbers for a scheduler with time zones of its own.

    None where it names no moment, or where both day fields are restricted, which not all read alike.
    """
    fields = parse(spec).fields
    if split(spec).zone is not None or fields is None or not fields.times() or not fields.month:
        return None
    days = _one(fields)
    if days is None:
        return None
    day = "*" if days[0] == "?" else days[0]
    weekday = _numbers(fields.weekday, _WEEKDAYS) if days[0] == "?" else "*"
    clock = f"{_numbers(fields.minute, _MINUTES)} {_numbers(fields.hour, _HOURS)}"
    return f"{clock} {day} {_numbers(fields.month, _MONTHS)} {weekday}"


def _two(fields: Fields) -> tuple[str, str]:
    """Return both day fields; a star in either makes both count, so one stands only where it did."""
    star = fields.both
    return (
        _numbers(fields.day, _DAYS, star=star),
        _numbers(fields.weekday, _WEEKDAYS, star=star),
    )


def _one(fields: Fields) -> tuple[str, str] | None:
    """Return the day fields of Quartz, one of them a question mark; None if it takes both."""
    every_day = fields.day == _mask(_DAYS)
    every_weekday = fields.weekday == _mask(_WEEKDAYS)
    if (every_day and every_weekday) or (not fields.both and (every_day or every_weekday)):
        return "*", "?"
    if not fields.both or not (every_day or every_weekday):
        return None
    if every_weekday:
        return (_numbers(fields.day, _DAYS), "?") if fields.day else None
    text = _numbers(fields.weekday, _WEEKDAYS, _WEEKDAY_NAMES)
    return ("?", text) if fields.weekday else None


def _mask(values: range) -> int:
    return sum(1 << value for value in values)


def _numbers(
    mask: int, values: range, called: tuple[str, ...] | None = None, *, star: bool = True
) -> str:
    if star and mask == _mask(values):
        return "*"
    named = [value for value in values if mask >> value & 1]
    texts: list[str] = []
    for _, group in groupby(enumerate(named), lambda pair: pair[1] - pair[0]):
        run = [called[value] if called else str(value) for _, value in group]
        texts += run if len(run) < _SHORTEST_RANGE else [f"{run[0]}-{run[-1]}"]
    return ",".join(texts)
