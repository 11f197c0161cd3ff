from __future__ import annotations

import pytest

from bpc.report.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("东京 \u3000é 👍", "东京 \u3000é 👍"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("no\xa0break", r"no\xa0break"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\ufffe\U0001ffff", r"\ufffe\U0001ffff"),
        ("\udc80", r"\udc80"),
    ],
)
def test_spells_out_what_acts_or_hides(text: str, shown: str) -> None:
    assert printable(text) == shown
