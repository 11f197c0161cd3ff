from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpc.cron import (
    HORIZON_START,
    Gap,
    largest_gap,
    least_span,
    parse,
    parse_v1,
    smallest_gap,
    spans,
)
from bpc.cron.fields import Fields
from bpc.cron.horizon import horizon_end
from bpc.cron.schedule import Schedule
from bpc.cron.search import following
from bpc.cron.zones import Zone

MINUTE, HOUR, DAY = 60, 3600, 86400
ZONES = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/Santiago",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "UTC",
)
specs = st.builds(
    "{} {} {} {} {}".format,
    st.sampled_from(("0", "3", "59", "*/20", "3-5", "0,30")),
    st.sampled_from(("0", "1", "2", "12", "23", "0-3", "*/6", "*")),
    st.sampled_from(("*", "*", "5", "1-7", "*/3", "1,15", "28-31")),
    st.sampled_from(("*", "*", "3,4", "9-11")),
    st.sampled_from(("*", "0", "5", "1-5", "*/2")),
)


@pytest.mark.parametrize(
    ("spec", "zone", "seconds"),
    [
        ("0 2 * * *", "UTC", 24 * HOUR),
        ("0 2 * * *", "Europe/Berlin", 47 * HOUR),
        ("0 2 * * *", "America/New_York", 47 * HOUR),
        ("0 2 * * *", "Australia/Sydney", 47 * HOUR),
        ("0 2 * * *", "Australia/Lord_Howe", 48 * HOUR + 30 * MINUTE),
        ("0 2 * * *", "Europe/London", 25 * HOUR),
        ("0 0 * * *", "Africa/Cairo", 47 * HOUR),
        ("0 0 * * *", "Asia/Beirut", 47 * HOUR),
        ("0 0 * * *", "America/Santiago", 47 * HOUR),
        ("0 0 * * *", "America/Havana", 47 * HOUR),
        ("0 */6 * * *", "Europe/Berlin", 7 * HOUR),
        ("0 */6 * * *", "Europe/Zurich", 7 * HOUR),
        ("0 */6 * * *", "Africa/Cairo", 11 * HOUR),
        ("0 */6 * * *", "Australia/Lord_Howe", 12 * HOUR + 30 * MINUTE),
        ("0 2 * * 0", "Europe/Berlin", 335 * HOUR),
        ("0 0 * * 5", "Africa/Cairo", 335 * HOUR),
        ("0 2 31 * *", "UTC", 61 * DAY),
        ("0 2 30 * *", "UTC", 60 * DAY),
        ("0 2 29 * *", "UTC", 59 * DAY),
        ("0 2 1,15 * *", "UTC", 17 * DAY),
        ("0 2 * * 1-5", "UTC", 72 * HOUR),
        ("0 2 1 * *", "Europe/Berlin", 745 * HOUR),
        ("0 2 1 1,4,7,10 *", "UTC", 92 * DAY),
        ("0 */5 * * *", "UTC", 5 * HOUR),
        ("*/45 * * * *", "UTC", 45 * MINUTE),
        ("0 2 */2 * *", "UTC", 48 * HOUR),
        ("30 1-23/2 * * 1-5", "UTC", 50 * HOUR),
        ("3 0 5 * *", "Australia/Lord_Howe", 61 * DAY + 30 * MINUTE),
        ("*/5 * * * *", "Europe/Berlin", 5 * MINUTE),
    ],
)
def test_largest_gaps_within_five_years(spec: str, zone: str, seconds: int) -> None:
    assert largest_gap(parse(spec), zone, HORIZON_START).seconds == seconds


def test_a_leap_day_leaves_four_years() -> None:
    gap = largest_gap(parse("0 0 29 2 *"), "UTC", HORIZON_START, years=60)
    assert gap.seconds == 1461 * DAY


def test_a_missed_run_adds_a_period_and_the_hole_stays_in() -> None:
    gap = largest_gap(parse("0 2 * * *"), "Europe/Berlin", HORIZON_START, misses=1)
    assert gap.seconds == 71 * HOUR


