"""`bpc.lock`: what a cluster directory was built from, and the digest of every file in it.

JSON Lines, so that it merges line by line and can be read and written without holding it in memory:
one header, then the inputs, then the files, each sorted by path. It carries no date, so the same
build always writes the same bytes. The name has no extension because Argo CD loads `*.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bpc.output.errors import OutputError
from bpc.output.files import Files
from bpc.output.paths import path_fault

_FORMAT: Final = 1
_SHA256 = re.compile("[0-9a-f]{64}")
_CONFLICT = (b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>")


@dataclass(frozen=True, slots=True)
class LockHeader:
    """What, beside the policies, decided the bytes of a cluster directory.

    `bpc` is the release, `templates` the digest of all templates, `tzdata` the release of the time
    zone rules, `warnings` how many the build printed, `options` every setting that changes the output.
    """

    bpc: str
    templates: str
    tzdata: str
    warnings: int = 0
    options: Mapping[str, str] = field(default_factory=dict)

    def record(self) -> dict[str, object]:
        """Return the header as the lock's first line holds it."""
        return {
            "lock": _FORMAT,
            "bpc": self.bpc,
            "templates": self.templates,
            "tzdata": self.tzdata,
            "warnings": self.warnings,
            "options": dict(sorted(self.options.items())),
        }


@dataclass(frozen=True, slots=True, order=True)
class Input:
    """A policy file: its path in the project, its SHA-256, and the clusters that it defines.

    The clusters let the up-to-date check notice a cluster directory that is missing as a whole.
    """

    path: str
    sha256: str
    clusters: tuple[str, ...] = ()


def render_lock(
    header: LockHeader,
    inputs: Iterable[Input],
    files: Iterable[tuple[str, bytes, str]],
) -> Iterator[bytes]:
    """Yield the lines of a lock; `files` are (path, SHA-256, owner), sorted by path."""
    yield _line(header.record())
    for source in sorted(inputs):
        defines = {"clusters": sorted(source.clusters)} if source.clusters else {}
        yield _line({"input": source.path, "sha256": source.sha256, **defines})
    for path, sha, owner in files:
        yield _line({"file": path, "sha256": sha.hex(), "owner": owner})


class Lock:
    """A lock on disk, read again from its start by every question put to it."""

    def __init__(self, files: Files, path: str) -> None:
        self._files = files
        self._path = path
        self.exists = False
        self.merging = False
        for line in self._lines():
            self.exists = True
            self.merging |= line.startswith(_CONFLICT)

    def header(self) -> dict[str, object]:
        """Return the header; empty where there is no lock or two sides of a merge claim it."""
        if not self.exists or self.merging:
            return {}
        record = next(self._records())
        if record.get("lock") == _FORMAT:
            return record
        raise OutputError(
            f"`{self._shown}` has the format `{record.get('lock')}`, this bpc knows {_FORMAT}",
            "use the release of bpc that wrote it, or a newer one",
            (self._shown,),
        )

    def inputs(self) -> Iterator[tuple[str, str]]:
        """Yield the path and the SHA-256 of every input, sorted unless in the middle of a merge."""
        for record in self._records():
            if "input" in record:
                yield str(record["input"]), str(record.get("sha256"))
            elif "file" in record:
                return

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the path and the SHA-256 of every file, sorted.

        A lock with the marks of an unfinished merge yields the files of both sides, so that the next
        build can replace either.
        """
        return iter(sorted(self._owned())) if self.merging else self._owned()

    @property
    def _shown(self) -> str:
        return self._files.folders.shown(self._path)

    def _owned(self) -> Iterator[tuple[str, bytes]]:
        last = ""
        for record in self._records():
            path, sha = record.get("file"), record.get("sha256")
            if path is None:
                continue
            if not isinstance(path, str) or path_fault(path):
                raise self._damaged(path)
            if not isinstance(sha, str) or not _SHA256.fullmatch(sha):
                raise self._damaged(path)
            if path < last and not self.merging:
                raise self._damaged(path)
            last = path
            yield path, bytes.fromhex(sha)

    def _records(self) -> Iterator[dict[str, object]]:
        for line in self._lines():
            if self.merging and line.startswith(_CONFLICT):
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise self._damaged(line[:80].decode(errors="replace").strip()) from error
            if not isinstance(record, dict):
                raise self._damaged(record)
            yield record

    def _lines(self) -> Iterator[bytes]:
        return self._files.lines(self._path) or iter(())

    def _damaged(self, found: object) -> OutputError:
        return OutputError(
            f"`{self._shown}` is damaged at `{found}`",
            "restore it from version control; without one, delete it and run `bpc build --force`",
            (self._shown,),
        )


def _line(record: Mapping[str, object]) -> bytes:
    return json.dumps(record).encode() + b"\n"
