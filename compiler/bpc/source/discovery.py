"""Which files of a project are policies."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bpc.diagnostics import Finding, Span, Where
from bpc.source.codes import PATH_COLLISION, TOO_DEEP, TOO_LARGE
from bpc.source.folders import Refused, components, enter, opened, status_of, unreadable

MAX_TOTAL = 64 * 1024 * 1024
MAX_FILES = 50_000
_MAX_SEEN = 4 * MAX_FILES
_MAX_FOLDERS = 32
_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Discovery:
    """The policy files, relative to the root and sorted, and what keeps others from being read."""

    paths: tuple[str, ...]
    findings: tuple[Finding, ...]


def discover(root: Path, entries: Sequence[str], max_total: int = MAX_TOTAL) -> Discovery:
    """Return the policy files that `entries` name, or that lie below the directories they name.

    In a directory, those are `*.yaml` and `*.yml` at any depth; names that begin with a dot are passed
    over. A symbolic link that looks like a policy is a finding, because a policy that is skipped in
    silence is a backup that nobody makes. Entries are relative to `root` or lie below it. `max_total`
    counts the bytes of all files together.
    """
    walk = _Walk(max_total)
    for entry in entries:
        try:
            walk.start(root, _relative(root, entry))
        except Refused as refused:
            walk.findings.append(refused.finding)
        except _Enough:
            break
    paths = tuple(sorted(walk.sizes))
    return Discovery(paths, (*walk.findings, *_collisions(paths)))


class _Enough(Exception):  # noqa: N818  ends the walk; the finding is made where it is raised
    pass


class _Walk:
    def __init__(self, max_total: int) -> None:
        self.sizes: dict[str, int] = {}
        self.findings: list[Finding] = []
        self._seen = 0
        self._total = 0
        self._max_total = max_total

    def start(self, root: Path, parts: tuple[str, ...]) -> None:
        with opened(root, parts[:-1]) as folder:
            if not parts:
                self._folder(folder, ())
            elif stat.S_ISDIR(status_of(folder, parts[-1], "/".join(parts)).st_mode):
                self._enter(folder, parts)
            else:
                self._file(folder, parts)

    def _enter(self, folder: int, parts: tuple[str, ...]) -> None:
        path = "/".join(parts)
        if len(parts) > _MAX_FOLDERS:
            raise Refused(path, f"lies more than {_MAX_FOLDERS} directories deep", code=TOO_DEEP)
        inner = enter(folder, parts[-1], path)
        try:
            self._folder(inner, parts)
        finally:
            os.close(inner)

    def _folder(self, folder: int, parts: tuple[str, ...]) -> None:
        with os.scandir(folder) as entries:
            listed = list(islice(entries, _MAX_SEEN - self._seen + 1))
        self._seen += len(listed)
        if self._seen > _MAX_SEEN:
            self._enough(f"there are more than {_MAX_SEEN:,} files")
        for entry in sorted(listed, key=lambda entry: entry.name):
            if not entry.name.startswith("."):
                try:
                    self._visit(folder, entry, (*parts, entry.name))
                except Refused as refused:
                    self.findings.append(refused.finding)
                except OSError as error:
                    path = "/".join((*parts, entry.name))
                    self.findings.append(unreadable(path, error).finding)

    def _visit(self, folder: int, entry: os.DirEntry[str], parts: tuple[str, ...]) -> None:
        policy = entry.name.casefold().endswith(_SUFFIXES)
        if entry.is_dir(follow_symlinks=False):
            self._enter(folder, parts)
        elif policy or (entry.is_symlink() and entry.is_dir()):
            self._file(folder, parts)

    def _file(self, folder: int, parts: tuple[str, ...]) -> None:
        path = "/".join(parts)
        status = status_of(folder, parts[-1], path)
        if not stat.S_ISREG(status.st_mode):
            raise Refused(path, "is no ordinary file")
        if not path.isprintable():
            raise Refused(path, "has a character in its name that cannot be shown", "rename it")
        self._total += status.st_size if path not in self.sizes else 0
        self.sizes[path] = status.st_size
        if self._total > self._max_total:
            self._enough(f"the policies are larger than {self._max_total:,} bytes together")
        if len(self.sizes) > MAX_FILES:
            self._enough(f"there are more than {MAX_FILES:,} policies")

    def _enough(self, message: str) -> None:
        place = next(iter(self.sizes), "")
        self.findings.append(
            Finding(
                TOO_LARGE,
                message,
                Where(place),
                span=Span(place, 1, 1, 1, 1),
                help="build fewer at once",
            )
        )
        raise _Enough


def _relative(root: Path, entry: str) -> tuple[str, ...]:
    path = Path(entry)
    if path.is_absolute() and path.is_relative_to(root.absolute()):
        entry = path.relative_to(root.absolute()).as_posix()
    return components(entry)


def _collisions(paths: Iterable[str]) -> list[Finding]:
    """Find paths that a file system without case, or with its own Unicode form, takes for one."""
    first: dict[str, str] = {}
    findings = []
    for path in paths:
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
        other = first.setdefault(folded, path)
        if other != path:
            message = f"`{path}` and `{other}` are one file to some systems"
            related = ((Where(other), "the other file"),)
            span, advice = Span(path, 1, 1, 1, 1), "rename one of them"
            finding = Finding(PATH_COLLISION, message, Where(path), advice, "", related, span=span)
            findings.append(finding)
    return findings
