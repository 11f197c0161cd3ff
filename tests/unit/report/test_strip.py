from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bpc.report.strip import strip

LINES = st.text(alphabet=st.sampled_from("ab \t東👍e\u0301\x1b\u202e-:"), max_size=120)


@settings(max_examples=300, deadline=None)
@given(LINES, st.integers(0, 130), st.integers(0, 20), st.integers(40, 80))
def test_fits_the_room_and_keeps_the_start_of_the_span_in_view(
    line: str, begin: int, length: int, room: int
) -> None:
    begin = min(begin, len(line))
    shown = strip(line, begin, min(begin + length, len(line)), room)
    last = shown.first + len(shown.starts) - 1
    assert shown.starts[-1] + (3 if last < len(line) else 0) <= room
    assert shown.first <= begin <= last
    assert list(shown.starts) == sorted(shown.starts)


def test_a_line_that_just_fits_is_not_cut() -> None:
    assert strip("x" * 40, 38, 40, 40).text == "x" * 40
    assert strip("x" * 41, 0, 1, 40).text == "x" * 37 + "..."
    assert strip("x" * 41, 40, 41, 40).text == "..." + "x" * 11


def test_columns_outside_what_is_shown_are_taken_to_its_edge() -> None:
    shown = strip("x" * 100, 90, 95, 40)
    assert shown.cell(0) == 3
    assert shown.cell(1000) == shown.starts[-1]


def test_the_cost_of_a_long_line_is_bounded_by_what_is_shown() -> None:
    line = "x" * 2_000_000
    shown = strip(line, 1_000_000, 1_000_010, 100)
    assert len(shown.starts) <= 101
