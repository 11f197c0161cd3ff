"""Time zones from the pinned tz database: never from the machine that runs the compiler."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

# Since 1970 every zone has kept every offset for a week or so: no change hides between two samples.
_SAMPLE = 3 * 86400
_CHUNK_BITS = 25
# More than any zone was ever from UTC.
_FARTHEST = 86400


class Change(NamedTuple):
    """A moment (UTC epoch seconds) at which a zone's lead over UTC becomes `after`, in seconds."""

    at: int
    before: int
    after: int

    @property
    def unsteady(self) -> tuple[int, int]:
        """First and last moment at which the cron library may meet this change in a conversion.

        To convert a local time it first takes it for UTC, and so looks as far from the true moment as
        the zone is from UTC.
        """
        reach = max(abs(self.before), abs(self.after))
        return self.at - reach, self.at + reach


class _Chunk(NamedTuple):
    changes: tuple[Change, ...]
    instants: tuple[int, ...]
    offsets: tuple[int, ...]
    unsteady: tuple[tuple[int, int], ...]


class Zone:
    """A time zone with its offset changes, which are looked for once per chunk of about a year."""

    __slots__ = ("_chunks", "_info")

    def __init__(self, info: ZoneInfo) -> None:
        self._info = info
        self._chunks: dict[int, _Chunk] = {}

    def offset(self, instant: int) -> int:
        """Return the seconds that local time is ahead of UTC."""
        chunk = self._chunk(instant >> _CHUNK_BITS)
        return chunk.offsets[bisect_right(chunk.instants, instant)]

    def steady(self, begin: int, end: int) -> bool:
        """Whether no conversion from `begin` to `end` can meet an offset change."""
        for number in range(begin >> _CHUNK_BITS, (end >> _CHUNK_BITS) + 1):
            for first, last in self._chunk(number).unsteady:
                if first <= end and begin <= last:
                    return False
        return True

    def changes(self, begin: int, end: int) -> list[Change]:
        """List the offset changes from `begin` to `end`, both included."""
        return [
            change
            for number in range(begin >> _CHUNK_BITS, (end >> _CHUNK_BITS) + 1)
            for change in self._chunk(number).changes
            if begin <= change.at <= end and change.at >> _CHUNK_BITS == number
        ]

    def _chunk(self, number: int) -> _Chunk:
        found = self._chunks.get(number)
        if found is None:
            found = self._chunks[number] = self._scan(number)
        return found

    def _scan(self, number: int) -> _Chunk:
        end = ((number + 1) << _CHUNK_BITS) + _FARTHEST
        low = (number << _CHUNK_BITS) - _FARTHEST
        before = self._ask(low)
        offsets = [before]
        changes: list[Change] = []
        while low < end:
            high = low + _SAMPLE
            after = self._ask(high)
            if after != before:
                changes.append(Change(self._locate(low, high, before), before, after))
                offsets.append(after)
            low, before = high, after
        return _Chunk(
            tuple(changes),
            tuple(change.at for change in changes),
            tuple(offsets),
            tuple(change.unsteady for change in changes),
        )

    def _locate(self, low: int, high: int, before: int) -> int:
        while high - low > 1:
            middle = (low + high) // 2
            if self._ask(middle) == before:
                low = middle
            else:
                high = middle
        return high

    def _ask(self, instant: int) -> int:
        utc = datetime.fromtimestamp(instant, UTC)
        local = utc.astimezone(self._info)
        return round((local.replace(tzinfo=UTC) - utc).total_seconds())


@lru_cache(maxsize=1024)
def load_zone(name: str) -> Zone:
    """Return a zone by its IANA name; ValueError when the pinned tz database has none of that name."""
    if name not in zone_names():
        raise ValueError(f"`{name}` is not a time zone of the tz database {tzdata_version()}")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as source:
        return Zone(ZoneInfo.from_file(source, key=name))


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Return the names of all zones in the pinned tz database."""
    return frozenset((files("tzdata") / "zones").read_text("ascii").split())


@lru_cache(maxsize=1)
def tzdata_version() -> str:
    """Return the release of the pinned tz database, such as `2026f`."""
    with (files("tzdata") / "zoneinfo" / "tzdata.zi").open(encoding="ascii") as source:
        return source.readline().removeprefix("# version").strip()
