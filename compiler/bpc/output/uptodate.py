"""Is the output current? Answered from the locks alone, before anything of the compiler is loaded.

This module imports only what Python needs for hashing and JSON, because it stands between the user
and a command that has nothing to do. It never says why: where it answers no, the full build does.
"""

from __future__ import annotations

import hashlib
import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LOCK = "bpc.lock"
_STAGING = ".bpc."
_CHUNK = 1 << 16
_LONGEST_LINE = 1 << 20
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Standing:
    """What a current output tree holds: clusters, files, and the warnings that its build printed."""

    __slots__ = ("clusters", "files", "warnings")

    def __init__(self) -> None:
        self.clusters = 0
        self.files = 0
        self.warnings = 0


def standing(
    root: str, inputs: Iterable[str], expected: Mapping[str, object], project: str = "."
) -> Standing | None:
    """Return what the tree holds if a build would change nothing, else None.

    `inputs` are all policy files, relative to `project`, as the locks name them; `expected` are the
    fields of every lock's header but `lock` and `warnings`. Each input and each output is hashed: after
    a checkout, modification times say nothing. Someone who edits a file and its lock together is not
    noticed here, so a check of what others committed must compile.
    """
    found = Standing()
    check = _Check(expected, project, found)
    try:
        top = os.open(root, _DIRECTORY)
        try:
            clusters = _clusters(top)
            current = all(check.holds(top, name) for name in clusters)
        finally:
            os.close(top)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    complete = check.inputs.keys() == set(inputs) and check.clusters == set(clusters)
    return found if current and clusters and complete else None


class _Check:
    """One pass over all locks."""

    def __init__(self, expected: Mapping[str, object], project: str, found: Standing) -> None:
        self.inputs: dict[str, str] = {}
        self.clusters: set[str] = set()
        self._expected = expected
        self._project = project
        self._found = found

    def holds(self, top: int, cluster: str) -> bool:
        """Whether everything that one cluster's lock says is true."""
        root = os.open(cluster, _DIRECTORY, dir_fd=top)
        try:
            with os.fdopen(os.open(_LOCK, _READ, dir_fd=root), "rb") as lock:
                # A line cut at the limit is no JSON, so a hostile lock costs no memory.
                lines = iter(lambda: lock.readline(_LONGEST_LINE), b"")
                return self._header_holds(next(lines, b"")) and self._records_hold(root, lines)
        finally:
            os.close(root)

    def _header_holds(self, line: bytes) -> bool:
        header = json.loads(line)
        self._found.clusters += 1
        self._found.warnings += header.pop("warnings")
        return bool(header == {"lock": 1, **self._expected})

    def _records_hold(self, root: int, lock: Iterable[bytes]) -> bool:
        """Compare each digest; files come sorted, so their directory is opened about once."""
        name, folder = "", root
        try:
            for line in lock:
                record = json.loads(line)
                if "file" not in record:
                    if not self._input_holds(record["input"], record["sha256"]):
                        return False
                    self.clusters.update(record.get("clusters", ()))
                    continue
                above, _, base = record["file"].rpartition("/")
                if above != name:
                    if folder != root:
                        os.close(folder)
                    name, folder = above, root
                    folder = _enter(root, above)
                if _digest(os.open(base, _READ, dir_fd=folder)) != record["sha256"]:
                    return False
                self._found.files += 1
        finally:
            if folder != root:
                os.close(folder)
        return True

    def _input_holds(self, path: str, sha: str) -> bool:
        if path not in self.inputs:
            place = os.path.join(self._project, path)  # noqa: PTH118  # pathlib is a slow import
            self.inputs[path] = _digest(os.open(place, os.O_RDONLY | os.O_NONBLOCK))
        return self.inputs[path] == sha


def _clusters(top: int) -> list[str]:
    """Return the directories that hold a lock; a staging directory is an unfinished build."""
    names = []
    with os.scandir(top) as entries:
        for entry in entries:
            if entry.name.startswith(_STAGING):
                raise ValueError(entry.name)
            if entry.is_dir(follow_symlinks=False) and _has_lock(top, entry.name):
                names.append(entry.name)
    return sorted(names)


def _has_lock(top: int, name: str) -> bool:
    try:
        os.stat(f"{name}/{_LOCK}", dir_fd=top)
    except FileNotFoundError:
        return False
    return True


def _enter(root: int, folder: str) -> int:
    """Open a directory below the cluster component by component, which refuses every link."""
    place = root
    for name in folder.split("/") if folder else ():
        try:
            below = os.open(name, _DIRECTORY, dir_fd=place)
        finally:
            if place != root:
                os.close(place)
        place = below
    return place


def _digest(fd: int) -> str:
    try:
        total = hashlib.sha256()
        while chunk := os.read(fd, _CHUNK):
            total.update(chunk)
        return total.hexdigest()
    finally:
        os.close(fd)
