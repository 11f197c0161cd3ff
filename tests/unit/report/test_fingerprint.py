from __future__ import annotations

from dataclasses import replace

import pytest

from bpc.diagnostics import Diagnostic
from bpc.report.fingerprint import distinct, fingerprint


def test_is_the_same_in_every_release() -> None:
    mark = fingerprint("BPC204", "policies/shop.yaml", "shop/orders", "/spec/copies/to/0", 0)
    assert mark == "65b1da8b0f4ad4b2eb25e416c45bcf38"


@pytest.mark.parametrize(
    "other",
    [
        ("BPC205", "a", "b", "c", 0),
        ("BPC204", "x", "b", "c", 0),
        ("BPC204", "ab", "", "c", 0),
        ("BPC204", "a", "b", "x", 0),
        ("BPC204", "a", "b", "c", 1),
    ],
)
def test_every_part_counts(other: tuple[str, str, str, str, int]) -> None:
    assert fingerprint("BPC204", "a", "b", "c", 0) != fingerprint(*other)


def test_repeated_and_missing_ones_are_replaced(unknown_location: Diagnostic) -> None:
    missing = replace(unknown_location, fingerprint="")
    marks = distinct([unknown_location, unknown_location, missing, missing])
    assert len(set(marks)) == 4
    assert marks[0] == unknown_location.fingerprint
    assert all(len(mark) == 32 for mark in marks)
