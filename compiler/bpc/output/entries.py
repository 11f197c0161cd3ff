"""The files of one cluster under construction, in about 150 bytes each."""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterator

from bpc.output.errors import OutputError
from bpc.output.paths import folders_above, path_fault

_SHA256 = 32
# Numbers as objects cost 40 bytes each, so only this many exist at a time.
_RUN = 4096


class Entries:
    """Path, digest and owner of every file, and whether the file on disk differs from it.

    The digests lie end to end in the order of arrival, which is the order of the dictionary; an object
    per file would double the memory.
    """

    def __init__(self) -> None:
        self._owners: dict[bytes, str] = {}
        self._digests = bytearray()
        self._differs = bytearray()
        self._folders: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._owners)

    def __contains__(self, path: str) -> bool:
        return path.encode() in self._owners

    @property
    def folders(self) -> frozenset[str]:
        """Every directory that holds a file, and those above it."""
        return frozenset(self._folders)

    @property
    def changed(self) -> int:
        """How many files differ from the disk."""
        return self._differs.count(1)

    def add(self, path: str, sha: bytes, owner: str) -> int:
        """Take a file in and return its number; a path that cannot stand beside the others is refused."""
        if fault := path_fault(path):
            raise _refused(path, owner, fault)
        key = path.encode()
        if key in self._owners:
            raise _refused(path, owner, f"`{self._owners[key]}` writes it too")
        if path in self._folders:
            raise _refused(path, owner, f"`{self._folders[path]}` writes files below it")
        self._enter(path, owner)
        number = len(self._owners)
        self._owners[key] = owner
        self._digests += sha
        self._differs.append(0)
        return number

    def mark(self, number: int) -> None:
        """Note that the file on disk differs."""
        self._differs[number] = 1

    def waiting(self) -> Iterator[int]:
        """Yield the number of every file that differs, in order of arrival."""
        return (number for number, differs in enumerate(self._differs) if differs)

    def moves(self) -> Iterator[tuple[str, int]]:
        """Yield path and number of every file that differs, sorted by path."""
        for path, number in self._sorted():
            if self._differs[number]:
                yield path, number

    def digests(self) -> Iterator[tuple[str, bytes, bool]]:
        """Yield path, digest and whether the disk differs, sorted by path."""
        for path, number in self._sorted():
            yield path, self._digest(number), bool(self._differs[number])

    def rows(self) -> Iterator[tuple[str, bytes, str]]:
        """Yield path, digest and owner, sorted by path."""
        for path, number in self._sorted():
            yield path, self._digest(number), self._owners[path.encode()]

    def _enter(self, path: str, owner: str) -> None:
        for folder in folders_above(path):
            if folder in self._folders:
                return
            if folder in self:
                raise _refused(path, owner, f"`{self._owners[folder.encode()]}` writes `{folder}`")
            self._folders[folder] = owner

    def _digest(self, number: int) -> bytes:
        return bytes(self._digests[number * _SHA256 : (number + 1) * _SHA256])

    def _sorted(self) -> Iterator[tuple[str, int]]:
        paths = list(self._owners)
        runs = [
            array("I", sorted(range(start, min(start + _RUN, len(paths))), key=paths.__getitem__))
            for start in range(0, len(paths), _RUN)
        ]
        for number in heapq.merge(*runs, key=paths.__getitem__):
            yield paths[number].decode(), number


def _refused(path: str, owner: str, fault: str) -> OutputError:
    return OutputError(f"`{owner}` cannot write `{path}`: {fault}", "rename one of them", (path,))
