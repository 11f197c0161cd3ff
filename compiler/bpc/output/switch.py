"""The step from the old state of a cluster directory to the new one, in an order that survives a crash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from bpc.output.entries import Entries
from bpc.output.errors import OutputError
from bpc.output.files import Files
from bpc.output.paths import folders_above
from bpc.output.staging import Staging

_HALF_WAY = (
    "the cluster directory is half new, half old: run `bpc build` again, it finishes the work"
)


class Switch:
    """Moves the staged files of one cluster into place and takes the removed ones away.

    `standing` are directories, without a file that stays, where a file must go.
    """

    def __init__(
        self,
        files: Files,
        cluster: str,
        entries: Entries,
        removed: Sequence[str],
        standing: Sequence[str],
    ) -> None:
        self._files = files
        self._cluster = cluster
        self._entries = entries
        self._removed = removed
        self._standing = standing
        self._kept = {f"{cluster}/{folder}" for folder in entries.folders} | {cluster}

    def run(self, staging: Staging, journal: Iterable[bytes], lock: str) -> None:
        """Bring the new state in; the lock moves last, when all that it names is on the disk."""
        staging.seal(self._entries, journal)
        with _half_way():
            self._clear_the_way()
            for path, number in self._entries.moves():
                staging.move(number, f"{self._cluster}/{path}")
            self._take_away()
            self._files.folders.sync()
            staging.finish(lock)
            staging.clear()

    def dissolve(self, staging: Staging, lock: str) -> None:
        """Take a whole cluster away; its lock goes last, so that an unfinished removal can go on."""
        with _half_way():
            self._take_away()
            self._files.folders.sync()
            self._files.unlink(lock)
            self._files.folders.sync()
            staging.clear()
            self._files.folders.remove(self._cluster)

    def _clear_the_way(self) -> None:
        """Remove what stands where the new state needs a directory or a file, before anything moves."""
        standing = [f"{folder}/" for folder in self._standing]
        for path in self._removed:
            if path in self._kept or any(path.startswith(folder) for folder in standing):
                self._files.unlink(path)
        for folder in self._standing:
            self._remove_empty(folder)

    def _take_away(self) -> None:
        emptied: set[str] = set()
        for path in self._removed:
            if path not in self._kept:
                self._files.unlink(path)
            emptied.update(folders_above(path))
        for folder in sorted(emptied - self._kept, key=len, reverse=True):
            self._files.folders.remove(folder)

    def _remove_empty(self, folder: str) -> None:
        for name in [name for name, is_folder in self._files.entries(folder) if is_folder]:
            self._remove_empty(f"{folder}/{name}")
        self._files.folders.remove(folder)


@contextmanager
def _half_way() -> Iterator[None]:
    """Tell the user that the next build repairs what a failure inside the block leaves behind."""
    try:
        yield
    except OutputError as error:
        advice = f"{error.help}; {_HALF_WAY}" if error.help else _HALF_WAY
        raise OutputError(error.message, advice, error.paths) from error
