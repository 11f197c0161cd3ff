from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bpc.cron import HORIZON_START
from bpc.cron.horizon import horizon_end


def test_the_horizon_starts_with_2026() -> None:
    assert datetime.fromtimestamp(HORIZON_START, UTC) == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begin", "years", "end"),
    [
        ("2026-01-01T00:00:00", 5, "2031-01-01T00:00:00"),
        ("2027-12-31T23:59:59", 1, "2028-12-31T23:59:59"),
        ("2028-02-29T12:00:00", 1, "2029-02-28T12:00:00"),
    ],
)
def test_a_horizon_ends_on_the_same_day_of_a_later_year(begin: str, years: int, end: str) -> None:
    start, stop = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (begin, end))
    assert horizon_end(int(start.timestamp()), years) == stop.timestamp()
