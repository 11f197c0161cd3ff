from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpc.cron.duration import nanoseconds

SECOND = 10**9


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h30m", 5400),
        ("90s", 90),
        ("1.5h", 5400),
        (".5m", 30),
        ("2.h", 7200),
        ("+1m", 60),
        ("-5m", -300),
        ("0", 0),
        ("-0", 0),
        ("1s1s", 2),
        ("0000000000000000000000000001s", 1),
        ("1500ms", 1.5),
        ("2us3µs5μs7ns", 0.000010007),
        ("0.3333333333333333333333333333h", 1199.999999999999),
        ("2562047h47m16s", 9223372036),
    ],
)
def test_durations_are_read_as_go_reads_them(text: str, seconds: float) -> None:
    assert nanoseconds(text) == pytest.approx(seconds * SECOND, abs=1)


REFUSED = (
    *("", "1d", "1", "h", ".h", "1h ", " 1h", "1h\n", "--1h", "1H", "1h30", "0.0", "1e3s", "٣s"),
    *("2562048h", "9223372036854775807h", "99999999999999999999999s", "+", "-", "2562047h48m"),
)


@pytest.mark.parametrize("text", REFUSED)
def test_what_go_refuses_is_refused_with_the_text(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration such as `1h30m`") as refusal:
        nanoseconds(text)
    assert str(refusal.value).startswith(f"`{text}`")


@given(st.integers(0, 999), st.integers(0, 59), st.integers(0, 59))
def test_parts_add_up(hours: int, minutes: int, seconds: int) -> None:
    total = hours * 3600 + minutes * 60 + seconds
    assert nanoseconds(f"{hours}h{minutes}m{seconds}s") == total * SECOND
