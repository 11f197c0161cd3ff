"""The five fields of a schedule as bit masks, and the local calendar they describe."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

DAY = 86400
EPOCH = date(1970, 1, 1).toordinal()
# The library gives up after the fifth year that follows.
SEARCH_YEARS = 5


@dataclass(frozen=True, slots=True)
class Fields:
    """Which minutes, hours, days, months and weekdays match: bit n stands for the value n.

    With `both`, a day must match by day of month and by weekday; without, either will do.
    `repairs_midnight` tells the current library from the old one, which does not go back to the start
    of a day whose midnight does not exist.

    Local moments are seconds, and day numbers are days, after 1970-01-01 of the local calendar.
    """

    minute: int
    hour: int
    day: int
    month: int
    weekday: int
    both: bool
    repairs_midnight: bool = True

    def times(self) -> tuple[int, ...]:
        """Return the matching times of day in seconds after midnight, rising."""
        return _times(self.minute, self.hour)

    def days(self, year: int, month: int) -> tuple[int, ...]:
        """Return the days of a month that match, whether or not the month does."""
        _, weekday, length = month_shape(year, month)
        return _days(self.day, self.weekday, self.both, weekday, length)

    def day_numbers(self, first: int, last: int) -> list[int]:
        """Return the numbers of the matching days from `first` to `last`, both included."""
        begin, end = date.fromordinal(first + EPOCH), date.fromordinal(last + EPOCH)
        months = range(_index(begin), _index(end) + 1)
        found = [start + day - 1 for start, days in self._matching(months) for day in days]
        return found[bisect_left(found, first) : bisect_right(found, last)]

    def matches(self, local: int) -> bool:
        """Whether all fields match at a local moment."""
        return self.first_from(local)[1] == local

    def first_from(self, local: int) -> tuple[int, int | None]:
        """Find the first match at or after a local moment, as if the clocks never changed.

        The first number is the earliest local moment at which the library may look: it sets what is
        below the first field that does not match back to its start.
        """
        number, clock = divmod(local, DAY)
        today = date.fromordinal(number + EPOCH)
        times = self.times()
        if not self.month >> today.month & 1:
            back = (number - today.day + 1) * DAY
        elif today.day not in self.days(today.year, today.month):
            back = number * DAY
        else:
            back = local - 3600
            index = bisect_left(times, clock)
            if index < len(times):
                return back, number * DAY + times[index]
        day = self._day_after(number, today) if times else None
        return back, None if day is None else day * DAY + times[0]

    def last_before(self, local: int) -> int | None:
        """Find the last match before a local moment, as if the clocks never changed."""
        number, clock = divmod(local, DAY)
        today = date.fromordinal(number + EPOCH)
        times = self.times()
        index = bisect_left(times, clock)
        if (
            index
            and today.day in self.days(today.year, today.month)
            and self.month >> today.month & 1
        ):
            return number * DAY + times[index - 1]
        day = self._day_before(number, today) if times else None
        return None if day is None else day * DAY + times[-1]

    def _day_after(self, number: int, today: date) -> int | None:
        months = range(_index(today), (today.year + SEARCH_YEARS + 1) * 12)
        for start, days in self._matching(months):
            index = bisect_right(days, number - start + 1)
            if index < len(days):
                return start + days[index] - 1
        return None

    def _day_before(self, number: int, today: date) -> int | None:
        months = range(_index(today), (today.year - SEARCH_YEARS) * 12 - 1, -1)
        for start, days in self._matching(months):
            index = bisect_left(days, number - start + 1)
            if index:
                return start + days[index - 1] - 1
        return None

    def _matching(self, months: range) -> Iterator[tuple[int, tuple[int, ...]]]:
        for index in months:
            if self.month >> (index % 12 + 1) & 1:
                start, weekday, length = month_shape(index // 12, index % 12 + 1)
                yield start, _days(self.day, self.weekday, self.both, weekday, length)


def _index(day: date) -> int:
    return day.year * 12 + day.month - 1


@lru_cache(maxsize=8192)
def month_shape(year: int, month: int) -> tuple[int, int, int]:
    """Return the number of a month's first day, that day's weekday (0 is Sunday), and the length."""
    first = date(year, month, 1).toordinal()
    following = date(year + month // 12, month % 12 + 1, 1).toordinal()
    return first - EPOCH, first % 7, following - first


@lru_cache(maxsize=4096)
def _times(minute: int, hour: int) -> tuple[int, ...]:
    return tuple(
        h * 3600 + m * 60 for h in range(24) if hour >> h & 1 for m in range(60) if minute >> m & 1
    )


@lru_cache(maxsize=8192)
def _days(day: int, week: int, both: bool, weekday: int, length: int) -> tuple[int, ...]:
    found = []
    for number in range(1, length + 1):
        by_day, by_week = day >> number & 1, week >> (weekday + number - 1) % 7 & 1
        if by_day & by_week if both else by_day | by_week:
            found.append(number)
    return tuple(found)
