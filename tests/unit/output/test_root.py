from __future__ import annotations

import errno
from pathlib import Path

import pytest

from bpc.output.errors import OutputError
from bpc.output.lock import LockHeader
from bpc.output.tree import open_tree

HEADER = LockHeader("0.1.0", "t", "2026a")


def opened(root, **options):
    with open_tree(root, **options):
        pass


@pytest.mark.parametrize("linked", ["real/output", "real"])
@pytest.mark.parametrize("readonly", [False, True])
def test_a_link_anywhere_in_the_path_of_the_root_is_refused(tmp_path, linked, readonly):
    (tmp_path / "real/output").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / linked)
    root = tmp_path / "link" / ("" if linked == "real/output" else "output")
    with pytest.raises(OutputError, match="is a symbolic link") as refused:
        opened(root, readonly=readonly)
    assert refused.value.paths == (str(tmp_path / "link"),)


def test_a_file_in_the_place_of_the_root_is_refused(tmp_path):
    (tmp_path / "output").write_text("mine\n")
    with pytest.raises(OutputError, match="not a directory"):
        opened(tmp_path / "output")


@pytest.mark.parametrize("place", [".", "policies", ".."])
def test_a_root_that_is_or_holds_what_is_protected_is_refused(tmp_path, place):
    policies = tmp_path / "project/policies"
    policies.mkdir(parents=True)
    with pytest.raises(OutputError, match="cannot be the output directory"):
        opened(tmp_path / "project" / place, forbidden=[policies])
    opened(tmp_path / "project/output", forbidden=[policies, tmp_path / "missing"])


def test_the_root_of_the_file_system_is_always_refused():
    with pytest.raises(OutputError, match="cannot be the output directory"):
        opened(Path("/"))


def test_a_protected_directory_is_known_under_any_name(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "alias").symlink_to(tmp_path / "home")
    with pytest.raises(OutputError, match="cannot be the output directory"):
        opened(tmp_path / "home", forbidden=[tmp_path / "alias"])


def test_a_relative_root_is_found_from_the_working_directory(tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    with open_tree(Path("../output")) as tree:
        tree.cluster("prod", HEADER, ()).add("a.yaml", b"1\n", "shop")
        tree.commit()
    assert (tmp_path / "output/prod/a.yaml").read_bytes() == b"1\n"


def test_a_second_build_fails_at_once_and_a_third_can_follow(root):
    with open_tree(root) as tree:
        with pytest.raises(OutputError, match="another bpc is at work in"):
            opened(root)
        with pytest.raises(OutputError, match="another bpc is at work in"):
            opened(root, readonly=True)
        tree.cluster("prod", HEADER, ()).add("a.yaml", b"1\n", "shop")
        tree.commit()
    opened(root)


def test_checks_run_side_by_side_but_not_beside_a_build(root):
    root.mkdir()
    with open_tree(root, readonly=True):
        opened(root, readonly=True)
        with pytest.raises(OutputError, match="another bpc is at work in"):
            opened(root)


def test_a_root_removed_while_it_is_opened_is_noticed(root, faulty):
    root.mkdir()
    calls = faulty()
    real = calls.flock

    def flock(fd, operation):
        root.rmdir()
        return real(fd, operation)

    calls.flock = flock
    with pytest.raises(OutputError, match="another bpc is at work in") as refused:
        opened(root, calls=calls)
    assert refused.value.help == "run the command again"


def test_who_loses_the_race_for_a_new_root_leaves_it_to_the_winner(root, faulty):
    calls = faulty()

    def flock(*_):
        raise BlockingIOError(errno.EAGAIN, "")

    calls.flock = flock
    with pytest.raises(OutputError, match="another bpc is at work in"):
        opened(root, calls=calls)
    assert root.is_dir()
