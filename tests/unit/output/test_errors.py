from __future__ import annotations

import errno

import pytest

from bpc.output.errors import HandEditedError, OutputError, translate, translated


@pytest.mark.parametrize(
    ("number", "reason", "hint"),
    [
        (errno.ENOSPC, "no space left on device", "free some space"),
        (errno.EROFS, "read-only file system", "mount the file system writable"),
        (errno.EACCES, "permission denied", "permissions"),
        (errno.EXDEV, "cross-device link", "same file system"),
    ],
)
def test_a_refusal_of_the_system_names_the_file_the_reason_and_a_way_out(number, reason, hint):
    error = translate(OSError(number, ""), "write", "output/prod/a.yaml")
    assert str(error).startswith("cannot write `output/prod/a.yaml`: ")
    assert str(error).endswith(reason)
    assert hint in error.help
    assert error.paths == ("output/prod/a.yaml",)


def test_an_error_without_a_number_is_still_translated():
    with pytest.raises(OutputError, match="cannot read `x`"), translated("read", "x"):
        raise OSError("no number")


def test_hand_edits_and_foreign_files_are_counted_apart():
    error = HandEditedError.of(["b", "a"], ["c"])
    assert error.message == (
        "the build would overwrite 2 files changed by hand since bpc wrote them "
        "and 1 file not written by bpc"
    )
    assert error.paths == ("a", "b", "c")
    assert "--force" in error.help
