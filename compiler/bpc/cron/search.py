"""The next and the previous run, exactly as the cron library finds them.

Away from clock changes the library does what the calendar says, and one look at the calendar gives
its answer. Near a change its answer depends on the steps it takes (it may miss a day, or a month),
so there the steps are taken one by one.
"""

from __future__ import annotations

from datetime import date

from bpc.cron.fields import DAY, EPOCH, SEARCH_YEARS, Fields, month_shape
from bpc.cron.zones import Zone

_MINUTE = 60
_HOUR = 3600
_NOON = 12


def following(fields: Fields, after: int, zone: Zone) -> int | None:
    """Return the first run after `after`, or None when the library finds none."""
    if not fields.times():
        return None
    start = after + 1
    offset = zone.offset(start)
    back, local = fields.first_from(start + offset)
    if local is not None and zone.steady(back - offset, local - offset):
        return local - offset
    return _Walk(fields, zone, start).run()


def preceding(fields: Fields, before: int, zone: Zone) -> int | None:
    """Return the last run before `before` of those that follow each other, or None when five years hold none.

    A moment that matches but that the library steps over, coming from the run before, is not a run.
    """
    offset = zone.offset(before)
    last = fields.last_before(before + offset)
    if last is None:
        return None
    # Where it trips over a clock change, the library misses a day of runs, never two: a search from
    # two such days earlier has come back to the runs that follow each other.
    early = last - last % DAY
    for _ in range(2):
        earlier = fields.last_before(early)
        early = early if earlier is None else earlier - earlier % DAY
    start = early - offset - 1
    if zone.steady(start, before):
        return last - offset
    found = None
    run = following(fields, start, zone)
    while run is not None and run < before:
        found, run = run, following(fields, run, zone)
    return preceding(fields, start, zone) if found is None else found


class _Walk:
    """The library's search: raise the first field that does not match, start again when it wraps.

    Each method named after a field returns True when the search has to start again from the top.
    """

    __slots__ = ("_clock", "_date", "_fields", "_number", "_started", "_t", "_zone")

    def __init__(self, fields: Fields, zone: Zone, start: int) -> None:
        self._fields = fields
        self._zone = zone
        self._started = False
        self._move(start)

    def run(self) -> int | None:
        limit = self._date.year + SEARCH_YEARS
        while self._date.year <= limit:
            if not (
                self._month() or self._day() or self._hour() or self._minute() or self._second()
            ):
                return self._t
        return None

    def _month(self) -> bool:
        while not self._fields.month >> self._date.month & 1:
            self._start(self._number - self._date.day + 1, 0)
            year, month, day = self._date.year, self._date.month, self._date.day
            first = date(year + month // 12, month % 12 + 1, 1).toordinal() - EPOCH
            self._set(first + day - 1, self._clock)
            if self._date.month == 1:
                return True
        return False

    def _day(self) -> bool:
        while self._date.day not in (days := self._fields.days(self._date.year, self._date.month)):
            self._start(self._number, 0)
            self._next_day(days)
            if self._date.day == 1:
                return True
        return False

    def _next_day(self, days: tuple[int, ...]) -> None:
        _, _, length = month_shape(self._date.year, self._date.month)
        today = self._date.day
        target = self._t + DAY * (next((d for d in days if d > today), length + 1) - today)
        if self._clock < _HOUR and self._zone.steady(self._t, target):
            self._move(target)
            return
        self._set(self._number + 1, self._clock)
        hour = self._clock // _HOUR
        if hour and self._fields.repairs_midnight:
            self._move(self._t + _HOUR * (24 - hour if hour > _NOON else -hour))

    def _hour(self) -> bool:
        while not self._fields.hour >> (hour := self._clock // _HOUR) & 1:
            self._start(self._number, hour * _HOUR)
            self._raise(self._fields.hour, self._clock // _HOUR, 24, _HOUR)
            if self._clock < _HOUR:
                return True
        return False

    def _minute(self) -> bool:
        while not self._fields.minute >> (minute := self._clock // _MINUTE % 60) & 1:
            if not self._started:
                self._started = True
                self._move(self._t - self._t % _MINUTE)
            self._raise(self._fields.minute, minute, 60, _MINUTE)
            if self._clock % _HOUR < _MINUTE:
                return True
        return False

    def _second(self) -> bool:
        second = self._clock % _MINUTE
        if second:
            self._started = True
            self._move(self._t + _MINUTE - second)
        return second > 0

    def _raise(self, mask: int, value: int, size: int, unit: int) -> None:
        later = mask >> (value + 1)
        steps = (later & -later).bit_length() if later else size - value
        same = self._zone.offset(self._t + steps * unit) == self._zone.offset(self._t)
        self._move(self._t + (steps * unit if same else unit))

    def _start(self, number: int, clock: int) -> None:
        if not self._started:
            self._started = True
            self._set(number, clock)

    def _set(self, number: int, clock: int) -> None:
        local = number * DAY + clock
        self._move(local - self._zone.offset(local - self._zone.offset(local)))

    def _move(self, t: int) -> None:
        self._t = t
        self._number, self._clock = divmod(t + self._zone.offset(t), DAY)
        self._date = date.fromordinal(self._number + EPOCH)
