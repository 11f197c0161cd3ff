"""Cron strings and durations, which every schema takes for plain strings."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from bpc.cron import Schedule, parse, parse_v1
from bpc.cron.duration import nanoseconds

_MINUTE = 60


def is_cron(schedule: str) -> bool:
    """Tell whether a CronJob takes `schedule`; its zone belongs into `timeZone`, not into the string."""
    return "TZ" not in schedule and _parses(parse, schedule)


def is_zoned_cron(schedule: str) -> bool:
    """Tell whether Velero 1.15 and newer take `schedule`, which may begin with `CRON_TZ=`.

    The zone `Local` is refused: it is that of the image which happens to run.
    """
    return not schedule.startswith(("TZ=Local ", "CRON_TZ=Local ")) and _parses(parse, schedule)


def is_cron_v1(schedule: str) -> bool:
    """Tell whether Velero up to 1.14 takes `schedule`; a zone makes it invalid there."""
    return _parses(parse_v1, schedule)


def is_cron_with_seconds(schedule: str) -> bool:
    """Tell whether CloudNativePG takes `schedule` for what it says: six fields, seconds first.

    It takes five as well, and then runs it hourly or so; a name such as `@daily` has no such trap.
    """
    if schedule.startswith("@"):
        return is_cron_v1(schedule)
    seconds, _, rest = schedule.partition(" ")
    return seconds.isdecimal() and int(seconds) < _MINUTE and is_cron_v1(rest)


@lru_cache(maxsize=4096)
def never_runs(schedule: str, read: Callable[[str], Schedule] = parse) -> bool:
    """Tell whether a cron string that `read` takes names a day that no year has, as 31 February."""
    return read(schedule).next(0, "UTC") is None


def is_duration(text: str) -> bool:
    """Tell whether Go reads `text` as a duration that is not negative."""
    return _lasts(text) >= 0


def is_positive_duration(text: str) -> bool:
    """Tell whether Go reads `text` as a duration above zero."""
    return _lasts(text) > 0


def _parses(read: Callable[[str], Schedule], schedule: str) -> bool:
    try:
        read(schedule)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def _lasts(text: str) -> int:
    try:
        return nanoseconds(text)
    except ValueError:
        return -1
