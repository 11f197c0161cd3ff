"""One cluster directory under construction: files stream in, then the whole of it is put in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import IO

from bpc.output.cause import GONE, PARTIAL, Reason, reason_for
from bpc.output.compare import Comparison, Drift, Kind
from bpc.output.entries import Entries
from bpc.output.errors import OutputError
from bpc.output.examination import Verdict, examine
from bpc.output.files import CHUNK, Files
from bpc.output.lock import Input, Lock, LockHeader, render_lock
from bpc.output.paths import LOCK_NAME
from bpc.output.staging import Staging
from bpc.output.switch import Switch


@dataclass(frozen=True, slots=True)
class Changes:
    """What a commit did to one cluster directory; `foreign` are paths in it that bpc never wrote."""

    cluster: str
    written: int
    unchanged: int
    removed: int
    foreign: tuple[str, ...]


class ClusterWriter:
    """Takes the files of one cluster; nothing in its directory changes before the tree is committed.

    A file that is on disk with the same bytes is left alone; every other one waits in the staging
    directory. A cluster without a header is to be removed.
    """

    def __init__(
        self,
        files: Files,
        cluster: str,
        header: LockHeader | None,
        inputs: Sequence[Input],
        *,
        readonly: bool,
    ) -> None:
        self._files = files
        self._cluster = cluster
        self._header = header
        self._inputs = inputs
        self._readonly = readonly
        self._entries = Entries()
        self._staging = Staging(files, cluster)
        self._lock_path = f"{cluster}/{LOCK_NAME}"
        if not readonly:
            self._staging.recover()

    def add(self, path: str, content: bytes, owner: str) -> None:
        """Take a file; `path` is relative to the cluster directory, `owner` the policy it comes from."""
        self._take(path, owner, sha256(content).digest(), (content,))

    def add_spooled(self, path: str, spool: IO[bytes], owner: str) -> None:
        """Take a file from a seekable stream, without ever holding it in memory."""
        total = sha256()
        for chunk in _chunks(spool):
            total.update(chunk)
        self._take(path, owner, total.digest(), _chunks(spool))

    def drift(self) -> Iterator[Drift]:
        """Yield how the directory on disk differs from what was added."""
        return self._drifts(self._comparison())

    def prepare(self, *, force: bool, allow_empty: bool) -> Callable[[], Changes]:
        """Refuse what would destroy the work of others; return the step that does the rest."""
        if self._header is not None and not (self._entries or allow_empty):
            self._refuse_emptied()
        comparison = self._comparison()
        verdict = examine(self._drifts(comparison), self._files.folders.shown, force=force)
        return partial(self._commit, verdict, comparison.standing)

    def settle(self, warnings: int) -> None:
        """Say how many warnings the build printed, once that is known."""
        if self._header is not None:
            self._header = replace(self._header, warnings=warnings)

    def abandon(self) -> None:
        """Remove what waited; the record of a build that died half-way stays."""
        self._staging.abandon()

    def _take(self, path: str, owner: str, digest: bytes, chunks: Iterable[bytes]) -> None:
        number = self._entries.add(path, digest, owner)
        if self._files.digest(f"{self._cluster}/{path}") != digest:
            self._entries.mark(number)
            if not self._readonly:
                self._staging.put(number, chunks)

    def _comparison(self) -> Comparison:
        lock = Lock(self._files, self._lock_path)
        pending = self._staging.written()
        return Comparison(
            self._files, self._cluster, self._entries, lock, pending, self._reason(lock)
        )

    def _reason(self, lock: Lock) -> Reason:
        if self._staging.unfinished:
            return PARTIAL
        return GONE if self._header is None else reason_for(lock, self._header, self._inputs)

    def _drifts(self, comparison: Comparison) -> Iterator[Drift]:
        yield from comparison.drifts()
        found = self._files.digest(self._lock_path)
        if self._header is None:
            if found is not None:
                yield Drift(self._lock_path, Kind.STALE, comparison.reason, "delete")
            return
        total = sha256()
        for line in self._lock_lines(self._header):
            total.update(line)
        if found != total.digest():
            kind = Kind.MISSING if found is None else Kind.CHANGED
            yield Drift(self._lock_path, kind, comparison.reason, "write")

    def _lock_lines(self, header: LockHeader) -> Iterator[bytes]:
        return render_lock(header, self._inputs, self._entries.rows())

    def _refuse_emptied(self) -> None:
        if any(Lock(self._files, self._lock_path).files()):
            shown = self._files.folders.shown(self._cluster)
            raise OutputError(
                f"nothing is left to write to `{shown}`, which holds the files of an earlier build",
                "check which policies were found; `bpc build --allow-empty` empties it on purpose",
                (shown,),
            )

    def _commit(self, verdict: Verdict, standing: list[str]) -> Changes:
        removed = [path for path in verdict.removed if path != self._lock_path]
        switch = Switch(self._files, self._cluster, self._entries, removed, standing)
        if self._header is None:
            switch.dissolve(self._staging, self._lock_path)
        elif verdict.drifted:
            switch.run(self._staging, self._lock_lines(self._header), self._lock_path)
        else:
            self._staging.clear()
        return Changes(
            self._cluster,
            written=self._entries.changed,
            unchanged=len(self._entries) - self._entries.changed,
            removed=len(removed),
            foreign=tuple(sorted(self._foreign())),
        )

    def _foreign(self) -> Iterator[str]:
        """Yield what bpc did not write; a directory of nothing else is one path, with a slash."""
        folders = self._entries.folders
        for folder in ("", *folders):
            for name, is_folder in self._files.entries(f"{self._cluster}/{folder}".rstrip("/")):
                path = f"{folder}/{name}".lstrip("/")
                if is_folder and path not in folders:
                    yield f"{path}/"
                elif not is_folder and path not in self._entries and path != LOCK_NAME:
                    yield path


def _chunks(spool: IO[bytes]) -> Iterator[bytes]:
    spool.seek(0)
    return iter(partial(spool.read, CHUNK), b"")
