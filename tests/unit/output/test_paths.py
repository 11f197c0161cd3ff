from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpc.output.paths import cluster_fault, folders_above, path_fault


@pytest.mark.parametrize(
    "path",
    [
        "a",
        "10-operator/helm-release.yaml",
        "runbooks/.nav",
        "a/b/c/d.e_f-0",
        "x/bpc.lock",
        "console",
    ],
)
def test_a_portable_path_is_allowed(path):
    assert path_fault(path) == ""


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "may hold only"),
        ("/etc/passwd", "may hold only"),
        ("a//b", "may hold only"),
        ("a/", "may hold only"),
        ("a\\b", "may hold only"),
        ("a b", "may hold only"),
        ("README.md", "may hold only"),
        ("é", "may hold only"),
        ("a\n", "may hold only"),
        ("a\0", "may hold only"),
        (".", "ends with a dot"),
        ("../up", "ends with a dot"),
        ("a/../../up", "ends with a dot"),
        ("a/b./c", "ends with a dot"),
        ("con", "a device"),
        ("a/nul.yaml", "a device"),
        ("lpt1.tar.gz/x", "a device"),
        ("bpc.lock", "belongs to the lock"),
        ("a/" * 90 + "a", "longer than"),
    ],
)
def test_a_path_that_some_system_reads_differently_is_refused(path, words):
    assert words in path_fault(path)


@pytest.mark.parametrize("name", ["a/b", ".hidden", "..", "", "Prod", "bpc.lock", "aux"])
def test_a_cluster_directory_is_one_visible_portable_name(name):
    assert cluster_fault(name)


@settings(deadline=None)
@given(st.text())
def test_an_allowed_path_never_leaves_its_directory(path):
    if path_fault(path) == "":
        assert path.isascii()
        assert path == path.lower()
        assert not {"", ".", ".."} & set(path.split("/"))


def test_the_directories_above_a_path_come_nearest_first():
    assert folders_above("a/b/c") == ["a/b", "a"]
    assert folders_above("a") == []
