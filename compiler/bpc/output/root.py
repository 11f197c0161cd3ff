"""The output root: reached without following a link, refused where it would be dangerous, locked."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from bpc.output.errors import OutputError, translate, translated
from bpc.output.folders import DIRECTORY
from bpc.output.syscalls import Syscalls

# Directories above the root are only passed through, so execute permission must be enough.
_PASS_THROUGH: Final = getattr(os, "O_PATH", os.O_RDONLY) | DIRECTORY


@contextmanager
def locked_root(
    root: Path, forbidden: Iterable[Path], calls: Syscalls, *, readonly: bool
) -> Iterator[int | None]:
    """Hold the root open and locked; None where it does not exist and may not be created.

    The lock is the kernel's and ends with the process, so a dead build never leaves one behind.
    Readers share it among themselves.
    """
    made: list[Path] = []
    fd, held = None, False
    try:
        with translated("open", str(root)):
            fd = _walk(root, calls, None if readonly else made)
        if fd is not None:
            _refuse_protected(fd, root, forbidden, calls)
            _lock(fd, root, calls, readonly=readonly)
            held = True
        yield fd
    finally:
        # A refused build leaves no empty directory behind. Without the lock, the directory may be
        # the one that another build is about to fill.
        for path in reversed(made) if held else ():
            with suppress(OSError):
                calls.rmdir(path)
        if fd is not None:
            calls.release(fd)


def _walk(root: Path, calls: Syscalls, made: list[Path] | None) -> int | None:
    """Open every component of the path in turn; `made` collects those that had to be created."""
    place = Path("/")
    target = Path(os.path.abspath(root))  # noqa: PTH100  # resolve() would follow links
    fd = calls.open(place, _PASS_THROUGH)
    for name in target.parts[1:]:
        place /= name
        try:
            below = _step(fd, place, calls, made, last=place == target)
        finally:
            calls.release(fd)
        if below is None:
            return None
        fd = below
    return fd


def _step(
    above: int, place: Path, calls: Syscalls, made: list[Path] | None, *, last: bool
) -> int | None:
    try:
        return calls.open(place.name, DIRECTORY if last else _PASS_THROUGH, dir_fd=above)
    except FileNotFoundError:
        return None if made is None else _create(above, place, calls, made)
    except OSError as error:
        _refuse_link(above, place, calls)
        raise translate(error, "open", str(place)) from error


def _create(above: int, place: Path, calls: Syscalls, made: list[Path]) -> int:
    with translated("create directory", str(place)):
        # Another build may be creating it at this moment: the lock will decide between the two.
        with suppress(FileExistsError):
            calls.mkdir(place.name, 0o755, dir_fd=above)
            made.append(place)
        fd = calls.open(place.name, DIRECTORY, dir_fd=above)
        try:
            calls.fchmod(fd, calls.fstat(fd).st_mode & 0o7000 | 0o755)
        except OSError:
            calls.release(fd)
            raise
        return fd


def _refuse_link(above: int, place: Path, calls: Syscalls) -> None:
    with translated("open", str(place)):
        found = calls.stat(place.name, dir_fd=above, follow_symlinks=False)
    if stat.S_ISLNK(found.st_mode):
        raise OutputError(
            f"`{place}` is a symbolic link",
            "bpc writes through no link: name the real directory",
            (str(place),),
        )


def _refuse_protected(fd: int, root: Path, forbidden: Iterable[Path], calls: Syscalls) -> None:
    """Refuse a root that is, or holds, the file system's root or a directory the caller protects."""
    with translated("open", str(root)):
        here = calls.fstat(fd)
    for path in (Path("/"), *forbidden):
        real = path.resolve()
        for place in (real, *real.parents):
            with suppress(OSError):
                if os.path.samestat(place.stat(), here):
                    raise OutputError(
                        f"`{root}` cannot be the output directory: it is or holds `{path}`",
                        "name a directory that holds nothing but the output, such as `output`",
                        (str(root),),
                    )


def _lock(fd: int, root: Path, calls: Syscalls, *, readonly: bool) -> None:
    busy = f"another bpc is at work in `{root}`"
    try:
        calls.flock(fd, (fcntl.LOCK_SH if readonly else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        orphaned = calls.fstat(fd).st_nlink == 0
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EACCES}:
            help_text = "wait until it ends; a build that died holds no lock"
            raise OutputError(busy, help_text, (str(root),)) from error
        raise translate(error, "lock", str(root)) from error
    if orphaned:
        raise OutputError(busy, "run the command again", (str(root),))
