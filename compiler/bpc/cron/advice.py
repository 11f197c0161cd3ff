"""Schedules that are legal and foolish, with the numbers that show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from bpc.cron.fault import Fault, rewritten
from bpc.cron.field_faults import field_faults, filled
from bpc.cron.fields import DAY, Fields, month_shape
from bpc.cron.horizon import HORIZON_START, HORIZON_YEARS, horizon_end
from bpc.cron.items import FIELDS
from bpc.cron.schedule import Schedule
from bpc.cron.spans import Gap, largest_gap
from bpc.cron.syntax import EVERY, Parts, parse, split
from bpc.cron.zones import load_zone

_MINUTE, _HOUR = 60, 3600
# No zone skips or repeats these.
_QUIET_HOURS = range(4, 23)
_LONG = 3 * DAY
_COMMON_YEAR = 2026
_PERIODS = {
    7 * DAY: "0 0 * * 0",
    DAY: "0 0 * * *",
    **{hours * _HOUR: f"0 */{hours} * * *" for hours in (12, 8, 6, 4, 3, 2)},
    _HOUR: "0 * * * *",
    **{
        minutes * _MINUTE: f"*/{minutes} * * * *" for minutes in (30, 20, 15, 12, 10, 6, 5, 4, 3, 2)
    },
}


def faults(spec: str, zone: str = "UTC", start: int = HORIZON_START) -> list[Fault]:
    """Find what is legal and foolish in a schedule of a zone, in the order of its text.

    Dates and gaps are those of the five years from `start` (UTC epoch seconds). ValueError for what
    `parse` refuses and for an unknown zone.
    """
    parts, schedule = split(spec), parse(spec)
    found = list(_prefix(parts))
    if schedule.fields is None:
        return [*found, _every(parts, schedule)]
    found += field_faults(parts, schedule.fields)
    found += _days(parts, schedule.fields, start)
    if not schedule.fires():
        return [*found, _never(parts, spec, schedule.fields)]
    return [*found, *_clock_change(parts, schedule, schedule.zone or zone, start)]


def _prefix(parts: Parts) -> Iterator[Fault]:
    if parts.prefix:
        body = " ".join(parts.fields) or EVERY + parts.every
        to = f" and set the time zone to `{parts.zone}`" if parts.zone else ""
        yield Fault(
            "zone-prefix",
            f"`{parts.prefix}` before a schedule is refused by Kubernetes since 1.29",
            f"write `{body}`{to}",
        )


def _every(parts: Parts, schedule: Schedule) -> Fault:
    fitting = (text for period, text in _PERIODS.items() if period <= schedule.delay)
    return Fault(
        "every-drifts",
        f"`{EVERY}{parts.every}` counts from the last start: its times drift, and they begin anew "
        "when the object is created again",
        f"write `{next(fitting, '* * * * *')}`",
    )


def _days(parts: Parts, fields: Fields, start: int) -> Iterator[Fault]:
    if fields.both or not fields.day or not fields.weekday:
        return
    year = datetime.fromtimestamp(start, UTC).year
    either, both = (
        sum(len(f.days(year, month)) for month in range(1, 13) if f.month >> month & 1)
        for f in (fields, replace(fields, both=True))
    )
    yield Fault(
        "day-or-weekday",
        f"day-of-month `{parts.fields[2]}` or weekday `{parts.fields[4]}` is enough: runs on {either} "
        f"days of {year}, of which {both} match both",
        rewritten(parts, 2, "*"),
    )


def _never(parts: Parts, text: str, fields: Fields) -> Fault:
    masks = (fields.minute, fields.hour, fields.day, fields.month, fields.weekday)
    if 0 in masks:
        index = masks.index(0)
        why = f"its {FIELDS[index].name} field names no value"
        return Fault(
            "never-fires", f"`{text}` never runs: {why}", rewritten(parts, index, filled(index))
        )
    months = [month for month in range(1, 13) if fields.month >> month & 1]
    longest = min(month_shape(_COMMON_YEAR, month)[2] for month in months)
    return Fault(
        "never-fires",
        f"`{text}` never runs: none of its months has a day `{parts.fields[2]}`",
        rewritten(parts, 2, str(longest)),
    )


def _clock_change(parts: Parts, schedule: Schedule, zone: str, start: int) -> Iterator[Fault]:
    changes = load_zone(zone).changes(start, horizon_end(start, HORIZON_YEARS))
    shift = max((abs(change.after - change.before) for change in changes), default=0)
    if not changes or (gap := _widened(schedule, zone, start, shift)) is None:
        return
    within = [change for change in changes if gap.begin <= change.at <= gap.end]
    forward = [change for change in within if change.after > change.before]
    for change in (forward or within)[:1]:
        day = datetime.fromtimestamp(change.at + change.before, UTC).date()
        yield Fault(
            "clock-change",
            f"`{schedule.text}` in {zone} leaves {_length(gap.seconds)} without a run, such as around {day}",
            _quiet(parts, schedule, zone, start, shift),
        )


def _widened(schedule: Schedule, zone: str, start: int, shift: int) -> Gap | None:
    """Return the largest gap if changes of the clocks widen it by more than they shift the clocks."""
    gap = largest_gap(schedule, zone, start)
    plain = largest_gap(replace(schedule, zone=None), "UTC", start)
    return gap if gap.seconds > plain.seconds + shift else None


def _quiet(parts: Parts, schedule: Schedule, zone: str, start: int, shift: int) -> str:
    minute, _, *days = parts.fields
    if schedule.fields and schedule.fields.hour.bit_count() == 1:
        for hour in _QUIET_HOURS:
            moved = parse(" ".join((minute, str(hour), *days)))
            if _widened(moved, zone, start, shift) is None:
                return rewritten(parts, 1, str(hour))
    return "set the time zone to `UTC`"


def _length(seconds: int) -> str:
    days, rest = divmod(seconds, DAY) if seconds >= _LONG else (0, seconds)
    hours, rest = divmod(rest, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (rest, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
