"""A schedule of a time zone that keeps its clocks, said in UTC."""

from __future__ import annotations

from itertools import groupby

from bpc.cron.fields import Fields
from bpc.cron.horizon import HORIZON_START, HORIZON_YEARS, horizon_end
from bpc.cron.syntax import EVERY, parse, split
from bpc.cron.zones import load_zone

_MINUTES, _HOURS, _WEEK = 60, 24, 7
_EVERY_DAY = sum(1 << day for day in range(1, 32))
_EVERY_MONTH = sum(1 << month for month in range(1, 13))
_EVERY_WEEKDAY = sum(1 << weekday for weekday in range(_WEEK))
_SHORTEST_RANGE = 3


def to_utc(
    spec: str, zone: str, start: int = HORIZON_START, years: int = HORIZON_YEARS
) -> str | None:
    """Return the schedule that in UTC runs at the same moments, or None when five fields cannot say it.

    They cannot when the zone changes its clocks between `start` and `years` later, when days of the
    month, months, or only some of the runs would move to another day, or when minutes and hours would
    no longer go together. ValueError for what `parse` refuses and for an unknown zone.
    """
    parts, fields = split(spec), parse(spec).fields
    if fields is None:
        return EVERY + parts.every
    place = load_zone(parts.zone or zone)
    lead, seconds = divmod(place.offset(start), _MINUTES)
    if seconds or place.changes(start + 1, horizon_end(start, years)):
        return None
    moments = [time // _MINUTES - lead for time in fields.times()]
    if lead == 0 or not moments:
        return " ".join(parts.fields)
    clock = _clock(moments, parts.fields, fields)
    days = _days({moment // (_HOURS * _MINUTES) for moment in moments}, parts.fields, fields)
    return f"{clock} {days}" if clock and days else None


def _clock(moments: list[int], texts: tuple[str, ...], fields: Fields) -> str | None:
    minutes = sorted({moment % _MINUTES for moment in moments})
    hours = sorted({moment // _MINUTES % _HOURS for moment in moments})
    if len(minutes) * len(hours) != len(moments):
        return None
    minute = texts[0] if _mask(minutes) == fields.minute else _text(minutes, _MINUTES)
    hour = texts[1] if _mask(hours) == fields.hour else _text(hours, _HOURS)
    return f"{minute} {hour}"


def _days(moves: set[int], texts: tuple[str, ...], fields: Fields) -> str | None:
    _, _, day, month, weekday = texts
    if moves != {0}:
        if fields.day != _EVERY_DAY or fields.month != _EVERY_MONTH:
            return None
        if fields.weekday not in {0, _EVERY_WEEKDAY}:
            if len(moves) > 1:
                return None
            named = (value for value in range(_WEEK) if fields.weekday >> value & 1)
            weekday = _text(sorted((value + sum(moves)) % _WEEK for value in named), _WEEK)
    return f"{day} {month} {weekday}"


def _mask(values: list[int]) -> int:
    return sum(1 << value for value in values)


def _text(values: list[int], size: int) -> str:
    step = size // len(values)
    if len(values) > 1 and values == list(range(0, size, step)):
        return "*" if step == 1 else f"*/{step}"
    texts: list[str] = []
    for _, group in groupby(enumerate(values), lambda pair: pair[1] - pair[0]):
        run = [value for _, value in group]
        short = len(run) < _SHORTEST_RANGE
        texts += [str(value) for value in run] if short else [f"{run[0]}-{run[-1]}"]
    return ",".join(texts)
