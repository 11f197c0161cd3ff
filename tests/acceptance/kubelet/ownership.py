"""What `fsGroup` does to a volume, after `SetVolumeOwnership` of Kubernetes (pkg/volume)."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_READ_WRITE = 0o660
_READ_ONLY = 0o440
_DIRECTORY = 0o110


def give_to_group(
    root: Path, group: int, *, read_only: bool, only_on_mismatch: bool = False
) -> None:
    """Hand a volume to a group, with the permissions that the group needs."""
    if only_on_mismatch and _matches(root, group, read_only=read_only):
        return
    for directory, _, files in os.walk(root):
        _change(Path(directory), group, read_only=read_only)
        for name in files:
            _change(Path(directory, name), group, read_only=read_only)


def _matches(root: Path, group: int, *, read_only: bool) -> bool:
    status = root.stat()
    needed = (_READ_ONLY if read_only else _READ_WRITE) | _DIRECTORY
    enough = status.st_mode & needed == needed and bool(status.st_mode & stat.S_ISGID)
    return status.st_gid == group and enough


def _change(path: Path, group: int, *, read_only: bool) -> None:
    os.chown(path, -1, group, follow_symlinks=False)
    if path.is_symlink():
        return
    mode = stat.S_IMODE(path.stat().st_mode) | (_READ_ONLY if read_only else _READ_WRITE)
    if path.is_dir():
        mode |= stat.S_ISGID | _DIRECTORY
    path.chmod(mode)
