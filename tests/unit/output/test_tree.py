from __future__ import annotations

import io
import stat
import tracemalloc

import pytest

from bpc.output.errors import HandEditedError, OutputError
from bpc.output.lock import LockHeader
from bpc.output.tree import open_tree

STATE = {
    "prod": {"10-operator/release.yaml": "1\n", "30-schedules/orders.yaml": "1\n"},
    "edge": {"10-operator/release.yaml": "1\n"},
}
HEADER = LockHeader("0.1.0", "t", "2026a")


def changed(**files):
    """Return the state with other contents for `prod`; None drops a file."""
    names = {"release": "10-operator/release.yaml", "orders": "30-schedules/orders.yaml"}
    prod = {**STATE["prod"], **{names[name]: text for name, text in files.items()}}
    return {**STATE, "prod": {path: text for path, text in prod.items() if text is not None}}


def stamps(root):
    return {path: path.stat().st_mtime_ns for path in [root, *root.rglob("*")]}


def test_a_first_build_writes_files_and_locks_and_nothing_else(root, build, read):
    changes = build(root, STATE)
    assert set(read(root)) == {
        "edge/10-operator/release.yaml",
        "edge/bpc.lock",
        "prod/10-operator/release.yaml",
        "prod/30-schedules/orders.yaml",
        "prod/bpc.lock",
    }
    assert [(c.cluster, c.written, c.unchanged, c.removed) for c in changes] == [
        ("edge", 1, 0, 0),
        ("prod", 2, 0, 0),
    ]


def test_a_second_build_touches_nothing(root, build):
    build(root, STATE)
    before = stamps(root)
    assert [c.written for c in build(root, STATE)] == [0, 0]
    assert stamps(root) == before


def test_only_what_changed_is_touched(root, build):
    build(root, STATE)
    before = stamps(root)
    build(root, changed(release="2\n"))
    after = stamps(root)
    touched = {str(path.relative_to(root)) for path in after if after[path] != before[path]}
    assert {name for name in touched if name.endswith((".yaml", ".lock"))} == {
        "prod/10-operator/release.yaml",
        "prod/bpc.lock",
        "edge/bpc.lock",
    }


def test_a_stale_file_goes_with_the_directory_it_leaves_empty(root, build):
    build(root, STATE)
    assert build(root, changed(orders=None))[1].removed == 1
    assert not (root / "prod/30-schedules").exists()


def test_a_foreign_file_is_reported_and_stays(root, build):
    build(root, STATE)
    (root / "prod/30-schedules/notes.txt").write_text("mine\n")
    (root / "prod/mine").mkdir()
    (root / "prod/mine/a").write_text("mine\n")
    assert build(root, STATE)[1].foreign == ("30-schedules/notes.txt", "mine/")
    assert build(root, changed(orders=None))[1].foreign == ("30-schedules/", "mine/")
    assert (root / "prod/30-schedules/notes.txt").read_text() == "mine\n"


def test_hand_edits_of_all_clusters_are_named_before_anything_is_touched(root, build, read):
    build(root, STATE)
    (root / "prod/10-operator/release.yaml").write_text("edited\n")
    (root / "prod/30-schedules/orders.yaml").write_text("edited\n")
    (root / "edge/10-operator/release.yaml").write_text("edited\n")
    before = read(root)
    with pytest.raises(HandEditedError) as refused:
        build(root, {**changed(orders=None), "new": {"a.yaml": "a\n"}})
    assert refused.value.edited == (
        f"{root}/edge/10-operator/release.yaml",
        f"{root}/prod/10-operator/release.yaml",
        f"{root}/prod/30-schedules/orders.yaml",
    )
    assert read(root) == before


def test_force_overwrites_and_removes_hand_edited_files(root, build, read):
    build(root, STATE)
    (root / "prod/10-operator/release.yaml").write_text("edited\n")
    (root / "prod/30-schedules/orders.yaml").write_text("edited\n")
    build(root, changed(orders=None), force=True)
    assert read(root)["prod/10-operator/release.yaml"] == b"1\n"
    assert "prod/30-schedules/orders.yaml" not in read(root)


