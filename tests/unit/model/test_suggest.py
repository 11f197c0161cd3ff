from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpc.model.suggest import closest

KEYS = ["retention", "timeZone", "clusters", "tier", "owner", "datasets", "objectives", "copies"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("retnetion", "retention"),
        ("time_zone", "timeZone"),
        ("time-zone", "timeZone"),
        ("TIMEZONE", "timeZone"),
        ("cluster", "clusters"),
        ("teir", "tier"),
        ("dataset", "datasets"),
        ("banana", None),
        ("", None),
        ("x" * 1000, None),
    ],
)
def test_what_was_probably_meant(word: str, meant: str | None) -> None:
    assert closest(word, KEYS) == meant


def test_two_that_are_as_near_are_no_suggestion() -> None:
    assert closest("cat", ["bat", "rat"]) is None


@given(st.text(max_size=20), st.lists(st.text(max_size=12), max_size=8))
def test_the_answer_is_a_candidate_and_does_not_depend_on_their_order(
    word: str, candidates: list[str]
) -> None:
    found = closest(word, candidates)
    assert found is None or found in candidates
    assert closest(word, candidates[::-1]) == found
