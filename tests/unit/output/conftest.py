"""A small estate to build, and an operating system that fails on demand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from bpc.output.cluster import Changes
from bpc.output.compare import Drift
from bpc.output.lock import Input, LockHeader
from bpc.output.syscalls import Syscalls
from bpc.output.tree import OutputTree, open_tree

State = Mapping[str, Mapping[str, str]]
HEADER = LockHeader("0.1.0", "templates-1", "2026a")


def fill(tree: OutputTree, state: State, header: LockHeader = HEADER) -> None:
    """Stream the files of several clusters, turn by turn as the pipeline does, and drop the others."""
    digest = sha256(repr(sorted(state.items())).encode()).hexdigest()
    inputs = [Input("policies/shop.yaml", digest, tuple(state))]
    writers = {name: tree.cluster(name, header, inputs) for name in state}
    todo = {name: list(files.items()) for name, files in state.items()}
    while any(todo.values()):
        for name, files in todo.items():
            if files:
                path, content = files.pop(0)
                writers[name].add(path, content.encode(), "shop")
    for name in tree.stale_clusters(set(state)):
        tree.remove_cluster(name)


def build_tree(
    root: Path,
    state: State,
    *,
    header: LockHeader = HEADER,
    calls: Syscalls | None = None,
    force: bool = False,
    allow_empty: bool = False,
) -> list[Changes]:
    with open_tree(root, calls=calls, durable=calls is not None) as tree:
        fill(tree, state, header)
        return tree.commit(force=force, allow_empty=allow_empty)


def check_tree(root: Path, state: State, header: LockHeader = HEADER) -> list[Drift]:
    with open_tree(root, readonly=True) as tree:
        fill(tree, state, header)
        return list(tree.drift())


def contents(root: Path) -> dict[str, bytes]:
    """Return every file below the root, hidden ones too."""
    return {
        os.path.relpath(f"{folder}/{name}", root): Path(folder, name).read_bytes()
        for folder, _, names in os.walk(root)
        for name in sorted(names)
    }


class Crash(BaseException):
    """The process died here: no later call of it reaches the system."""


class FaultyCalls(Syscalls):
    """Counts every call and makes number `at` fail: with an errno, a crash, or half a write.

    Waiting for the disk is counted but not done, which no test could tell from the real thing.
    """

    NAMES = (
        "open", "close", "read", "write", "fchmod", "fsync", "flush", "fstat", "stat", "scandir",
        "mkdir", "rmdir", "replace", "unlink", "flock",
    )  # fmt: skip

    def __init__(self, at: int = 0, fault: int | str = "none") -> None:
        self.count = 0
        self.names: list[str] = []
        self.open_now: set[int] = set()
        self._at = at
        self._fault = fault
        for name in self.NAMES:
            setattr(self, name, self._wrapped(name, getattr(Syscalls, name)))

    @property
    def reached(self) -> bool:
        return self.count >= self._at

    def close_all(self) -> None:
        """Do what the kernel does when a process dies."""
        for fd in self.open_now:
            os.close(fd)
        self.open_now.clear()

    def _wrapped(self, name: str, real: Callable) -> Callable:
        def call(*args: object, **kwargs: object) -> object:
            self.count += 1
            self.names.append(name)
            if name == "close":
                return self._close(*args)
            if self._fault == "crash" and self.count >= self._at:
                raise Crash
            if self.count == self._at and self._fault == "short":
                return real(args[0], args[1][: len(args[1]) // 2])
            self._fail()
            result = None if name in {"fsync", "flush"} else real(*args, **kwargs)
            if name == "open":
                self.open_now.add(result)
            return result

        return call

    def _close(self, fd: int) -> None:
        """Close even where it fails, as Linux does; what dies closes nothing itself."""
        if self._fault == "crash" and self.count >= self._at:
            return
        self.open_now.discard(fd)
        os.close(fd)
        self._fail()

    def _fail(self) -> None:
        if self.count == self._at and isinstance(self._fault, int):
            raise OSError(self._fault, os.strerror(self._fault))


@pytest.fixture
def build() -> Callable[..., list[Changes]]:
    return build_tree


@pytest.fixture
def check() -> Callable[..., list[Drift]]:
    return check_tree


@pytest.fixture
def read() -> Callable[[Path], dict[str, bytes]]:
    return contents


@pytest.fixture
def faulty() -> type[FaultyCalls]:
    return FaultyCalls


@pytest.fixture
def crash() -> type[Crash]:
    return Crash


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "output"


@pytest.fixture
def umask() -> Iterator[Callable[[int], None]]:
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)
