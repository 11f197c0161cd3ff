"""Files below the output root: read, created, replaced and removed through directory descriptors."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Final

from bpc.output.errors import OutputError, translate, translated
from bpc.output.folders import Folders

CHUNK: Final = 1 << 16
_LONGEST_LINE = 1 << 20

# What `digest` answers where there is no regular file; no SHA-256 is that short.
A_DIRECTORY: Final = b"directory"
NOT_A_FILE: Final = b"not a file"

# O_NONBLOCK: opening a planted FIFO must not wait for a writer.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_SPECIAL = frozenset({errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.ENODEV, errno.EOPNOTSUPP})


class Files:
    """The files of one output tree; every path is relative to its root."""

    def __init__(self, folders: Folders) -> None:
        self.folders: Final = folders
        self._calls = folders.calls

    def digest(self, path: str) -> bytes | None:
        """Return the SHA-256 of a regular file, a word for anything else, None for nothing."""
        with translated("read", self.folders.shown(path)):
            fd = self._open(path)
            if fd is None or isinstance(fd, bytes):
                return fd
            try:
                total = sha256()
                while chunk := self._calls.read(fd, CHUNK):
                    total.update(chunk)
                return total.digest()
            finally:
                self._calls.release(fd)

    def lines(self, path: str) -> Iterator[bytes] | None:
        """Return the lines of a regular file with their ends, or None where there is no file."""
        shown = self.folders.shown(path)
        with translated("read", shown):
            fd = self._open(path)
        if isinstance(fd, bytes):
            raise OutputError(f"`{shown}` is not a regular file", "move it away", (shown,))
        return None if fd is None else self._lines(fd, shown)

    def create(self, path: str, chunks: Iterable[bytes]) -> None:
        """Write a new file with mode 0644; its directory is created where it is missing."""
        folder, _, name = path.rpartition("/")
        parent = self.folders.make(folder)
        with translated("write", self.folders.shown(path)):
            fd = self._calls.open(name, _CREATE, 0o644, dir_fd=parent)
            try:
                for batch in _batches(chunks):
                    self._write(fd, batch)
                self._calls.fchmod(fd, 0o644)
            finally:
                self._calls.close(fd)
        self.folders.touch(folder)

    def replace(self, source: str, target: str) -> None:
        """Move a file to its place in one step; a link there is replaced, not followed."""
        folder, _, name = target.rpartition("/")
        above, _, staged = source.rpartition("/")
        with translated("write", self.folders.shown(target)):
            self._calls.replace(
                staged,
                name,
                src_dir_fd=self.folders.make(above),
                dst_dir_fd=self.folders.make(folder),
            )
        self.folders.touch(folder)
        self.folders.touch(above)

    def unlink(self, path: str) -> None:
        """Remove a file or a link; one that is gone already is no error."""
        folder, _, name = path.rpartition("/")
        parent = self.folders.open(folder)
        if parent is None:
            return
        try:
            self._calls.unlink(name, dir_fd=parent)
        except FileNotFoundError:
            return
        except OSError as error:
            raise translate(error, "remove", self.folders.shown(path)) from error
        self.folders.touch(folder)

    def flush(self, path: str) -> None:
        """Start writing a file to the disk."""
        self._settle(path, self._calls.flush)

    def sync(self, path: str) -> None:
        """Wait until a file is on the disk."""
        self._settle(path, self._calls.fsync)

    def entries(self, folder: str) -> Iterator[tuple[str, bool]]:
        """Return the names in a directory, each with whether it is a directory itself."""
        fd = self.folders.open(folder)
        if fd is None:
            return
        with translated("list", self.folders.shown(folder)), self._calls.scandir(fd) as found:
            for entry in found:
                yield entry.name, entry.is_dir(follow_symlinks=False)

    def _open(self, path: str) -> int | bytes | None:
        folder, _, name = path.rpartition("/")
        parent = self.folders.open(folder)
        if parent is None:
            return None
        try:
            fd = self._calls.open(name, _READ, dir_fd=parent)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in _SPECIAL:
                return NOT_A_FILE
            raise
        mode = 0
        try:
            mode = self._calls.fstat(fd).st_mode
        finally:
            if not stat.S_ISREG(mode):
                self._calls.release(fd)
        if stat.S_ISREG(mode):
            return fd
        return A_DIRECTORY if stat.S_ISDIR(mode) else NOT_A_FILE

    def _lines(self, fd: int, shown: str) -> Iterator[bytes]:
        rest = b""
        with translated("read", shown):
            try:
                while chunk := self._calls.read(fd, CHUNK):
                    *whole, rest = (rest + chunk).split(b"\n")
                    if len(rest) > _LONGEST_LINE:
                        raise OutputError(f"`{shown}` has a line without end", paths=(shown,))
                    for line in whole:
                        yield line + b"\n"
            finally:
                self._calls.release(fd)
        if rest:
            yield rest

    def _write(self, fd: int, batch: bytes) -> None:
        left = memoryview(batch)
        while left:
            written = self._calls.write(fd, left)
            if not written:
                raise OSError(errno.EIO, "")
            left = left[written:]

    def _settle(self, path: str, act: Callable[[int], None]) -> None:
        if not self.folders.durable:
            return
        with translated("write", self.folders.shown(path)):
            fd = self._open(path)
            if not isinstance(fd, int):
                raise FileNotFoundError(errno.ENOENT, "")
            try:
                act(fd)
            finally:
                self._calls.release(fd)


def _batches(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Join small pieces, so that a lock of many lines is written in few calls."""
    batch = bytearray()
    for chunk in chunks:
        batch += chunk
        if len(batch) >= CHUNK:
            yield bytes(batch)
            batch.clear()
    if batch:
        yield bytes(batch)
