"""What `bpc check` says, and that it only looks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bpc.output.cause import Cause
from bpc.output.compare import Kind
from bpc.output.lock import LockHeader
from bpc.output.tree import open_tree

HEADER = LockHeader("0.1.0", "templates-1", "2026a")
OLD = {"prod": {"a.yaml": "1\n", "b/gone.yaml": "1\n", "same.md": "1\n"}}
NEW = {"prod": {"a.yaml": "2\n", "c.yaml": "1\n", "same.md": "1\n"}}


def summary(drifts):
    return [
        (drift.path, str(drift.kind), str(drift.reason.cause), drift.action) for drift in drifts
    ]


def test_a_current_tree_has_no_drift(root, build, check):
    build(root, OLD)
    assert check(root, OLD) == []


def test_a_changed_policy_is_the_cause_of_what_it_changes(root, build, check):
    build(root, OLD)
    drifts = check(root, NEW)
    assert summary(drifts) == [
        ("prod/a.yaml", "changed", "policy", "write"),
        ("prod/b/gone.yaml", "stale", "policy", "delete"),
        ("prod/c.yaml", "missing", "policy", "write"),
        ("prod/bpc.lock", "changed", "policy", "write"),
    ]
    assert {drift.reason.text for drift in drifts} == {"policy changed: run `bpc build`"}


def test_what_drift_says_is_what_a_build_does(root, build, check, read):
    build(root, OLD)
    drifts, before = check(root, NEW), read(root)
    build(root, NEW)
    after = read(root)
    done = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    assert {drift.path for drift in drifts} == done
    assert {d.path for d in drifts if d.action == "delete"} == set(before) - set(after)


def test_hand_edits_are_told_apart_from_changed_policies(root, build, check):
    build(root, OLD)
    (root / "prod/a.yaml").write_text("edited\n")
    (root / "prod/b/gone.yaml").write_text("edited\n")
    (root / "prod/c.yaml").write_text("foreign\n")
    (root / "prod/same.md").unlink()
    drifts = check(root, NEW)
    assert summary(drifts) == [
        ("prod/a.yaml", "hand-edited", "edit", "write"),
        ("prod/b/gone.yaml", "hand-edited", "edit", "delete"),
        ("prod/c.yaml", "foreign", "edit", "write"),
        ("prod/same.md", "missing", "edit", "write"),
        ("prod/bpc.lock", "changed", "policy", "write"),
    ]
    assert "move the change to the policy" in drifts[0].reason.text
    assert "deleted by hand" in drifts[3].reason.text


@pytest.mark.parametrize(
    ("change", "cause", "words"),
    [
        ({"bpc": "0.2.0"}, Cause.TOOL, "built with bpc 0.1.0, this is 0.2.0"),
        ({"templates": "templates-2"}, Cause.TOOL, "other templates"),
        ({"tzdata": "2026b"}, Cause.TOOL, "built with tzdata 2026a, this is 2026b"),
        ({"options": {"layout": "flat"}}, Cause.OPTIONS, "other options"),
    ],
)
def test_another_release_or_option_is_named_before_the_policy(
    root, build, check, change, cause, words
):
    build(root, OLD)
    drifts = check(root, NEW, replace(HEADER, **change))
    assert {drift.reason.cause for drift in drifts} == {cause}
    assert all(words in drift.reason.text for drift in drifts)


def test_a_file_edited_together_with_its_lock_does_not_pass(root, build, check):
    build(root, {"prod": {"a.yaml": "forged\n"}})
    forged = (root / "prod/bpc.lock").read_text().splitlines()
    build(root, {"prod": {"a.yaml": "1\n"}})
    true = (root / "prod/bpc.lock").read_text().splitlines()
    (root / "prod/a.yaml").write_text("forged\n")
    (root / "prod/bpc.lock").write_text("\n".join([*true[:2], forged[2]]) + "\n")
    drifts = check(root, {"prod": {"a.yaml": "1\n"}})
    assert summary(drifts) == [
        ("prod/a.yaml", "changed", "unexplained", "write"),
        ("prod/bpc.lock", "changed", "unexplained", "write"),
    ]


def test_a_tree_that_was_never_built_is_missing_and_stays_so(root, check):
    drifts = check(root, OLD)
    assert {drift.kind for drift in drifts} == {Kind.MISSING}
    assert all("never built" in drift.reason.text for drift in drifts)
    assert not root.exists()


def test_an_unfinished_merge_of_the_lock_is_named(root, build, check):
    build(root, OLD)
    lock = root / "prod/bpc.lock"
    lock.write_text("<<<<<<< HEAD\n" + lock.read_text() + "=======\n>>>>>>> topic\n")
    assert [drift.reason.text for drift in check(root, OLD)] == [
        "an unfinished merge in `bpc.lock`: run `bpc build`"
    ]


def test_a_cluster_without_policies_is_stale(root, build, check):
    build(root, {**OLD, "edge": {"a.yaml": "1\n"}})
    edge = [drift for drift in check(root, OLD) if drift.path.startswith("edge/")]
    assert summary(edge) == [
        ("edge/a.yaml", "stale", "policy", "delete"),
        ("edge/bpc.lock", "stale", "policy", "delete"),
    ]


def test_what_stands_in_the_way_is_an_obstacle(root, build, check):
    build(root, OLD)
    (root / "prod/c.yaml").mkdir()
    (root / "prod/c.yaml/mine").write_text("mine\n")
    assert ("prod/c.yaml/mine", "obstacle", "edit", "write") in summary(check(root, NEW))


def test_a_check_makes_no_call_that_could_write(root, build, faulty):
    build(root, OLD)
    calls = faulty()
    with open_tree(root, readonly=True, calls=calls) as tree:
        tree.cluster("prod", HEADER, ()).add("a.yaml", b"2\n", "shop")
        tree.remove_cluster("lost")
        assert list(tree.drift())
    assert set(calls.names) <= {"open", "close", "read", "fstat", "stat", "scandir", "flock"}
