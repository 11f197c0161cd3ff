from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from bpc.cron.fields import DAY, EPOCH, Fields, month_shape

fields = st.builds(
    Fields,
    minute=st.integers(0, 2**60 - 1),
    hour=st.integers(0, 2**24 - 1),
    day=st.integers(0, 2**31 - 1).map(lambda mask: mask << 1),
    month=st.integers(0, 2**12 - 1).map(lambda mask: mask << 1),
    weekday=st.integers(0, 2**7 - 1),
    both=st.booleans(),
)
moments = st.integers(0, 4 * 10**9)
NIGHTLY = Fields(1, 1 << 2, 0xFFFFFFFE, 0x1FFE, 0x7F, both=True)
LEAP = Fields(1, 1, 1 << 29, 1 << 2, 0x7F, both=True)


def _local(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


def test_times_are_seconds_after_midnight_and_rise() -> None:
    assert Fields(1 | 1 << 30, 1 << 2 | 1 << 5, 0, 0, 0, both=True).times() == (
        7200,
        9000,
        18000,
        19800,
    )


def test_a_day_matches_by_both_or_by_either() -> None:
    masks = (1, 1, 1 << 5, 0x1FFE, 1 << 1)
    assert Fields(*masks, both=True).days(2026, 1) == (5,)
    assert Fields(*masks, both=True).days(2026, 2) == ()
    assert Fields(*masks, both=False).days(2026, 2) == (2, 5, 9, 16, 23)


@given(st.integers(1970, 2300), st.integers(1, 12))
def test_a_months_shape_is_the_calendars(year: int, month: int) -> None:
    first, weekday, length = month_shape(year, month)
    assert date.fromordinal(first + EPOCH) == date(year, month, 1)
    assert (weekday, length) == (date(year, month, 1).isoweekday() % 7, monthrange(year, month)[1])


@given(fields, st.integers(0, 40000), st.integers(0, 800))
def test_day_numbers_are_the_days_that_match_one_by_one(f: Fields, first: int, count: int) -> None:
    expected = []
    for number in range(first, first + count + 1):
        day = date.fromordinal(number + EPOCH)
        if f.month >> day.month & 1 and day.day in f.days(day.year, day.month):
            expected.append(number)
    assert f.day_numbers(first, first + count) == expected


@given(fields, moments)
def test_before_undoes_from(f: Fields, local: int) -> None:
    back, found = f.first_from(local)
    assert back <= local
    if found is not None:
        assert found >= local
        assert f.matches(found)
        assert f.last_before(found + 1) == found
        last = f.last_before(found)
        assert last is None or last < local


def test_the_search_ends_with_the_fifth_year_in_both_directions() -> None:
    assert LEAP.first_from(_local(2099, 1, 1))[1] == _local(2104, 2, 29)
    assert LEAP.first_from(_local(2098, 12, 31))[1] is None
    assert LEAP.last_before(_local(2101, 1, 1)) == _local(2096, 2, 29)
    assert LEAP.last_before(_local(2102, 1, 1)) is None


def test_the_library_goes_back_to_the_start_of_what_does_not_match() -> None:
    assert LEAP.first_from(_local(2028, 1, 15, 3))[0] == _local(2028, 1, 1)
    assert LEAP.first_from(_local(2028, 2, 15, 3))[0] == _local(2028, 2, 15)
    assert NIGHTLY.first_from(_local(2028, 2, 15, 3))[0] == _local(2028, 2, 15, 2)


def test_no_time_of_day_means_no_match() -> None:
    never = Fields(0, 1, 0xFFFFFFFE, 0x1FFE, 0x7F, both=True)
    assert never.first_from(10 * DAY)[1] is None
    assert never.last_before(10 * DAY) is None
    assert not never.matches(10 * DAY)
