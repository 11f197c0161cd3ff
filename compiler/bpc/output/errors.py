"""What can go wrong with the output tree, in words for the person who must act."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

_HINTS = {
    errno.EACCES: "check who owns it and its permissions",
    errno.EPERM: "check who owns it, its permissions and its attributes",
    errno.EROFS: "mount the file system writable, or choose another output directory",
    errno.ENOSPC: "free some space, then run `bpc build` again",
    errno.EDQUOT: "free some of the quota, then run `bpc build` again",
    errno.EFBIG: "raise the limit on file sizes (`ulimit -f`)",
    errno.EIO: "the disk reports a fault: look at the system log before trying again",
    errno.EMFILE: "raise the limit on open files (`ulimit -n`)",
    errno.EXDEV: "a cluster directory must be on the same file system as the output directory",
    errno.ENOTDIR: "something that is not a directory stands where one must be: move it away",
    errno.EISDIR: "a directory stands where a file must be: move it away",
    errno.ENAMETOOLONG: "shorten the names in the policy",
    errno.ENOENT: "something removed it during the build: run `bpc build` again",
    errno.EEXIST: "something created it during the build: run `bpc build` again",
    errno.EINTR: "run `bpc build` again",
}


@dataclass(eq=False)
class OutputError(Exception):
    """The output tree cannot be read or written; `paths` are the files concerned."""

    message: str
    help: str = ""
    paths: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False)
class HandEditedError(OutputError):
    """A build would destroy work that is not its own; nothing was touched.

    `edited` are files that bpc wrote and a person changed, `foreign` those that bpc never wrote.
    """

    edited: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    @classmethod
    def of(cls, edited: Iterable[str], foreign: Iterable[str]) -> Self:
        """Say which files stand in the way and what to do about them."""
        changed, others = tuple(sorted(edited)), tuple(sorted(foreign))
        reasons = []
        if changed:
            reasons.append(f"{_files(changed)} changed by hand since bpc wrote them")
        if others:
            reasons.append(f"{_files(others)} not written by bpc")
        return cls(
            f"the build would overwrite {' and '.join(reasons)}",
            "move the changes to the policy, or overwrite them with `bpc build --force`",
            (*changed, *others),
            changed,
            others,
        )


def translate(error: OSError, action: str, path: str) -> OutputError:
    """Put a refusal of the operating system into words: what failed, on which file, what to try."""
    code = error.errno or errno.EIO
    reason = os.strerror(code).lower()
    return OutputError(f"cannot {action} `{path}`: {reason}", _HINTS.get(code, ""), (path,))


@contextmanager
def translated(action: str, path: str) -> Iterator[None]:
    """Translate every refusal of the operating system inside the block."""
    try:
        yield
    except OSError as error:
        raise translate(error, action, path) from error


def _files(paths: tuple[str, ...]) -> str:
    return "1 file" if len(paths) == 1 else f"{len(paths)} files"
