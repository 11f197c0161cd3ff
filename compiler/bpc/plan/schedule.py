"""When points are made: the cheapest schedule that can meet an objective, and the ladder above it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bpc.cron import HORIZON_START, largest_gap, parse
from bpc.plan.estate import Rung, Slot

_HOUR = 3_600
_DAY = 24 * _HOUR
PERIODS = (
    7 * _DAY,
    _DAY,
    12 * _HOUR,
    8 * _HOUR,
    6 * _HOUR,
    4 * _HOUR,
    3 * _HOUR,
    2 * _HOUR,
    _HOUR,
    1_800,
    1_200,
    900,
    600,
    300,
)
"""The periods that `auto` chooses from, in seconds, from cheap to dear; each divides the next unit."""
YEARS = 5
"""How far ahead gaps are looked for."""

_CALM = range(6)
_CLEAR_OF_CHANGES = (4, 5, 19, 20, 21, 22)
"""Hours that no zone skips or repeats: clocks are changed between 23:00 and 03:59."""
_RUNG_STEP = 7
COPY_STEP = 13


@dataclass(frozen=True, slots=True)
class Times:
    """A cron text and the zone that it is read in."""

    cron: str
    zone: str

    @property
    def gap(self) -> int:
        """The longest time between two firings within the horizon, in seconds."""
        return gap(self.cron, self.zone)


def gap(cron: str, zone: str) -> int:
    """Return the longest time between two firings within the horizon, in seconds."""
    return _gap(spaced_alike(cron, zone), zone)


def spaced_alike(cron: str, zone: str) -> str:
    """Return a schedule whose runs lie as far apart as those of `cron`, the same for many of them.

    Where clocks never change, all runs of a daily, weekly or hourly schedule move by the same time to the
    beginning of the hour or day. One answer then serves all datasets, whatever minute each was given.
    """
    found = None if _shifts(zone) else _SINGLE.fullmatch(cron)
    return f"0 {'*' if found[2] == '*' else '0'} * * {found[5]}" if found else cron


@functools.lru_cache(maxsize=4_096)
def _gap(cron: str, zone: str) -> int:
    return largest_gap(parse(cron), zone, HORIZON_START, YEARS).seconds


@functools.lru_cache(maxsize=256)
def _shifts(zone: str) -> bool:
    return _gap("0 12 * * *", zone) != _DAY


_SINGLE = re.compile(r"([0-9]+) ([0-9]+|\*) (\*) (\*) (\*|[0-6])")


def cheapest(at_most: int, zone: str, slot: Slot, max_gap: int | None = None) -> Times | None:
    """Return the rarest schedule with a period of at most `at_most` seconds.

    With `max_gap`, its longest gap within the horizon must not exceed that either. None if none is.
    """
    for period in PERIODS:
        if period <= at_most and (max_gap is None or period <= max_gap):
            times = Times(every(period, zone, slot), zone)
            if max_gap is None or times.gap <= max_gap:
                return times
    return None


def every(period: int, zone: str, slot: Slot) -> str:
    """Return the cron text of one of `PERIODS`, placed by the slot."""
    if period < _HOUR:
        step = period // 60
        return f"{_steps(slot.minute % step, step, 60)} * * * *"
    if period < _DAY:
        step = period // _HOUR
        hours = "*" if step == 1 else _steps(slot.hour % step, step, 24)
        return f"{slot.minute} {hours} * * *"
    if period == _DAY:
        return f"{slot.minute} {_night(zone, slot)} * * *"
    return f"{slot.minute} {_night(zone, slot)} * * {(slot.hour + slot.minute) % 7}"


def ladder(
    kept: Mapping[str, tuple[int, int]], base: Times, slot: Slot, copy: int = 0
) -> Iterator[Rung]:
    """Yield the rungs of a ladder: the finest at the times of `base`, each coarser one at its own.

    `kept` gives for each rung, from fine to coarse, the points and the seconds for which one is kept.
    `copy` counts the copies of a dataset: each starts at minutes of its own.
    """
    for index, (name, (points, seconds)) in enumerate(kept.items()):
        own = moved(slot, _RUNG_STEP * index + COPY_STEP * copy)
        cron = base.cron if index == 0 else _rung(name, base.zone, own)
        yield Rung(name=name, cron=cron, zone=base.zone, keep=seconds, points=points)


def _rung(name: str, zone: str, slot: Slot) -> str:
    night = f"{slot.minute} {_night(zone, slot)}"
    day = 1 + (slot.hour + slot.minute) % 28
    return {
        "hourly": f"{slot.minute} * * * *",
        "daily": f"{night} * * *",
        "weekly": f"{night} * * {(slot.hour + slot.minute) % 7}",
        "monthly": f"{night} {day} * *",
        "yearly": f"{night} {day} {1 + slot.hour % 12} *",
    }[name]


def moved(slot: Slot, minutes: int) -> Slot:
    """Return the slot so many minutes later, going on after midnight."""
    total = slot.hour * 60 + slot.minute + minutes
    return Slot(minute=total % 60, hour=total // 60 % 24)


def _night(zone: str, slot: Slot) -> int:
    hours = _CLEAR_OF_CHANGES if _shifts(zone) else _CALM
    return hours[slot.hour % len(hours)]


def _steps(first: int, step: int, end: int) -> str:
    values = range(first, end, step)
    if len(values) <= 4:  # noqa: PLR2004 - so many numbers are easier to read than a step
        return ",".join(map(str, values))
    return f"*/{step}" if first == 0 else f"{first}-{end - 1}/{step}"
