from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bpc.plan import names

WORDS = st.from_regex(r"[a-z0-9]{1,12}(-[a-z0-9]{1,12}){0,6}", fullmatch=True)


def test_parts_are_joined_by_two_dashes() -> None:
    assert names.velero_schedule("shop", "web", "s3", "daily") == "shop--web--s3--daily"


def test_words_moved_from_one_part_to_the_next_give_another_name() -> None:
    assert names.snapshot_job("a-b", "c", "daily") != names.snapshot_job("a", "b-c", "daily")


@given(st.lists(WORDS, min_size=2, max_size=4), st.integers(20, 63))
def test_no_name_is_longer_than_its_limit_and_all_are_dns_labels(
    parts: list[str], limit: int
) -> None:
    name = names.join(*parts, limit=limit)
    assert len(name) <= limit
    assert name[0].isalnum()
    assert name[-1].isalnum()
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@given(st.lists(st.tuples(WORDS, WORDS), min_size=2, max_size=2, unique=True))
def test_different_parts_never_give_one_name(pairs: list[tuple[str, str]]) -> None:
    first, second = pairs
    assert names.join(*first, limit=40) != names.join(*second, limit=40)


def test_a_long_name_keeps_its_beginning() -> None:
    name = names.velero_schedule("policy-of-the-warehouse", "dataset-with-long-name", "s3", "daily")
    assert len(name) == names.SCHEDULE_LIMIT
    assert name.startswith("policy-of-the-warehouse--dataset-with")


def test_objects_of_a_cluster_belong_to_no_policy() -> None:
    assert names.POLICY not in names.labels(None)
    assert names.labels("shop", "web")[names.DATASET] == "web"
