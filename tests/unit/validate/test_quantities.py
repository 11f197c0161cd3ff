from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpc.validate.quantities import amount


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("1", "1"),
        ("500m", "0.5"),
        ("1.5Gi", "1610612736"),
        ("1Ki", "1024"),
        ("1k", "1000"),
        ("1E", "1e18"),
        ("1e3", "1000"),
        ("2E-2", "0.02"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-1", "-1"),
        ("100n", "1e-7"),
        (7, "7"),
    ],
)
def test_amounts(text: str | int, value: str) -> None:
    assert amount(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "1GiB", "1 Gi", "Gi", "1K", "1kb", "1e", "1mi", "0x1", "1\n", ".", "1e999", "1,5"]
)
def test_what_kubernetes_cannot_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
        amount(text)


@given(st.integers(0, 10**12))
def test_a_suffix_multiplies(number: int) -> None:
    assert amount(f"{number}Ki") == 1024 * amount(number)
    assert amount(f"{number}k") == 1000 * amount(number)