def test_a_foreign_file_in_the_place_of_a_new_one_is_not_overwritten_unless_forced(root, build):
    place = root / "prod/10-operator/release.yaml"
    place.parent.mkdir(parents=True)
    place.write_text("mine\n")
    with pytest.raises(HandEditedError) as refused:
        build(root, STATE)
    assert refused.value.foreign == (str(place),)
    assert place.read_text() == "mine\n"
    build(root, STATE, force=True)
    assert place.read_text() == "1\n"


def test_a_foreign_file_with_the_very_bytes_becomes_ours(root, build):
    place = root / "prod/10-operator/release.yaml"
    place.parent.mkdir(parents=True)
    place.write_text("1\n")
    build(root, STATE)
    build(root, changed(release="2\n"))
    assert place.read_text() == "2\n"


def test_a_file_deleted_by_hand_comes_back_without_force(root, build):
    build(root, STATE)
    (root / "prod/10-operator/release.yaml").unlink()
    build(root, STATE)
    assert (root / "prod/10-operator/release.yaml").read_text() == "1\n"


def test_a_lost_lock_is_written_again(root, build, read):
    build(root, STATE)
    before = read(root)
    (root / "prod/bpc.lock").unlink()
    build(root, STATE)
    assert read(root) == before


def test_a_cluster_is_emptied_only_on_purpose(root, build, read):
    build(root, STATE)
    before = read(root)
    empty = {**STATE, "prod": {}}
    with pytest.raises(OutputError, match="nothing is left to write") as refused:
        build(root, empty)
    assert "--allow-empty" in refused.value.help
    assert read(root) == before
    build(root, empty, allow_empty=True)
    assert [path for path in read(root) if path.startswith("prod")] == ["prod/bpc.lock"]
    build(root, empty)


def test_clusters_that_no_policy_names_any_more_are_found_and_removed(root, build, read):
    build(root, STATE)
    (root / "foreign").mkdir()
    with open_tree(root) as tree:
        assert tree.stale_clusters({"edge"}) == ["prod"]
        assert tree.stale_clusters({"edge", "prod"}) == []
    build(root, {"edge": STATE["edge"]})
    assert {path.split("/")[0] for path in read(root)} == {"edge"}
    assert not (root / "prod").exists()


def test_a_removed_cluster_keeps_foreign_files_and_refuses_hand_edits(root, build, read):
    build(root, STATE)
    (root / "prod/notes.txt").write_text("mine\n")
    (root / "prod/10-operator/release.yaml").write_text("edited\n")
    before = read(root)
    with pytest.raises(HandEditedError):
        build(root, {"edge": STATE["edge"]})
    assert read(root) == before
    changes = build(root, {"edge": STATE["edge"]}, force=True)
    assert changes[1].foreign == ("notes.txt",)
    assert changes[1].removed == 2
    assert [path for path in read(root) if path.startswith("prod")] == ["prod/notes.txt"]


@pytest.mark.parametrize("mask", [0o077, 0o000, 0o027])
def test_modes_do_not_depend_on_the_umask(root, build, umask, mask):
    umask(mask)
    build(root, STATE)
    umask(0o022)
    for path in [root, *root.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o755 if path.is_dir() else 0o644), path


def test_files_and_directories_can_change_places(root, build, read):
    for files in (
        {"a": "1\n", "b/c/d": "1\n"},
        {"a/b": "2\n", "b": "2\n"},
        {"a": "3\n", "b/c": "3\n"},
    ):
        build(root, {"prod": files})
        found = read(root)
        del found["prod/bpc.lock"]
        assert found == {f"prod/{path}": text.encode() for path, text in files.items()}


@pytest.mark.parametrize("force", [False, True])
def test_a_directory_with_foreign_files_is_never_replaced_by_a_file(root, build, read, force):
    build(root, {"prod": {"a/b": "1\n"}})
    (root / "prod/a/deep").mkdir()
    (root / "prod/a/deep/mine").write_text("mine\n")
    before = read(root)
    with pytest.raises(OutputError, match="stands where") as refused:
        build(root, {"prod": {"a": "2\n"}}, force=force)
    assert refused.value.paths == (f"{root}/prod/a/deep/mine",)
    assert read(root) == before


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("place", ["prod", "prod/a"])
def test_a_foreign_file_is_never_replaced_by_a_directory(root, build, place, force):
    (root / place).parent.mkdir(parents=True)
    (root / place).write_text("mine\n")
    with pytest.raises(OutputError, match="stands where") as refused:
        build(root, {"prod": {"a/b": "1\n"}}, force=force)
    assert refused.value.paths == (f"{root}/{place}",)
    assert (root / place).read_text() == "mine\n"


