from __future__ import annotations

import tracemalloc
from hashlib import sha256

import pytest

from bpc.output.entries import Entries
from bpc.output.errors import OutputError

SHA = sha256(b"x").digest()


def test_rows_come_back_sorted_with_their_own_digest_and_owner():
    entries = Entries()
    for path in ("b/c", "a", "b-c", "b/a"):
        entries.add(path, sha256(path.encode()).digest(), f"owner of {path}")
    assert list(entries.rows()) == [
        (path, sha256(path.encode()).digest(), f"owner of {path}")
        for path in ("a", "b-c", "b/a", "b/c")
    ]


def test_marked_files_are_those_that_differ():
    entries = Entries()
    for path in ("b", "a", "c"):
        number = entries.add(path, SHA, "shop")
        if path != "a":
            entries.mark(number)
    assert list(entries.moves()) == [("b", 0), ("c", 2)]
    assert list(entries.waiting()) == [0, 2]
    assert entries.changed == 2
    assert [differs for _, _, differs in entries.digests()] == [False, True, True]


@pytest.mark.parametrize(
    ("first", "second"),
    [("a/b", "a/b"), ("a", "a/b"), ("a/b", "a"), ("a/b/c", "a"), ("a", "a/b/c")],
)
def test_two_files_that_cannot_stand_side_by_side_name_both_owners(first, second):
    entries = Entries()
    entries.add(first, SHA, "shop")
    with pytest.raises(OutputError) as refused:
        entries.add(second, SHA, "media")
    assert "`shop`" in refused.value.message
    assert "`media`" in refused.value.message


def test_a_hostile_path_is_refused_by_name():
    with pytest.raises(OutputError, match=r"`shop` cannot write `\.\./up`"):
        Entries().add("../up", SHA, "shop")


def test_forty_thousand_files_cost_less_than_eight_megabytes():
    tracemalloc.start()
    entries = Entries()
    for n in range(40_000):
        owner = f"policy-{n // 8:05}" if n % 8 == 0 else owner  # noqa: F821  # set at n = 0
        entries.add(f"30-schedules/policy-{n // 8:05}-orders-{n % 8}.yaml", SHA, owner)
        entries.mark(n)
    assert sum(1 for _ in entries.rows()) == 40_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000
