from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from bpc.source import discovery
from bpc.source.discovery import discover


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    for path in (
        "bpc.yaml",
        "policies/shop.yaml",
        "policies/a/media.yml",
        "policies/a/b/orders.YAML",
        "policies/README.md",
        "policies/.hidden.yaml",
        "policies/.git/config.yaml",
        "more/extra.yaml",
        "more/policy.txt",
    ):
        file = project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"kind: Tier\n")
    return project


def _found(root: Path, *entries: str) -> list[str]:
    discovered = discover(root, entries)
    assert discovered.findings == ()
    return list(discovered.paths)


def _refusals(root: Path, *entries: str) -> list[tuple[str, str]]:
    return [(f.code.name, f.message) for f in discover(root, entries).findings]


def test_policies_of_a_directory_are_found_at_any_depth_in_order(root: Path) -> None:
    assert _found(root, "policies") == [
        "policies/a/b/orders.YAML",
        "policies/a/media.yml",
        "policies/shop.yaml",
    ]


def test_entry_that_is_named_is_taken_whatever_it_is_called(root: Path) -> None:
    named = ("more/policy.txt", "policies/.hidden.yaml", "policies/.git")
    assert _found(root, *named) == [
        "more/policy.txt",
        "policies/.git/config.yaml",
        "policies/.hidden.yaml",
    ]


def test_overlapping_entries_name_a_file_once(root: Path) -> None:
    assert _found(root, "more", "./more/", "more/extra.yaml", str(root / "more")) == [
        "more/extra.yaml"
    ]


def test_root_itself_can_be_the_entry(root: Path) -> None:
    assert _found(root, ".") == _found(root, "bpc.yaml", "policies", "more")


def test_relative_root_finds_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    assert _found(Path(), "more", str(root / "more")) == ["more/extra.yaml"]


@pytest.mark.parametrize("entry", ["..", "policies/../../x", "/etc", "/etc/hostname"])
def test_entry_outside_the_root_is_refused(root: Path, entry: str) -> None:
    assert _refusals(root, entry) == [("unreadable-file", f"`{entry}` leads out of the project")]


def test_missing_entry_is_refused_and_others_are_found(root: Path) -> None:
    discovered = discover(root, ["nowhere", "more"])
    assert discovered.paths == ("more/extra.yaml",)
    assert [f.message for f in discovered.findings] == [
        "`nowhere` cannot be read: no such file or directory"
    ]


def test_link_that_looks_like_a_policy_is_refused_and_not_skipped(
    root: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "secret.yaml").write_bytes(b"a: 1\n")
    (root / "policies" / "link.yaml").symlink_to(tmp_path / "other" / "secret.yaml")
    (root / "policies" / "folder").symlink_to(tmp_path / "other")
    (root / "policies" / "loop").symlink_to(".")
    (root / "policies" / "dangling.yaml").symlink_to("nowhere")
    (root / "policies" / "notes.txt").symlink_to("README.md")
    refused = "is a symbolic link, which is not followed"
    assert _refusals(root, "policies") == [
        ("unreadable-file", f"`policies/{name}` {refused}")
        for name in ("dangling.yaml", "folder", "link.yaml", "loop")
    ]
    assert _refusals(root, "policies/folder") == [
        ("unreadable-file", f"`policies/folder` {refused}")
    ]
    assert _refusals(root, "policies/folder/secret.yaml")[0][0] == "unreadable-file"


def test_link_to_itself_is_a_finding(root: Path) -> None:
    (root / "policies" / "circle").symlink_to("circle")
    assert _refusals(root, "policies") == [
        ("unreadable-file", "`policies/circle` cannot be read: too many levels of symbolic links")
    ]


def test_pipe_that_looks_like_a_policy_is_refused(root: Path) -> None:
    os.mkfifo(root / "policies" / "pipe.yaml")
    assert _refusals(root, "policies") == [
        ("unreadable-file", "`policies/pipe.yaml` is no ordinary file")
    ]


def test_name_that_cannot_be_shown_is_refused(root: Path) -> None:
    for name in (b"bell\a.yaml", b"\xff.yaml", "\u202e.yaml".encode()):
        (root / "more" / os.fsdecode(name)).write_bytes(b"a: 1\n")
    refused = "has a character in its name that cannot be shown"
    assert _refusals(root, "more") == [
        ("unreadable-file", f"`more/{name}.yaml` {refused}")
        for name in ("bell\\x07", "\\u202e", "\\udcff")
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Shop.yaml", "shop.yaml"),
        ("STRASSE.yaml", "stra\N{LATIN SMALL LETTER SHARP S}e.yaml"),
        (
            unicodedata.normalize("NFC", "caf\u00e9.yaml"),
            unicodedata.normalize("NFD", "caf\u00e9.yaml"),
        ),
    ],
)
def test_paths_that_some_systems_take_for_one_are_refused(
    tmp_path: Path, one: str, other: str
) -> None:
    (tmp_path / one).write_bytes(b"a: 1\n")
    (tmp_path / other).write_bytes(b"a: 1\n")
    if len(list(tmp_path.iterdir())) < 2:
        assert discover(tmp_path, ["."]).findings == ()  # this system is such a system
        return
    first, second = sorted((one, other))
    (finding,) = discover(tmp_path, ["."]).findings
    assert finding.code.name == "path-collision"
    assert finding.where.path == second
    assert [where.path for where, _ in finding.related] == [first]


def test_files_are_refused_when_too_large_together(root: Path) -> None:
    discovered = discover(root, ["policies"], max_total=32)
    assert [(f.code.name, f.message) for f in discovered.findings] == [
        ("too-large", "the policies are larger than 32 bytes together")
    ]
    assert discover(root, ["policies"], max_total=33).findings == ()


def test_too_many_files_are_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "MAX_FILES", 2)
    assert _refusals(root, "policies") == [("too-large", "there are more than 2 policies")]


def test_too_many_other_files_are_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_MAX_SEEN", 5)
    assert _refusals(root, "policies") == [("too-large", "there are more than 5 files")]


def test_directories_too_deep_are_refused(root: Path) -> None:
    deep = root / "policies" / "/".join("d" * 32)
    deep.mkdir(parents=True)
    (deep / "lost.yaml").write_bytes(b"a: 1\n")
    ((code, message),) = _refusals(root, "policies")
    assert code == "too-deep"
    assert message.endswith("lies more than 32 directories deep")


def test_fleet_of_thousands_is_found(tmp_path: Path) -> None:
    for number in range(2000):
        (tmp_path / f"p{number:04}.yaml").write_bytes(b"")
    assert len(discover(tmp_path, ["."]).paths) == 2000
