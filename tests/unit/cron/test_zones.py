from __future__ import annotations

import os
import time
import zoneinfo
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpc.cron.zones import Change, load_zone, tzdata_version, zone_names

BERLIN_SPRING = 1774746000  # 2026-03-29T01:00:00Z
BERLIN_AUTUMN = 1792890000  # 2026-10-25T01:00:00Z
ODD = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Santiago",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
    "UTC",
)


def test_the_database_names_its_release() -> None:
    version = tzdata_version()
    assert version[:4].isdigit()
    assert version[4:].isalpha()


def test_all_zones_of_the_database_load() -> None:
    assert {"UTC", "Europe/Berlin", "Asia/Shanghai"} <= zone_names()
    assert all(abs(load_zone(name).offset(0)) <= 86400 for name in zone_names())


@pytest.mark.parametrize(
    "name", ["", "Local", "europe/berlin", "Mars/Olympus", "../zones", "/etc/passwd", "zone.tab"]
)
def test_an_unknown_zone_is_refused_with_its_name_and_the_release(name: str) -> None:
    with pytest.raises(ValueError, match=f"^`{name}` is not a time zone .* {tzdata_version()}$"):
        load_zone(name)


def test_the_machines_own_zones_and_clock_are_neither_used_nor_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = zoneinfo.TZPATH
    monkeypatch.setenv("TZ", "America/New_York")
    monkeypatch.setenv("PYTHONTZPATH", os.devnull)
    time.tzset()
    load_zone.cache_clear()
    try:
        assert load_zone("Europe/Berlin").offset(BERLIN_SPRING) == 7200
    finally:
        monkeypatch.undo()
        time.tzset()
    assert before == zoneinfo.TZPATH


def test_changes_are_found_to_the_second() -> None:
    zone = load_zone("Europe/Berlin")
    assert zone.changes(BERLIN_SPRING - 10**6, BERLIN_AUTUMN + 10**6) == [
        Change(BERLIN_SPRING, 3600, 7200),
        Change(BERLIN_AUTUMN, 7200, 3600),
    ]
    assert zone.offset(BERLIN_SPRING - 1) == 3600
    assert zone.offset(BERLIN_SPRING) == 7200


def test_both_ends_of_a_stretch_count() -> None:
    zone = load_zone("Europe/Berlin")
    assert len(zone.changes(BERLIN_SPRING, BERLIN_AUTUMN)) == 2
    assert zone.changes(BERLIN_SPRING + 1, BERLIN_AUTUMN - 1) == []


def test_a_change_unsettles_as_far_as_the_zone_is_from_utc() -> None:
    zone = load_zone("Europe/Berlin")
    assert zone.steady(BERLIN_SPRING - 10**6, BERLIN_SPRING - 7201)
    assert not zone.steady(BERLIN_SPRING - 10**6, BERLIN_SPRING - 7200)
    assert not zone.steady(BERLIN_SPRING + 7200, BERLIN_SPRING + 10**6)
    assert zone.steady(BERLIN_SPRING + 7201, BERLIN_SPRING + 10**6)
    assert load_zone("Asia/Shanghai").steady(BERLIN_SPRING, BERLIN_SPRING + 10**9)


@given(st.sampled_from(ODD), st.integers(-(10**8), 6 * 10**9))
def test_offsets_are_those_of_the_database(name: str, instant: int) -> None:
    zone = load_zone(name)
    utc = datetime.fromtimestamp(instant, UTC)
    expected = utc.astimezone(zone._info).utcoffset()
    assert expected is not None
    assert zone.offset(instant) == expected.total_seconds()


@pytest.mark.parametrize("name", ODD)
def test_no_zone_keeps_an_offset_for_less_than_the_distance_of_the_samples(name: str) -> None:
    zone = load_zone(name)
    hours = range(1767225600, 1767225600 + 3 * 366 * 86400, 6 * 3600)
    seen = [zone._ask(hour) for hour in hours]
    steps = [hour for hour, (old, new) in zip(hours, pairwise(seen), strict=False) if old != new]
    assert len(zone.changes(hours[0], hours[-1])) == len(steps)
    assert all(later - earlier > 3 * 86400 for earlier, later in pairwise(steps))
