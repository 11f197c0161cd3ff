from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bpc.cron import Schedule, parse, parse_v1
from bpc.cron.fields import DAY, Fields
from bpc.cron.search import _Walk, following, preceding
from bpc.cron.zones import load_zone

ZONES = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/Santiago",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "UTC",
)
START, END = 1767225600, 1924991999
specs = st.builds(
    "{} {} {} {} {}".format,
    st.sampled_from(("0", "3", "59", "*/20", "3-5", "0,30")),
    st.sampled_from(("0", "1", "2", "12", "23", "0-3", "*/6", "*")),
    st.sampled_from(("*", "*", "5", "1-7", "*/3", "1,15", "28-31")),
    st.sampled_from(("*", "*", "3,4", "9-11")),
    st.sampled_from(("*", "0", "5", "1-5", "*/2")),
)


def _fields(schedule: Schedule) -> Fields:
    assert schedule.fields is not None
    return schedule.fields


def _near_a_change(zone: str, moment: int, shift: int) -> int:
    changes = load_zone(zone).changes(moment, moment + 400 * DAY)
    return changes[0].at + shift if changes else moment


@given(specs, st.sampled_from(ZONES), st.integers(START, END), st.integers(-3 * DAY, DAY))
def test_looking_at_the_calendar_gives_what_the_steps_give(
    spec: str, zone: str, moment: int, shift: int
) -> None:
    after = _near_a_change(zone, moment, shift)
    place = load_zone(zone)
    for parser in (parse, parse_v1):
        fields = _fields(parser(spec))
        assert following(fields, after, place) == _Walk(fields, place, after + 1).run()


# The answers of the Go libraries, robfig/cron v3.0.1 and v1.1.0, to the same questions.
@pytest.mark.parametrize(
    ("spec", "zone", "after", "new", "old"),
    [
        # Friday begins at 01:00: the libraries go wrong in different ways.
        ("0 12 * * 5", "Africa/Cairo", 1776852000, 1777626000, 1777021200),
        ("0 1 * * 4", "Africa/Cairo", 1776898800, 1776981600, 1776981600),
        ("0 12 * * 0", "America/Santiago", 1788105600, 1788706800, 1789311600),
        # Half an hour off since April, the search misses the fifth of May.
        ("3 0 5 * *", "Australia/Lord_Howe", 1775307780, 1780579980, 1780579980),
        # A step on a star is a star only to the old one.
        ("0 2 */2 * 1", "UTC", 1767225607, 1767232800, 1767578400),
        # 2100 has no leap day, and 2104 is too far.
        ("0 0 29 2 *", "UTC", 3981312000, None, None),
    ],
)
def test_where_the_libraries_differ_from_the_calendar_or_each_other(
    spec: str, zone: str, after: int, new: int | None, old: int | None
) -> None:
    assert parse(spec).next(after, zone) == new
    assert parse_v1(spec).next(after, zone) == old


@pytest.mark.parametrize(
    ("local", "zone", "runs"),
    [
        ("2026-03-28T12:00", "Europe/Berlin", ["2026-03-30T00:00", "2026-03-31T00:00"]),
        (
            "2026-10-24T12:00",
            "Europe/Berlin",
            ["2026-10-25T00:00", "2026-10-25T01:00", "2026-10-26T01:00"],
        ),
    ],
)
def test_a_missing_local_time_is_skipped_and_a_repeated_one_runs_twice(
    local: str, zone: str, runs: list[str]
) -> None:
    schedule = parse("0 2 * * *")
    moment = int(datetime.fromisoformat(f"{local}Z").timestamp())
    found = []
    for _ in runs:
        following_run = schedule.next(moment, zone)
        assert following_run is not None
        moment = following_run
        found.append(datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M"))
    assert found == runs


@pytest.mark.parametrize("spec", ["0 0 30 2 *", ", * * * *", "* , * * *", "0 0 31 4,6,9,11 *"])
@pytest.mark.parametrize("zone", ["UTC", "Africa/Cairo"])
def test_what_never_runs_has_neither_next_nor_previous(spec: str, zone: str) -> None:
    assert parse(spec).next(START, zone) is None
    assert parse(spec).previous(START, zone) is None


@settings(max_examples=60)
@given(specs, st.sampled_from(ZONES), st.integers(START, END), st.integers(-3 * DAY, 40 * DAY))
def test_previous_is_the_last_of_the_runs_that_follow_each_other(
    spec: str, zone: str, moment: int, shift: int
) -> None:
    before = _near_a_change(zone, moment, shift)
    fields, place = _fields(parse(spec)), load_zone(zone)
    last, run = None, following(fields, before - 70 * DAY, place)
    while run is not None and run < before:
        last, run = run, following(fields, run, place)
    assume(last is not None and last > before - 35 * DAY)
    assert preceding(fields, before, place) == last


def test_previous_does_not_take_a_day_that_the_library_steps_over() -> None:
    # Coming from Friday the 17th, the library misses all of Friday the 24th.
    saturday = int(datetime(2026, 4, 25, tzinfo=UTC).timestamp())
    friday = int(datetime(2026, 4, 17, 10, tzinfo=UTC).timestamp())
    assert parse("0 12 * * 5").previous(saturday, "Africa/Cairo") == friday
    # And with the only run of a year inside the hole, it is the year before.
    monday = int(datetime(2026, 3, 30, tzinfo=UTC).timestamp())
    year_before = int(datetime(2025, 3, 29, 1, 30, tzinfo=UTC).timestamp())
    assert parse("30 2 29 3 *").previous(monday, "Europe/Berlin") == year_before


def test_previous_starts_early_enough_to_have_come_back_to_the_runs() -> None:
    # What follows each other for the Go libraries, from a month before.
    assert parse("22/5 1 * * 0,5").previous(1792990251, "Antarctica/Troll") == 1792893420
    weekdays = parse_v1("59 2 28-31 * 1-5")
    assert weekdays.previous(1851709663, "America/Santiago") == 1851404340


def test_previous_looks_back_to_the_start_of_the_fifth_year_before() -> None:
    leap_day = int(datetime(2096, 2, 29, tzinfo=UTC).timestamp())
    for year, expected in ((2101, leap_day), (2102, None)):
        before = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
        assert parse("0 0 29 2 *").previous(before, "UTC") == expected
