from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from bpc.plan.schedule import every
from bpc.plan.spread import slot_of, spread

SUBJECTS = [f"team-{number % 40}/data-{number}" for number in range(200)]


def test_two_hundred_datasets_share_the_hour_evenly() -> None:
    minutes = Counter(slot.minute for slot in spread(SUBJECTS).values())
    assert sum(minutes.values()) == 200
    assert max(minutes.values()) == 4  # 200 over 60 minutes: 3.3 on average
    assert len(minutes) >= 55


def test_two_hundred_daily_jobs_all_start_at_minutes_of_their_own() -> None:
    starts = Counter(every(86_400, "UTC", slot) for slot in spread(SUBJECTS).values())
    assert max(starts.values()) == 1


@given(st.lists(st.text("abc/", min_size=1), max_size=200))
@settings(max_examples=100, deadline=None)
def test_no_minute_gets_more_than_its_share(subjects: list[str]) -> None:
    slots = spread(subjects)
    assert slots.keys() == set(subjects)
    minutes = Counter(slot.minute for slot in slots.values())
    assert all(count <= -(-len(slots) // 60) for count in minutes.values())


@given(st.permutations(SUBJECTS[:40]))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_datasets_does_not_matter(subjects: list[str]) -> None:
    assert spread(subjects) == spread(SUBJECTS[:40])


def test_a_new_dataset_moves_few_of_the_others() -> None:
    before, after = spread(SUBJECTS), spread([*SUBJECTS, "new/one"])
    assert sum(before[subject] != after[subject] for subject in SUBJECTS) <= 10


def test_a_dataset_alone_gets_the_slot_of_its_digest() -> None:
    assert spread(["shop/orders"]) == {"shop/orders": slot_of("shop/orders")}
