"""The largest and the smallest spans between runs, exactly.

Between two clock changes every matching day looks the same, so that a few numbers per day are enough;
around a change, runs are followed one by one as the library finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bpc.cron.fields import DAY, Fields
from bpc.cron.horizon import HORIZON_YEARS, horizon_end
from bpc.cron.schedule import Schedule
from bpc.cron.search import following
from bpc.cron.zones import Zone, load_zone


class Gap(NamedTuple):
    """A span between two runs: its length in seconds, and both runs in UTC epoch seconds."""

    seconds: int
    begin: int
    end: int


def largest_gap(
    schedule: Schedule, zone: str, start: int, years: int = HORIZON_YEARS, misses: int = 0
) -> Gap:
    """Return the largest span of `misses` + 1 intervals between runs, the first one of that length.

    Counted are the runs from `start` (UTC epoch seconds) until `years` later, both included, or as
    many more as one such span needs. ValueError when the library finds too few.
    """
    return _extreme(schedule, zone, (start, years), misses + 1, largest=True)


def smallest_gap(schedule: Schedule, zone: str, start: int, years: int = HORIZON_YEARS) -> Gap:
    """Return the smallest interval between two runs, the first one of that length."""
    return _extreme(schedule, zone, (start, years), 1, largest=False)


def least_span(schedule: Schedule, zone: str, start: int, years: int, points: int) -> Gap:
    """Return the smallest span from a run to the one `points` - 1 later, the first of that length.

    The `points` newest backups reach back at least so far; a night with two runs costs a day.
    """
    return _extreme(schedule, zone, (start, years), points - 1, largest=False)


@dataclass(frozen=True, slots=True)
class _Block:
    """Whole days of runs, all at the same times of day and the same offset from UTC."""

    days: list[int]
    times: tuple[int, ...]
    offset: int

    def __len__(self) -> int:
        return len(self.days) * len(self.times)

    def runs(self, days: list[int]) -> list[int]:
        return [day * DAY + time - self.offset for day in days for time in self.times]

    def first(self, count: int) -> list[int]:
        return self.runs(self.days[: count // len(self.times) + 1])[:count]

    def last(self, count: int) -> list[int]:
        runs = self.runs(self.days[-(count // len(self.times)) - 1 :])
        return runs[max(len(runs) - count, 0) :]


@dataclass(frozen=True, slots=True)
class _Line:
    """All runs of a horizon in order: `loose[0]`, `blocks[0]`, `loose[1]`, and so on to the last loose."""

    loose: list[list[int]]
    blocks: list[_Block]

    def without_small_blocks(self, least: int) -> _Line:
        line = _Line([self.loose[0]], [])
        for block, runs in zip(self.blocks, self.loose[1:], strict=True):
            if len(block) < least:
                line.loose[-1] += [*block.runs(block.days), *runs]
            else:
                line.blocks.append(block)
                line.loose.append(runs)
        return line


def _extreme(
    schedule: Schedule, zone: str, horizon: tuple[int, int], intervals: int, *, largest: bool
) -> Gap:
    if intervals < 0:
        raise ValueError("a span holds at least one run")
    start, years = horizon
    if schedule.fields is None:
        return Gap(schedule.delay * intervals, start, start + schedule.delay * intervals)
    place = load_zone(schedule.zone or zone)
    line = _line(schedule.fields, place, start, horizon_end(start, years))
    # Spans that leave a block begin or end among its first or last runs: it must hold both.
    line = line.without_small_blocks(2 * intervals)
    if not line.blocks:
        _lengthen(line.loose[0], schedule, zone, start, intervals + 1)
    gaps = _gaps(line, intervals, max if largest else min)
    return min(gaps, key=lambda gap: (-gap.seconds if largest else gap.seconds, gap.begin))


def _lengthen(runs: list[int], schedule: Schedule, zone: str, start: int, count: int) -> None:
    while len(runs) < count:
        run = schedule.next(runs[-1] if runs else start - 1, zone)
        if run is None:
            raise ValueError(f"`{schedule.text}` has fewer than {count} runs")
        runs.append(run)


def _line(fields: Fields, zone: Zone, start: int, end: int) -> _Line:
    unsteady = [change.unsteady for change in zone.changes(start - DAY, end + DAY)]
    line = _Line([[]], [])
    run = following(fields, start - 1, zone)
    while run is not None and run <= end:
        while unsteady and unsteady[0][1] < run:
            unsteady.pop(0)
        stop = min(unsteady[0][0], end + 1) if unsteady else end + 1
        if run < stop and fields.matches(run + zone.offset(run)):
            run = _steady(fields, line, run, stop, zone.offset(run))
        else:
            line.loose[-1].append(run)
        run = following(fields, run, zone)
    return line


def _steady(fields: Fields, line: _Line, run: int, stop: int, offset: int) -> int:
    """Add the runs from `run` until before `stop`, between which the clocks keep; return the last."""
    first, last = (run + offset) // DAY, (stop - 1 + offset) // DAY
    days = fields.day_numbers(first, last)
    block = _Block([day for day in days if first < day < last], fields.times(), offset)
    line.loose[-1] += [moment for moment in block.runs([first]) if run <= moment < stop]
    line.blocks.append(block)
    ends = [last] if last > first and days[-1] == last else []
    line.loose.append([moment for moment in block.runs(ends) if moment < stop])
    return (line.loose[-1] or block.last(1) or line.loose[-2])[-1]


def _gaps(line: _Line, intervals: int, pick: Callable[[list[int]], int]) -> Iterator[Gap]:
    for block in line.blocks:
        yield from _gaps_within(block, intervals, pick)
    for index, runs in enumerate(line.loose):
        before = line.blocks[index - 1].last(intervals) if index else []
        after = line.blocks[index].first(intervals) if index < len(line.blocks) else []
        around = [*before, *runs, *after]
        spans = [end - begin for begin, end in zip(around, around[intervals:], strict=False)]
        if spans:
            seconds = pick(spans)
            begin = around[spans.index(seconds)]
            yield Gap(seconds, begin, begin + seconds)


def _gaps_within(block: _Block, intervals: int, pick: Callable[[list[int]], int]) -> Iterator[Gap]:
    # The run so many intervals on is at a later time some days on, or at an earlier one a day after.
    days, times = block.days, block.times
    shift, step = divmod(intervals, len(times))
    later = range(len(times) - step)
    earlier = range(len(times) - step, len(times))
    for apart, indexes, move in ((shift, later, step), (shift + 1, earlier, step - len(times))):
        by_day = [end - begin for begin, end in zip(days, days[apart:], strict=False)]
        by_time = [times[index + move] - times[index] for index in indexes]
        if by_day and by_time:
            day, time = pick(by_day), pick(by_time)
            first = days[by_day.index(day)] * DAY + times[indexes[by_time.index(time)]]
            begin = first - block.offset
            yield Gap(day * DAY + time, begin, begin + day * DAY + time)
