from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpc.model.suggest import closest

KEYS = ["timeZone", "storageClass", "retention", "rule", "schedule", "size", "tier", "type"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("timezone", "timeZone"),
        ("time_zone", "timeZone"),
        ("Time-Zone", "timeZone"),
        ("storageclass", "storageClass"),
        ("storage class", "storageClass"),
        ("teir", "tier"),
        ("tpye", "type"),
        ("retenton", "retention"),
        ("retentionn", "retention"),
        ("retentionPolicy", "retention"),
        ("sched", "schedule"),
    ],
)
def test_slips_are_recognised(word: str, meant: str) -> None:
    assert closest(word, KEYS) == meant


@pytest.mark.parametrize("word", ["", "-", "xylophone", "ti", "s", "zone", "size" * 20])
def test_other_words_are_left_alone(word: str) -> None:
    assert closest(word, KEYS) is None


def test_two_equally_good_candidates_are_no_answer() -> None:
    assert closest("prod-c", ["prod-a", "prod-b"]) is None
    assert closest("prod-1", ["prod-1-a", "prod-1-b"]) is None


@pytest.mark.parametrize(
    ("word", "other"),
    [("prod-2", "prod-1"), ("3-2-2", "3-2-1"), ("includeResources", "excludeResources")],
)
def test_what_means_something_else_is_no_slip(word: str, other: str) -> None:
    assert closest(word, [other]) is None


@pytest.mark.parametrize(("word", "other"), [("nmae", "name"), ("etention", "retention")])
def test_one_slip_at_the_beginning_is_found(word: str, other: str) -> None:
    assert closest(word, [other]) == other


def test_a_difference_in_spelling_only_beats_every_other_slip() -> None:
    assert closest("storage_class", ["storageClasses", "storageClass"]) == "storageClass"


def test_the_shared_beginning_decides_between_equal_distances() -> None:
    assert closest("rpx", ["rto", "rpo"]) == "rpo"


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=8), st.randoms())
def test_the_answer_is_a_candidate_and_does_not_depend_on_their_order(
    word: str, candidates: list[str], shuffle: random.Random
) -> None:
    shuffled = list(candidates)
    shuffle.shuffle(shuffled)
    found = closest(word, candidates)
    assert found is None or found in candidates
    assert closest(word, shuffled) == found


@settings(deadline=None, max_examples=100)
@given(st.from_regex(r"[a-z]{6,12}", fullmatch=True), st.data())
def test_one_wrong_letter_in_six_is_always_found(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    wrong = data.draw(st.sampled_from("abcxyz"))
    assert closest(name[:at] + wrong + name[at + 1 :], [name]) == name
