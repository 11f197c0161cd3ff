"""Directories of a project, entered without ever leaving it.

Every directory on the way is opened by its own descriptor and never through a symbolic link, so that
nobody who can write into a checkout can lead the compiler to other files of the machine.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bpc.diagnostics import Code, Finding, Span, Where
from bpc.source.codes import UNREADABLE
from bpc.source.faults import quoted

_DIRECTORY = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY


class Refused(Exception):  # noqa: N818  carries a finding to the caller that returns it
    """A path that is not read, and why."""

    def __init__(self, path: str, reason: str, advice: str = "", code: Code = UNREADABLE) -> None:
        # A name need not be text; what is printed must be.
        shown = path.encode("utf-8", "backslashreplace").decode()
        super().__init__(reason)
        self.finding = Finding(
            code,
            f"{quoted(shown)} {reason}",
            Where(shown),
            help=advice or "check the path and its permissions",
            span=Span(shown, 1, 1, 1, 1),
        )


def components(path: str) -> tuple[str, ...]:
    """Return the parts of a relative path; raise Refused where it leads out of the root."""
    parts = tuple(part for part in path.split("/") if part not in {"", "."})
    if path.startswith("/") or ".." in parts or "\0" in path:
        raise Refused(
            path, "leads out of the project", "move it into the project, or use another root"
        )
    return parts


@contextmanager
def opened(root: Path, folders: tuple[str, ...]) -> Iterator[int]:
    """Open a directory below `root`, one part of its path at a time."""
    try:
        current = os.open(root, _DIRECTORY)
    except OSError as error:
        raise unreadable(str(root), error) from error
    try:
        for depth, name in enumerate(folders, 1):
            inner = enter(current, name, "/".join(folders[:depth]))
            os.close(current)
            current = inner
        yield current
    finally:
        os.close(current)


def enter(folder: int, name: str, path: str) -> int:
    """Open a directory inside an open one; `path` is what messages call it."""
    status_of(folder, name, path)
    try:
        return os.open(name, _DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        raise unreadable(path, error) from error


def status_of(folder: int, name: str, path: str) -> os.stat_result:
    """Return what a name stands for; raise Refused where it is missing or a symbolic link."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        raise unreadable(path, error) from error
    if stat.S_ISLNK(status.st_mode):
        raise Refused(
            path, "is a symbolic link, which is not followed", "put the file itself there"
        )
    return status


def unreadable(path: str, error: OSError) -> Refused:
    """Say in the words of the system why a path cannot be read."""
    return Refused(path, f"cannot be read: {(error.strerror or 'unknown error').lower()}")
