"""How a cluster directory on disk differs from what its policies say.

`bpc check` prints these differences and `bpc build` acts on them, so the two can never disagree.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Literal

from bpc.output.cause import DELETED, EDITED, FOREIGN, OBSTACLE, PARTIAL, Reason
from bpc.output.entries import Entries
from bpc.output.files import A_DIRECTORY, Files
from bpc.output.lock import Lock


class Kind(StrEnum):
    """How a path differs."""

    CHANGED = "changed"
    MISSING = "missing"
    STALE = "stale"
    HAND_EDITED = "hand-edited"
    FOREIGN = "foreign"
    OBSTACLE = "obstacle"


@dataclass(frozen=True, slots=True)
class Drift:
    """One path, relative to the output root, that a build would write or delete, and why.

    A build refuses the kinds `hand-edited` and `foreign` unless it is forced, and `obstacle` always.
    """

    path: str
    kind: Kind
    reason: Reason
    action: Literal["write", "delete"]


class _Source(IntEnum):
    """Who says something about a path: the new state, the old lock, or an unfinished build."""

    SAME = 0
    DIFFERS = 1
    LISTED = 2
    PENDING = 3


@dataclass(slots=True)
class _Row:
    """All that is known about one path."""

    path: str
    new: bytes | None = None
    differs: bool = False
    listed: set[bytes] = field(default_factory=set)
    pending: set[bytes] = field(default_factory=set)


class Comparison:
    """The differences of one cluster directory, found in one pass over sorted lists.

    `standing` fills during the pass with the directories that stand where a file must go.
    """

    def __init__(
        self,
        files: Files,
        cluster: str,
        entries: Entries,
        lock: Lock,
        pending: Iterable[tuple[str, bytes]],
        reason: Reason,
    ) -> None:
        self.standing: list[str] = []
        self._files = files
        self._cluster = cluster
        self._entries = entries
        self._lock = lock
        self._pending = pending
        self.reason = reason

    def drifts(self) -> Iterator[Drift]:
        """Yield the difference of every file, sorted by path, then what stands in a build's way."""
        occupied = self._occupied()
        leaving: set[str] = set()
        for row in self._rows():
            drift = self._deleted(row) if row.new is None else self._written(row, row.new)
            if drift is None:
                continue
            if drift.action == "delete":
                occupied.discard(drift.path)
                if any(drift.path.startswith(f"{folder}/") for folder in self.standing):
                    leaving.add(drift.path)
            yield drift
        in_the_way = [path for folder in self.standing for path in _below(self._files, folder)]
        for path in sorted(occupied.union(in_the_way) - leaving):
            yield Drift(path, Kind.OBSTACLE, OBSTACLE, "write")

    def _occupied(self) -> set[str]:
        """Return the places of directories where something that is no directory stands."""
        folders = [self._cluster, *map(self._at, self._entries.folders)] if self._entries else []
        return {
            folder for folder in folders if self._files.digest(folder) not in {None, A_DIRECTORY}
        }

    def _rows(self) -> Iterator[_Row]:
        new = (
            (path, _Source.DIFFERS if differs else _Source.SAME, sha)
            for path, sha, differs in self._entries.digests()
        )
        old = ((path, _Source.LISTED, sha) for path, sha in self._lock.files())
        unfinished = ((path, _Source.PENDING, sha) for path, sha in self._pending)
        for path, claims in groupby(heapq.merge(new, old, unfinished), key=itemgetter(0)):
            row = _Row(self._at(path))
            for _, source, sha in claims:
                match source:
                    case _Source.LISTED:
                        row.listed.add(sha)
                    case _Source.PENDING:
                        row.pending.add(sha)
                    case _Source.SAME | _Source.DIFFERS:
                        row.new, row.differs = sha, source is _Source.DIFFERS
            yield row

    def _written(self, row: _Row, new: bytes) -> Drift | None:
        if not row.differs:
            return None
        found = self._files.digest(row.path)
        kind, reason = Kind.CHANGED, self.reason
        if found is None:
            kind, reason = Kind.MISSING, DELETED if new in row.listed else self.reason
        elif found == A_DIRECTORY:
            self.standing.append(row.path)
        elif found in row.pending - row.listed:
            reason = PARTIAL
        elif found not in row.listed | {new}:
            known = row.listed or row.pending
            kind, reason = (Kind.HAND_EDITED, EDITED) if known else (Kind.FOREIGN, FOREIGN)
        return Drift(row.path, kind, reason, "write")

    def _deleted(self, row: _Row) -> Drift | None:
        found = self._files.digest(row.path)
        if found is None or found == A_DIRECTORY:
            return None
        if found in row.listed:
            return Drift(row.path, Kind.STALE, self.reason, "delete")
        if found in row.pending:
            return Drift(row.path, Kind.STALE, PARTIAL, "delete")
        return Drift(row.path, Kind.HAND_EDITED, EDITED, "delete")

    def _at(self, path: str) -> str:
        return f"{self._cluster}/{path}"


def _below(files: Files, folder: str) -> Iterator[str]:
    """Yield everything below a directory that is not a directory itself."""
    for name, is_folder in files.entries(folder):
        path = f"{folder}/{name}"
        if is_folder:
            yield from _below(files, path)
        else:
            yield path
