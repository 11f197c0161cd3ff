from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bpc.cron import HORIZON_START, parse, parse_v1, to_utc

YEARS = 5 * 365 * 86400
FIXED = (
    "America/Bogota",
    "America/Caracas",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Etc/GMT+12",
    "Pacific/Kiritimati",
    "Pacific/Marquesas",
    "UTC",
)
specs = st.builds(
    "{} {} {} {} {}".format,
    st.sampled_from(("0", "3", "59", "*/15", "3-5", "0,30", "*", "*/7")),
    st.sampled_from(("0", "1", "2", "12", "23", "0-3", "*/6", "*", "9-17", "20/2")),
    st.sampled_from(("*", "*", "*", "5", "*/3", "1-31")),
    st.sampled_from(("*", "*", "*", "3,4", "1-12")),
    st.sampled_from(("*", "0", "5", "1-5", "*/2", "sun,Fri", "0-6", ",")),
)


@pytest.mark.parametrize(
    ("spec", "zone", "utc"),
    [
        ("0 2 * * *", "Asia/Shanghai", "0 18 * * *"),
        ("0 12 1 * *", "Asia/Shanghai", "0 4 1 * *"),
        ("0 2 * * 1-5", "Asia/Shanghai", "0 18 * * 0-4"),
        ("0 2 * * 0", "Asia/Shanghai", "0 18 * * 6"),
        ("0 22 * * 5,6", "America/Bogota", "0 3 * * 0,6"),
        ("0 9 * * mon-FRI", "Asia/Shanghai", "0 1 * * mon-FRI"),
        ("0 2 * * *", "Asia/Kolkata", "30 20 * * *"),
        ("*/15 * * * *", "Asia/Kathmandu", "*/15 * * * *"),
        ("*/20 * * * *", "Asia/Kolkata", "10,30,50 * * * *"),
        ("0 */6 * * *", "Asia/Kathmandu", "15 */6 * * *"),
        ("0 1-23/2 * * *", "Asia/Tokyo", "0 */2 * * *"),
        ("@weekly", "Asia/Tokyo", "0 15 * * 6"),
        ("@every 1h", "Europe/Berlin", "@every 1h"),
        ("CRON_TZ=Asia/Tokyo 0 9 1 * *", "Europe/Berlin", "0 0 1 * *"),
        ("0 2 1 * 1", "UTC", "0 2 1 * 1"),
        (", 2 1 * *", "Asia/Tokyo", ", 2 1 * *"),
        ("0 2 * * ,", "Asia/Tokyo", "0 17 * * ,"),
    ],
)
def test_a_zone_that_keeps_its_clocks_is_said_in_utc(spec: str, zone: str, utc: str) -> None:
    assert to_utc(spec, zone) == utc


@pytest.mark.parametrize(
    ("spec", "zone"),
    [
        ("0 2 1 * *", "Asia/Shanghai"),  # the last day of a month has no number
        ("0 2 * 1 *", "Asia/Shanghai"),
        ("0 2 1 * 1", "Asia/Shanghai"),
        ("0 2,12 * * 1", "Asia/Shanghai"),  # one run on Sunday, one on Monday
        ("*/20 */2 * * *", "Asia/Kolkata"),  # the minutes depend on the hour
        ("0 2 * * *", "Europe/Berlin"),
    ],
)
def test_what_five_fields_cannot_say_is_not_said(spec: str, zone: str) -> None:
    assert to_utc(spec, zone) is None


def test_only_changes_within_the_horizon_count() -> None:
    spring = 1774746000
    assert to_utc("0 5 * * *", "Europe/Berlin", spring, 0) == "0 3 * * *"
    assert to_utc("0 5 * * *", "Europe/Berlin", spring, 1) is None


def test_an_offset_of_odd_seconds_cannot_be_said() -> None:
    assert to_utc("0 5 * * *", "Africa/Monrovia", 0, 1) is None


def test_what_parse_refuses_is_refused() -> None:
    with pytest.raises(ValueError, match="has 1 fields"):
        to_utc("daily", "UTC")
    with pytest.raises(ValueError, match="is not a time zone"):
        to_utc("@daily", "Mars/Olympus")


@given(specs, st.sampled_from(FIXED), st.integers(HORIZON_START, HORIZON_START + YEARS))
def test_both_texts_run_at_the_same_moments(spec: str, zone: str, moment: int) -> None:
    utc = to_utc(spec, zone)
    assume(utc is not None)
    assert utc is not None
    for _ in range(4):
        following = parse(spec).next(moment, zone)
        assert parse(utc).next(moment, "UTC") == following
        assert parse_v1(utc).next(moment, "UTC") == parse_v1(spec).next(moment, zone)
        moment += 40_000
