from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpc.cron import HORIZON_START, parse
from bpc.plan.estate import Rung
from bpc.plan.points import most_points

DAY = 86_400


def rung(cron: str, keep: int, zone: str = "UTC") -> Rung:
    return Rung(name="daily", cron=cron, zone=zone, keep=keep, points=1)


@pytest.mark.parametrize(
    ("cron", "zone", "keep", "most"),
    [
        ("0 2 * * *", "UTC", 14 * DAY, 15),
        # In one night of autumn two o'clock comes twice, which must not count for all nights.
        ("0 2 * * *", "Europe/Berlin", 14 * DAY, 15),
        ("7 * * * *", "Europe/Berlin", 2 * DAY, 49),
        ("0 9,21 * * *", "UTC", DAY, 3),
        ("0 9-17 * * 1-5", "UTC", 7 * DAY, 46),
        ("30 4 1 * *", "UTC", 366 * DAY, 13),
        ("0 3 29 2 *", "UTC", 12 * 366 * DAY, 4),
        ("0 3 * * *", "UTC", 3_600, 1),
    ],
)
def test_points_are_counted_where_they_lie_closest(
    cron: str, zone: str, keep: int, most: int
) -> None:
    assert most_points(rung(cron, keep, zone)) == most


@settings(max_examples=25)
@given(
    hours=st.lists(st.integers(0, 23), min_size=1, max_size=4, unique=True),
    days=st.sampled_from(["*", "1-5", "0,3"]),
    keep=st.integers(3_600, 10 * DAY),
    start=st.integers(0, 40),
)
def test_no_window_holds_more(hours: list[int], days: str, keep: int, start: int) -> None:
    cron = f"0 {','.join(map(str, sorted(hours)))} * * {days}"
    schedule = parse(cron)
    runs = [HORIZON_START + start * DAY]
    while runs[-1] - runs[0] < 21 * DAY:
        following = schedule.next(runs[-1], "UTC")
        assert following is not None
        runs.append(following)
    held = max(sum(first <= run <= first + keep for run in runs) for first in runs[1:])
    assert held <= most_points(rung(cron, keep))