def test_the_first_of_the_largest_gaps_is_dated() -> None:
    gap = largest_gap(parse("0 2 * * *"), "Europe/Berlin", HORIZON_START)
    begin, end = (datetime.fromtimestamp(moment, UTC) for moment in (gap.begin, gap.end))
    assert begin == datetime(2026, 3, 28, 1, tzinfo=UTC)
    assert end == datetime(2026, 3, 30, 0, tzinfo=UTC)


def test_two_runs_in_an_autumn_night_shorten_how_far_copies_reach_back() -> None:
    nightly = parse("0 2 * * *")
    seven = least_span(nightly, "Europe/Berlin", HORIZON_START, 5, 7).seconds
    fourteen = least_span(nightly, "Europe/Berlin", HORIZON_START, 5, 14).seconds
    assert (seven, fourteen) == (5 * DAY + HOUR, 12 * DAY + HOUR)
    assert smallest_gap(nightly, "Europe/Berlin", HORIZON_START).seconds == HOUR
    assert least_span(nightly, "Europe/Berlin", HORIZON_START, 5, 1).seconds == 0


def test_every_has_its_delay_everywhere() -> None:
    every = parse("@every 90m")
    assert largest_gap(every, "Europe/Berlin", 10, misses=2) == Gap(16200, 10, 16210)
    assert smallest_gap(every, "Europe/Berlin", 10) == Gap(5400, 10, 5410)


def test_a_zone_in_the_text_overrides_the_one_asked_for() -> None:
    schedule = parse("CRON_TZ=Europe/Berlin 0 2 * * *")
    assert largest_gap(schedule, "UTC", HORIZON_START).seconds == 47 * HOUR


def test_a_horizon_with_too_few_runs_is_lengthened() -> None:
    gap = largest_gap(parse("0 0 29 2 *"), "Europe/Berlin", HORIZON_START, years=1)
    assert gap.seconds == 1461 * DAY
    assert datetime.fromtimestamp(gap.begin, UTC).year == 2028


@pytest.mark.parametrize("spec", ["0 0 30 2 *", ", * * * *"])
def test_without_runs_there_is_no_gap(spec: str) -> None:
    with pytest.raises(ValueError, match=f"^`{spec}` has fewer than 2 runs$".replace("*", "[*]")):
        largest_gap(parse(spec), "UTC", HORIZON_START)


def test_a_span_of_no_runs_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one run"):
        least_span(parse("@daily"), "UTC", HORIZON_START, 5, 0)


def test_only_the_hours_around_a_change_are_followed_run_by_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def counted(fields: Fields, after: int, zone: Zone) -> int | None:
        asked.append(after)
        return following(fields, after, zone)

    monkeypatch.setattr(spans, "following", counted)
    largest_gap(parse("*/5 * * * *"), "Europe/Berlin", HORIZON_START)
    changes = 10
    assert len(asked) < changes * 5 * HOUR / (5 * MINUTE)


def _one_by_one(
    schedule: Schedule, zone: str, start: int, end: int, intervals: int
) -> tuple[Gap | None, Gap | None]:
    runs: list[int] = []
    run = schedule.next(start - 1, zone)
    while run is not None and (run <= end or len(runs) <= intervals):
        runs.append(run)
        run = schedule.next(run, zone)
    gaps = [Gap(b - a, a, b) for a, b in zip(runs, runs[intervals:], strict=False)]
    longest = max(gaps, key=lambda gap: (gap.seconds, -gap.begin), default=None)
    return longest, min(gaps, default=None)


def _or_none(ask: Callable[[], Gap]) -> Gap | None:
    try:
        return ask()
    except ValueError:
        return None


@settings(max_examples=250)
@given(
    specs,
    st.sampled_from(ZONES),
    st.integers(HORIZON_START, HORIZON_START + 1500 * DAY),
    st.sampled_from((1, 1, 2, 3, 7, 30)),
    st.sampled_from((parse, parse, parse_v1)),
)
def test_spans_are_those_of_the_runs_one_by_one(
    spec: str, zone: str, start: int, intervals: int, parser: Callable[[str], Schedule]
) -> None:
    schedule = parser(spec)
    longest, shortest = _one_by_one(schedule, zone, start, horizon_end(start, 1), intervals)
    asked = _or_none(lambda: largest_gap(schedule, zone, start, 1, intervals - 1))
    assert asked == longest
    asked = _or_none(lambda: least_span(schedule, zone, start, 1, intervals + 1))
    assert asked == shortest
