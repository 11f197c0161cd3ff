from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpc.cron import HORIZON_START, largest_gap, parse
from bpc.plan.estate import Slot
from bpc.plan.schedule import PERIODS, Times, cheapest, every, gap, ladder, moved

SLOTS = st.builds(Slot, st.integers(0, 59), st.integers(0, 23))
HOUR, DAY = 3_600, 86_400


@given(period=st.sampled_from(PERIODS), slot=SLOTS)
@settings(max_examples=300, deadline=None)
def test_every_period_is_kept_to_the_second_in_utc(period: int, slot: Slot) -> None:
    assert gap(every(period, "UTC", slot), "UTC") == period


@given(slot=SLOTS)
@settings(max_examples=60, deadline=None)
def test_a_daily_run_never_falls_into_the_hole_of_a_clock_change(slot: Slot) -> None:
    for zone in ("Europe/Berlin", "Africa/Cairo", "America/Havana"):
        assert DAY < gap(every(DAY, zone, slot), zone) <= 25 * HOUR


@pytest.mark.parametrize(
    ("limit", "cron"),
    [
        (8 * DAY, "5 2 * * 1"),
        (DAY, "5 2 * * *"),
        (DAY - 1, "5 8,20 * * *"),
        (4 * HOUR, "5 0-23/4 * * *"),
        (HOUR, "5 * * * *"),
        (HOUR - 1, "5,35 * * * *"),
        (1_200, "5,25,45 * * * *"),
        (300, "*/5 * * * *"),
    ],
)
def test_the_rarest_schedule_that_fits_is_chosen(limit: int, cron: str) -> None:
    chosen = cheapest(PERIODS[0], "UTC", Slot(5, 8), max_gap=limit)
    assert chosen is not None
    assert gap(chosen.cron, "UTC") == max(p for p in PERIODS if p <= limit)
    assert chosen.cron.split()[0] == cron.split(maxsplit=1)[0]


def test_nothing_fits_less_than_five_minutes() -> None:
    assert cheapest(PERIODS[0], "UTC", Slot(0, 0), max_gap=299) is None


def test_a_day_of_twenty_five_hours_counts() -> None:
    chosen = cheapest(PERIODS[0], "Europe/Berlin", Slot(0, 0), max_gap=DAY)
    assert chosen is not None
    assert chosen.gap <= DAY


@given(slot=SLOTS, copy=st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_rungs_of_a_ladder_start_at_minutes_of_their_own(slot: Slot, copy: int) -> None:
    kept = {"hourly": (48, 48 * HOUR), "daily": (14, 14 * DAY), "weekly": (8, 56 * DAY)}
    kept |= {"monthly": (12, 372 * DAY), "yearly": (3, 1098 * DAY)}
    base = Times(every(HOUR, "UTC", slot), "UTC")
    rungs = list(ladder(kept, base, slot, copy))
    assert [rung.name for rung in rungs] == list(kept)
    assert [(rung.points, rung.keep) for rung in rungs] == list(kept.values())
    coarse = [rung.cron.split()[0] for rung in rungs[1:]]
    assert len(set(coarse)) == len(coarse)
    assert all(parse(rung.cron).fires() for rung in rungs)


@given(slot=SLOTS, minutes=st.integers(0, 3000))
def test_moving_goes_on_after_midnight(slot: Slot, minutes: int) -> None:
    later = moved(slot, minutes)
    assert (later.hour * 60 + later.minute) == (slot.hour * 60 + slot.minute + minutes) % 1440


@given(
    minute=st.integers(0, 59),
    hour=st.one_of(st.integers(0, 23).map(str), st.just("*")),
    weekday=st.one_of(st.integers(0, 6).map(str), st.just("*")),
    zone=st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin"]),
)
@settings(max_examples=80, deadline=None)
def test_answers_that_serve_many_datasets_are_those_of_each(
    minute: int, hour: str, weekday: str, zone: str
) -> None:
    cron = f"{minute} {hour} * * {weekday}"
    assert gap(cron, zone) == largest_gap(parse(cron), zone, HORIZON_START, 5).seconds
