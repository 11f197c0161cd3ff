"""The bytes of a file, read without leaving the project, waiting, or reading more than is sane."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from bpc.diagnostics import Finding
from bpc.source.codes import TOO_LARGE
from bpc.source.folders import Refused, components, opened, status_of, unreadable
from bpc.source.parsing import MAX_FILE

# Without O_NONBLOCK, opening a pipe that nobody writes to never returns.
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


def read_file(root: Path, path: str, limit: int = MAX_FILE) -> bytes | Finding:
    """Return the bytes of a file below `root`, or a finding that says why it is not read.

    `path` is relative, with `/` between its parts. `limit` counts bytes.
    """
    try:
        *folders, name = components(path) or ("",)
        with opened(root, tuple(folders)) as folder:
            return _read(folder, name, path, limit)
    except Refused as refused:
        return refused.finding


def _read(folder: int, name: str, path: str, limit: int) -> bytes:
    ordinary = stat.S_ISREG(status_of(folder, name, path).st_mode)
    if not ordinary:
        raise Refused(path, "is no ordinary file")
    try:
        with os.fdopen(os.open(name, _FLAGS, dir_fd=folder), "rb") as file:
            # It may have become something else since it was looked at.
            ordinary = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            content = file.read(limit + 1) if ordinary else b""
    except OSError as error:
        raise unreadable(path, error) from error
    if not ordinary:
        raise Refused(path, "is no ordinary file")
    if len(content) > limit:
        raise Refused(path, f"is larger than {limit:,} bytes", "split it", TOO_LARGE)
    return content
