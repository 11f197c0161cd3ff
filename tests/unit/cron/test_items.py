from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpc.cron.items import FIELDS, Bounds, Item, read_item

MINUTE, HOUR, DAY, MONTH, WEEKDAY = FIELDS


def test_items_know_where_they_come_from() -> None:
    assert read_item("jan-mar/2", MONTH) == Item("jan-mar/2", 1, 3, 2, star=False)
    assert read_item("?", DAY) == Item("?", 1, 31, 1, star=True)
    assert read_item("10/4", HOUR) == Item("10/4", 10, 23, 4, star=False)
    assert read_item("*-3/4", WEEKDAY) == Item("*-3/4", 0, 6, 4, star=True)


@given(st.integers(0, 59), st.integers(0, 59), st.integers(1, 99))
def test_a_range_with_a_step_is_read_or_runs_backwards(first: int, last: int, step: int) -> None:
    text = f"{first}-{last}/{step}"
    if first <= last:
        assert read_item(text, MINUTE) == Item(text, first, last, step, star=False)
    else:
        with pytest.raises(ValueError, match=f"^`{text}` in the minute field runs backwards"):
            read_item(text, MINUTE)


@given(st.sampled_from(FIELDS), st.integers(0, 99))
def test_a_value_is_read_within_its_bounds(bounds: Bounds, value: int) -> None:
    if bounds.low <= value <= bounds.high:
        assert read_item(str(value), bounds) == Item(str(value), value, value, 1, star=False)
    else:
        with pytest.raises(ValueError, match=f"^`{value}` in the {bounds.name} field"):
            read_item(str(value), bounds)
