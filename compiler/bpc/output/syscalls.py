"""The operating system as the writer sees it, in one object, so that tests can make any call fail."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress


class Syscalls:
    """Every call that the writer makes; each raises OSError as the system does."""

    open = staticmethod(os.open)
    close = staticmethod(os.close)
    read = staticmethod(os.read)
    write = staticmethod(os.write)
    fchmod = staticmethod(os.fchmod)
    fsync = staticmethod(os.fsync)
    fstat = staticmethod(os.fstat)
    stat = staticmethod(os.stat)
    mkdir = staticmethod(os.mkdir)
    rmdir = staticmethod(os.rmdir)
    replace = staticmethod(os.replace)
    unlink = staticmethod(os.unlink)
    flock = staticmethod(fcntl.flock)

    def release(self, fd: int) -> None:
        """Close what was not written to: nothing is lost, whatever the system answers."""
        with suppress(OSError):
            self.close(fd)

    @staticmethod
    def scandir(fd: int) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        """List an open directory."""
        return os.scandir(fd)

    @staticmethod
    def flush(fd: int) -> None:
        """Start writing a file to the disk without waiting for it, where the system can.

        One pass of this over all files before the pass of `fsync` makes the second about three times
        faster, because the disk then works on many files at once.
        """
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
