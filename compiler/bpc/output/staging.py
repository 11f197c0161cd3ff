"""The hidden directory beside a cluster directory in which its next state is made ready.

Three kinds of file live in it:

- numbered files: content that waits to be moved into its place;
- `journal`: the next lock, complete and on the disk before the first file moves. Moving it into the
  place of the lock is the last step, so a journal that is still here means an unfinished build;
- `owned`: what the journals of earlier unfinished builds said bpc wrote.

A file whose digest is in the lock, the journal or `owned` is bpc's own, whatever moment a crash chose.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator
from typing import Final

from bpc.output.entries import Entries
from bpc.output.files import Files
from bpc.output.lock import Lock

STAGING_PREFIX: Final = ".bpc."
_JOURNAL = "journal"
_OWNED = "owned"
_PART = ".part"


class Staging:
    """The staging directory of one cluster; it appears with the first file put into it."""

    def __init__(self, files: Files, cluster: str) -> None:
        self._files = files
        self._folder = STAGING_PREFIX + cluster

    @property
    def unfinished(self) -> bool:
        """Whether an earlier build died after it had begun to move files."""
        return any(Lock(self._files, self._at(name)).exists for name in (_JOURNAL, _OWNED))

    def written(self) -> Iterator[tuple[str, bytes]]:
        """Yield path and SHA-256 of every file that unfinished builds may have put in place, sorted."""
        locks = [Lock(self._files, self._at(name)) for name in (_OWNED, _JOURNAL)]
        return heapq.merge(*(lock.files() for lock in locks))

    def recover(self) -> None:
        """Keep what an unfinished build said it wrote, and remove everything else that is left."""
        if Lock(self._files, self._at(_JOURNAL)).exists:
            self._publish(_OWNED, _owned(self.written()))
            self._files.unlink(self._at(_JOURNAL))
        self._remove(keep={_OWNED})

    def put(self, number: int, chunks: Iterable[bytes]) -> None:
        """Keep the content of file `number` until it is moved into its place."""
        self._files.create(self._at(str(number)), chunks)

    def seal(self, entries: Entries, journal: Iterable[bytes]) -> None:
        """Make every waiting file durable, then leave the journal that names them all."""
        for settle in (self._files.flush, self._files.sync):
            for number in entries.waiting():
                settle(self._at(str(number)))
        self._publish(_JOURNAL, journal)

    def move(self, number: int, target: str) -> None:
        """Put file `number` in its place."""
        self._files.replace(self._at(str(number)), target)

    def finish(self, lock: str) -> None:
        """Make the journal the lock: the one step that turns the old state into the new one."""
        self._files.replace(self._at(_JOURNAL), lock)
        self._files.folders.sync()

    def clear(self) -> None:
        """Remove the directory with all that is in it, once the lock is true again."""
        self._remove(keep=set())

    def abandon(self) -> None:
        """Remove what no build will ever need: all but the record of an unfinished build."""
        self._remove(keep={_JOURNAL, _OWNED})

    def _publish(self, name: str, chunks: Iterable[bytes]) -> None:
        part = self._at(name + _PART)
        self._files.unlink(part)
        self._files.create(part, chunks)
        self._files.sync(part)
        self._files.replace(part, self._at(name))
        self._files.folders.sync()

    def _remove(self, keep: set[str]) -> None:
        for name in [name for name, _ in self._files.entries(self._folder) if name not in keep]:
            self._files.unlink(self._at(name))
        self._files.folders.remove(self._folder)

    def _at(self, name: str) -> str:
        return f"{self._folder}/{name}"


def _owned(written: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    for path, sha in written:
        yield json.dumps({"file": path, "sha256": sha.hex()}).encode() + b"\n"