def test_a_spooled_file_is_written_like_any_other_and_never_held_in_memory(root):
    size = 16 << 20
    spool = io.BytesIO(b"x" * size)
    tracemalloc.start()
    with open_tree(root, durable=False) as tree:
        tree.cluster("prod", HEADER, ()).add_spooled("proof/certificate.json", spool, "shop")
        tree.commit()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (root / "prod/proof/certificate.json").stat().st_size == size
    assert peak < 2_000_000


def test_a_spool_that_was_written_is_read_from_its_start(root):
    spool = io.BytesIO()
    spool.write(b"text\n")
    with open_tree(root) as tree:
        tree.cluster("prod", HEADER, ()).add_spooled("a.md", spool, "shop")
        tree.commit()
    assert (root / "prod/a.md").read_bytes() == b"text\n"


def test_a_build_that_stops_before_its_commit_leaves_nothing(root, build, read):
    build(root, STATE)
    before = read(root)
    with open_tree(root) as tree:
        writer = tree.cluster("prod", HEADER, ())
        writer.add("new.yaml", b"1", "shop")
        with pytest.raises(OutputError):
            writer.add("new.yaml", b"2", "media")
        assert (root / ".bpc.prod").exists()
    assert read(root) == before
    assert not (root / ".bpc.prod").exists()


def test_a_first_build_that_stops_leaves_no_directory(root):
    with open_tree(root / "deep") as tree:
        tree.cluster("prod", HEADER, ()).add("new.yaml", b"1", "shop")
    assert not root.exists()


@pytest.mark.parametrize("name", ["../up", "Prod", ".bpc", "a/b"])
def test_a_name_that_is_no_directory_name_is_no_cluster(root, name):
    with open_tree(root) as tree, pytest.raises(OutputError, match="cannot be a cluster"):
        tree.cluster(name, HEADER, ())


def test_a_cluster_is_begun_once(root):
    with open_tree(root) as tree:
        tree.cluster("prod", HEADER, ())
        with pytest.raises(OutputError, match="open already"):
            tree.remove_cluster("prod")


def test_many_directories_need_few_descriptors(root, faulty):
    calls = faulty()
    with open_tree(root, calls=calls) as tree:
        writer = tree.cluster("prod", HEADER, ())
        for n in range(400):
            writer.add(f"d{n}/a/b.yaml", b"1", "shop")
        tree.commit()
        assert 0 < len(calls.open_now) < 140
    assert not calls.open_now
    assert len(list(root.rglob("b.yaml"))) == 400


def test_everything_is_on_the_disk_before_the_lock_says_so(root, build, faulty):
    build(root, {"prod": {"a.yaml": "1\n", "b.yaml": "1\n"}})
    calls = faulty()
    build(root, {"prod": {"a.yaml": "2\n", "b.yaml": "2\n"}}, calls=calls)
    steps = [name for name in calls.names if name in {"flush", "fsync", "replace"}]
    staged, journal, moved = ["flush"] * 2 + ["fsync"] * 2, ["fsync", "replace"], ["replace"] * 2
    root_and_staging, cluster_and_staging = ["fsync"] * 2, ["fsync"] * 2
    assert steps == [
        *staged,
        *journal,
        *root_and_staging,
        *moved,
        *cluster_and_staging,
        "replace",
        *cluster_and_staging,
    ]


def test_a_tree_opened_for_a_check_cannot_be_committed(root, build, read):
    build(root, STATE)
    before = read(root)
    with open_tree(root, readonly=True) as tree:
        tree.cluster("prod", HEADER, ()).add("new.yaml", b"1", "shop")
        with pytest.raises(OutputError, match="opened for a check"):
            tree.commit()
    assert read(root) == before


def test_the_number_of_warnings_may_come_last(root):
    with open_tree(root) as tree:
        writer = tree.cluster("prod", HEADER, ())
        writer.add("a.yaml", b"1", "shop")
        writer.settle(7)
        tree.commit()
    assert '"warnings": 7' in (root / "prod/bpc.lock").read_text()
