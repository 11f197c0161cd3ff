from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from bpc.model.scalars import format_duration, parse_day, parse_duration, parse_rate, parse_size


@given(st.integers(1, 10**9))
def test_a_formatted_duration_reads_as_itself(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15m", 900), ("6h", 21_600), ("30d", 2_592_000), ("2w", 1_209_600), ("1h30m", 5_400)],
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "5", "m", "1.5h", "30m6h", "6H", "6 h", "-6h", "0h", "٣h", 6, None, True]
)
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_duration(text)


def test_sizes_and_rates_are_binary() -> None:
    assert parse_size("120Gi") == 120 * 2**30
    assert parse_rate("200MiB/s") == 200 * 2**20


@pytest.mark.parametrize("text", ["120", "120GB", "1.5Gi", "Gi", 5])
def test_what_is_no_size(text: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_size(text)


@pytest.mark.parametrize("text", ["200MB/s", "200MiB", "MiB/s", 5])
def test_what_is_no_rate(text: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_rate(text)


@pytest.mark.parametrize("text", ["2027-02-30", "31.12.2027", "20271231", 20271231, ""])
def test_what_is_no_day(text: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_day(text)


def test_a_day() -> None:
    assert parse_day("2027-03-31").isoformat() == "2027-03-31"
