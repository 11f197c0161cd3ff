"""The stretch of time that statements about a schedule are made for; nothing reads the clock."""

from __future__ import annotations

from datetime import UTC, datetime

HORIZON_START = 1767225600
"""2026-01-01T00:00:00Z: where a horizon begins unless a policy says otherwise."""
HORIZON_YEARS = 5
"""How many years a horizon lasts unless a policy says otherwise."""


def horizon_end(start: int, years: int) -> int:
    """Return the moment `years` after `start`, both in UTC epoch seconds; February 29 ends on 28."""
    begin = datetime.fromtimestamp(start, UTC)
    leap = (begin.month, begin.day) == (2, 29)
    return int(begin.replace(year=begin.year + years, day=28 if leap else begin.day).timestamp())
