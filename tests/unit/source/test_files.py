from __future__ import annotations

import os
from pathlib import Path

import pytest

from bpc.diagnostics import Finding
from bpc.source import files
from bpc.source.files import read_file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    (project / "policies" / "inner").mkdir(parents=True)
    (project / "policies" / "inner" / "shop.yaml").write_bytes(b"kind: Tier\n")
    (tmp_path / "outside.yaml").write_bytes(b"kind: Secret\n")
    return project


def _refusal(content: bytes | Finding) -> tuple[str, str]:
    assert isinstance(content, Finding)
    assert content.span is not None
    assert (content.span.line, content.span.column) == (1, 1)
    return content.code.name, content.message


@pytest.mark.parametrize("path", ["policies/inner/shop.yaml", "./policies//inner/./shop.yaml"])
def test_file_below_the_root_is_read(root: Path, path: str) -> None:
    assert read_file(root, path) == b"kind: Tier\n"


def test_root_may_be_reached_through_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert read_file(tmp_path / "link", "policies/inner/shop.yaml") == b"kind: Tier\n"


@pytest.mark.parametrize(
    "path",
    ["../outside.yaml", "policies/../../outside.yaml", "/etc/hostname", "policies/a\0b.yaml"],
)
def test_path_that_leads_out_of_the_root_is_refused(root: Path, path: str) -> None:
    code, message = _refusal(read_file(root, path))
    assert code == "unreadable-file"
    assert message.endswith("leads out of the project")


def test_link_is_refused_wherever_it_is_on_the_way(root: Path, tmp_path: Path) -> None:
    (root / "file.yaml").symlink_to(tmp_path / "outside.yaml")
    (root / "folder").symlink_to(root / "policies")
    (root / "policies" / "up").symlink_to("..")
    for path in ("file.yaml", "folder/inner/shop.yaml", "policies/up/policies/inner/shop.yaml"):
        code, message = _refusal(read_file(root, path))
        assert code == "unreadable-file"
        assert message.endswith("is a symbolic link, which is not followed")


def test_what_is_no_ordinary_file_is_refused_without_waiting(root: Path) -> None:
    os.mkfifo(root / "pipe.yaml")
    for path in ("pipe.yaml", "policies", "", "."):
        code, message = _refusal(read_file(root, path))
        assert code == "unreadable-file"
        assert message.endswith(
            ("is no ordinary file", "cannot be read: no such file or directory")
        )


def test_device_is_refused() -> None:
    assert _refusal(read_file(Path("/dev"), "zero"))[1] == "`zero` is no ordinary file"


@pytest.mark.parametrize("path", ["nothing.yaml", "nowhere/shop.yaml"])
def test_missing_file_is_refused_in_the_words_of_the_system(root: Path, path: str) -> None:
    assert _refusal(read_file(root, path))[1].endswith("cannot be read: no such file or directory")


def test_missing_root_is_refused(root: Path) -> None:
    assert "no such file or directory" in _refusal(read_file(root / "nowhere", "shop.yaml"))[1]


def test_file_as_folder_is_refused(root: Path) -> None:
    path = "policies/inner/shop.yaml/shop.yaml"
    assert _refusal(read_file(root, path))[1].endswith("cannot be read: not a directory")


def test_no_more_than_the_limit_is_read(root: Path) -> None:
    assert read_file(root, "policies/inner/shop.yaml", limit=11) == b"kind: Tier\n"
    code, message = _refusal(read_file(root, "policies/inner/shop.yaml", limit=10))
    assert (code, message) == ("too-large", "`policies/inner/shop.yaml` is larger than 10 bytes")


def test_endless_file_is_not_read_to_its_end(root: Path) -> None:
    with (root / "sparse.yaml").open("wb") as file:
        file.truncate(1 << 40)
    assert _refusal(read_file(root, "sparse.yaml"))[0] == "too-large"


def test_name_that_is_not_text_is_shown_escaped(root: Path) -> None:
    content = read_file(root, os.fsdecode(b"\xff\x1b.yaml"))
    assert isinstance(content, Finding)
    assert content.message == "`\\udcff\\x1b.yaml` cannot be read: no such file or directory"
    content.where.path.encode()


def test_link_that_appears_after_the_look_is_not_followed(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = root / "policies" / "late.yaml"
    target.write_bytes(b"kind: Tier\n")
    look = files.status_of

    def replace_after_looking(folder: int, name: str, path: str) -> os.stat_result:
        status = look(folder, name, path)
        target.unlink()
        target.symlink_to(tmp_path / "outside.yaml")
        return status

    monkeypatch.setattr(files, "status_of", replace_after_looking)
    assert _refusal(read_file(root, "policies/late.yaml"))[0] == "unreadable-file"


def test_pipe_that_appears_after_the_look_is_not_waited_for(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = root / "policies" / "late.yaml"
    target.write_bytes(b"kind: Tier\n")
    look = files.status_of

    def replace_after_looking(folder: int, name: str, path: str) -> os.stat_result:
        status = look(folder, name, path)
        target.unlink()
        os.mkfifo(target)
        return status

    monkeypatch.setattr(files, "status_of", replace_after_looking)
    assert _refusal(read_file(root, "policies/late.yaml"))[1].endswith("is no ordinary file")


def test_descriptors_are_closed_also_after_refusals(root: Path) -> None:
    (root / "link").symlink_to("policies")
    probe = os.open(root, os.O_RDONLY)
    os.close(probe)
    for path in (
        "link/a.yaml",
        "policies/inner/shop.yaml",
        "policies/none/a.yaml",
        "policies",
        "..",
    ) * 5:
        read_file(root, path)
    again = os.open(root, os.O_RDONLY)
    os.close(again)
    assert again == probe
