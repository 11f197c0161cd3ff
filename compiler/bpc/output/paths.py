"""Which names may appear in the output tree: those that mean the same on every file system."""

from __future__ import annotations

import re
from typing import Final

LOCK_NAME: Final = "bpc.lock"

# A checkout below `C:\Users\name\project\output\cluster\` must stay within 260 characters on Windows.
_LONGEST: Final = 180
_PATH = re.compile(r"[a-z0-9._-]+(?:/[a-z0-9._-]+)*")
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)


def path_fault(path: str) -> str:
    """Say why `path` may not be a file of a cluster directory; nothing if it may.

    Only lower-case letters are allowed, so two paths can never differ in case alone.
    """
    if path == LOCK_NAME:
        return "the name belongs to the lock"
    if len(path) > _LONGEST:
        return f"it is longer than {_LONGEST} characters"
    if not _PATH.fullmatch(path):
        return "it may hold only `a-z`, `0-9`, `.`, `_` and `-` between single slashes"
    for segment in path.split("/"):
        if segment.endswith("."):
            return f"`{segment}` ends with a dot"
        if segment.partition(".")[0] in _DEVICES:
            return f"`{segment}` is a device on Windows"
    return ""


def cluster_fault(name: str) -> str:
    """Say why `name` may not be a cluster directory; nothing if it may."""
    if "/" in name:
        return "it holds a slash"
    if name.startswith("."):
        return "it starts with a dot"
    return path_fault(name)


def folder_of(path: str) -> str:
    """Return the directory part of a path, empty at the top."""
    return path.rpartition("/")[0]


def folders_above(path: str) -> list[str]:
    """Return every directory above `path`, the nearest first."""
    above = []
    while path := folder_of(path):
        above.append(path)
    return above
