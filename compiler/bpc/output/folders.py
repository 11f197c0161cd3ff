"""Directories below the output root, each reached without following a symbolic link."""

from __future__ import annotations

import errno
import os
import stat
from typing import Final

from bpc.output.errors import OutputError, translate, translated
from bpc.output.paths import folder_of
from bpc.output.syscalls import Syscalls

DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# The longest path has 90 segments, so a walk can never evict a directory that it still needs.
_KEPT_OPEN: Final = 128
_NOT_A_DIRECTORY = frozenset({errno.ENOTDIR, errno.ELOOP, errno.EMLINK})
_KEPT = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.EBUSY})


class Folders:
    """A small cache of open directories; paths are relative to the root.

    Opening each component on its own with O_NOFOLLOW is what defeats a link planted in the middle of
    a path, which O_NOFOLLOW on the whole path would follow. A root of None is a tree that does not
    exist. Without `durable` nothing waits for the disk: a crash of the machine may then cost the tree.
    """

    def __init__(
        self, root: int | None, label: str, calls: Syscalls, *, durable: bool = True
    ) -> None:
        self.calls: Final = calls
        self.durable: Final = durable
        self._label = label
        self._root = root
        self._open: dict[str, int] = {}
        self._changed: set[str] = set()

    def shown(self, path: str) -> str:
        """Return the path as the user would write it."""
        return f"{self._label}/{path}" if path else self._label

    def open(self, folder: str) -> int | None:
        """Return a descriptor of the directory, or None where there is none."""
        if not folder:
            return self._root
        fd = self._open.pop(folder, None)
        if fd is not None:
            self._open[folder] = fd
            return fd
        above = self.open(folder_of(folder))
        return None if above is None else self._enter(above, folder)

    def make(self, folder: str) -> int:
        """Return a descriptor of the directory, created with mode 0755 where there is none."""
        fd = self.open(folder)
        if fd is not None:
            return fd
        parent, _, name = folder.rpartition("/")
        above = self.make(parent)
        with translated("create directory", self.shown(folder)):
            self.calls.mkdir(name, 0o755, dir_fd=above)
            self._changed.add(parent)
            fd = self._enter(above, folder)
            if fd is None:
                raise FileNotFoundError(errno.ENOENT, "")
            # The umask had its say on mkdir; a set-group-id bit inherited from the parent stays.
            self.calls.fchmod(fd, self.calls.fstat(fd).st_mode & 0o7000 | 0o755)
        return fd

    def remove(self, folder: str) -> None:
        """Remove the directory if it is there and empty."""
        self._drop(folder)
        parent, _, name = folder.rpartition("/")
        above = self.open(parent)
        if above is None:
            return
        try:
            self.calls.rmdir(name, dir_fd=above)
        except OSError as error:
            if error.errno in _KEPT:
                return
            raise translate(error, "remove directory", self.shown(folder)) from error
        self._changed.discard(folder)
        self._changed.add(parent)

    def touch(self, folder: str) -> None:
        """Note that the entries of the directory changed, so that `sync` makes them durable."""
        self._changed.add(folder)

    def sync(self) -> None:
        """Wait until every changed directory is on the disk."""
        for folder in sorted(self._changed) if self.durable else ():
            fd = self.open(folder)
            if fd is None:
                continue
            try:
                self.calls.fsync(fd)
            except OSError as error:
                # Some file systems have nothing to synchronise in a directory and say so.
                if error.errno != errno.EINVAL:
                    raise translate(error, "write", self.shown(folder)) from error
        self._changed.clear()

    def forget(self) -> None:
        """Close every cached directory, so that the next walk sees what is there now."""
        for folder in list(self._open):
            self._drop(folder)

    def _enter(self, above: int, folder: str) -> int | None:
        name = folder.rpartition("/")[2]
        try:
            fd = self.calls.open(name, DIRECTORY, dir_fd=above)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno not in _NOT_A_DIRECTORY:
                raise translate(error, "open", self.shown(folder)) from error
            self._refuse_link(above, folder)
            return None
        if len(self._open) >= _KEPT_OPEN:
            self._drop(next(iter(self._open)))
        self._open[folder] = fd
        return fd

    def _refuse_link(self, above: int, folder: str) -> None:
        shown = self.shown(folder)
        with translated("open", shown):
            found = self.calls.stat(folder.rpartition("/")[2], dir_fd=above, follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode):
            raise OutputError(
                f"`{shown}` is a symbolic link",
                "bpc follows no link below its output directory: put a real directory there",
                (shown,),
            )

    def _drop(self, folder: str) -> None:
        fd = self._open.pop(folder, None)
        if fd is not None:
            self.calls.release(fd)
