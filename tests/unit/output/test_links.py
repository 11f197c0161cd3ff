"""Nobody can make a build write, delete or read outside its tree by planting something in it."""

from __future__ import annotations

import os
import socket

import pytest

from bpc.output.errors import HandEditedError, OutputError
from bpc.output.lock import LockHeader
from bpc.output.tree import open_tree

HEADER = LockHeader("0.1.0", "t", "2026a")
OLD = {"prod": {"a.yaml": "1\n", "b/c/d.yaml": "1\n", "gone/e.yaml": "1\n"}}
NEW = {"prod": {"a.yaml": "2\n", "b/c/d.yaml": "2\n"}}


@pytest.fixture
def outside(tmp_path):
    """A directory that looks like part of the tree, to which the links lead."""
    victim = tmp_path / "outside"
    for path in ("a.yaml", "b/c/d.yaml", "c/d.yaml", "d.yaml", "e.yaml", "gone/e.yaml"):
        (victim / path).parent.mkdir(parents=True, exist_ok=True)
        (victim / path).write_text("1\n")
    return victim


def plant(place, target):
    if place.is_dir():
        place.rename(place.with_name(f"{place.name}.moved"))
    else:
        place.unlink(missing_ok=True)
    place.symlink_to(target)


@pytest.mark.parametrize("place", ["prod", "prod/b", "prod/b/c", "prod/gone", ".bpc.prod"])
@pytest.mark.parametrize("force", [False, True])
def test_a_linked_directory_stops_the_build(root, build, read, outside, place, force):
    build(root, OLD)
    plant(root / place, outside)
    before = read(outside)
    with pytest.raises(OutputError, match="is a symbolic link") as refused:
        build(root, NEW, force=force)
    assert refused.value.paths == (f"{root}/{place}",)
    assert read(outside) == before


@pytest.mark.parametrize("place", ["prod", "prod/b", "prod/b/c"])
def test_a_link_planted_during_the_build_stops_its_commit(root, build, read, outside, place):
    build(root, OLD)
    before = read(outside)
    with open_tree(root) as tree:
        writer = tree.cluster("prod", HEADER, ())
        for path, text in NEW["prod"].items():
            writer.add(path, text.encode(), "shop")
        plant(root / place, outside)
        with pytest.raises(OutputError, match="is a symbolic link"):
            tree.commit()
    assert read(outside) == before


@pytest.mark.parametrize("target", ["outside", "nowhere"])
@pytest.mark.parametrize("place", ["a.yaml", "gone/e.yaml"])
def test_a_linked_file_is_a_hand_edit_and_only_the_link_is_replaced(
    root, build, read, outside, tmp_path, place, target
):
    build(root, OLD)
    plant(root / "prod" / place, tmp_path / target / "a.yaml")
    before = read(outside)
    with pytest.raises(HandEditedError) as refused:
        build(root, NEW)
    assert refused.value.edited == (f"{root}/prod/{place}",)
    build(root, NEW, force=True)
    assert read(outside) == before
    assert not (tmp_path / "nowhere").exists()
    assert not [path for path in root.rglob("*") if path.is_symlink()]


def test_a_link_to_the_very_bytes_is_not_taken_for_the_file(root, build, outside):
    build(root, OLD)
    plant(root / "prod/a.yaml", outside / "a.yaml")
    with pytest.raises(HandEditedError):
        build(root, OLD)


@pytest.mark.parametrize("kind", ["link", "directory", "fifo"])
def test_a_lock_that_is_no_file_stops_the_build(root, build, outside, kind):
    build(root, OLD)
    lock = root / "prod/bpc.lock"
    lock.rename(outside / "bpc.lock")
    match kind:
        case "link":
            lock.symlink_to(outside / "bpc.lock")
        case "directory":
            lock.mkdir()
        case "fifo":
            os.mkfifo(lock)
    with pytest.raises(OutputError, match=r"prod/bpc\.lock` is not a regular file"):
        build(root, NEW)


@pytest.mark.parametrize("kind", ["fifo", "socket"])
def test_a_special_file_is_a_hand_edit_and_does_not_hang_the_build(root, build, kind, monkeypatch):
    build(root, OLD)
    place = root / "prod/a.yaml"
    place.unlink()
    if kind == "fifo":
        os.mkfifo(place)
    else:
        monkeypatch.chdir(root / "prod")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("a.yaml")
    with pytest.raises(HandEditedError):
        build(root, NEW)
    build(root, NEW, force=True)
    assert place.read_text() == "2\n"


def test_what_a_lock_lists_outside_its_cluster_is_never_deleted(root, build, outside):
    build(root, OLD)
    lock = root / "prod/bpc.lock"
    header, source, *files = lock.read_text().splitlines(keepends=True)
    planted = files[0].replace("a.yaml", "../../outside/a.yaml")
    lock.write_text("".join([header, source, planted, *files]))
    with pytest.raises(OutputError, match="damaged"):
        build(root, NEW, force=True)
    assert (outside / "a.yaml").read_text() == "1\n"


def test_a_staging_directory_with_foreign_things_in_it_stops_the_build(root, build):
    build(root, OLD)
    (root / ".bpc.prod/planted").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"cannot remove `.*/\.bpc\.prod/planted`"):
        build(root, NEW)
