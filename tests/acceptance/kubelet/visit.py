"""Interfering with a pod while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.kubelet.machine import MachineError, Podman

_POLL_SECONDS = 0.02
_START_SECONDS = 60


@dataclass(frozen=True)
class Pod:
    """A pod whose containers run, for a test that interferes with them. Attempts count from 0."""

    name: str
    namespace: str
    attempt: int
    containers: tuple[str, ...]
    _podman: Podman = field(repr=False)
    _logs: Path = field(repr=False)

    def kill(self, container: str, signal: str = "KILL") -> None:
        """Send a signal to the first process of a container, unless it has ended."""
        self._podman.call("kill", f"--signal={signal}", self._full(container), check=False)

    def exec(self, container: str, *argv: str) -> str:
        """Run a command inside a container and return what it prints."""
        return self._podman.call("exec", self._full(container), *argv)

    def log(self, container: str) -> str:
        """Return what a container has printed so far."""
        path = self._logs / f"{container}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def wait_for(self, container: str, text: str, *, seconds: float = 30) -> None:
        """Wait until a container has printed a text."""
        limit = time.monotonic() + seconds
        while text not in self.log(container):
            if time.monotonic() > limit:
                raise TimeoutError(f"{container} did not print `{text}`")
            time.sleep(_POLL_SECONDS)

    def _full(self, container: str) -> str:
        return f"{self.name}.{container}"


OnStart = Callable[[Pod], None]


@contextmanager
def visiting(pod: Pod, on_start: OnStart, started: Callable[[], bool]) -> Iterator[None]:
    """Call `on_start` in a thread once the containers have started; raise what it raises."""
    faults: list[BaseException] = []

    def visit() -> None:
        try:
            _wait(started)
            on_start(pod)
        except BaseException as error:
            faults.append(error)

    visitor = threading.Thread(target=visit, daemon=True)
    visitor.start()
    try:
        yield
    finally:
        visitor.join(_START_SECONDS)
        if visitor.is_alive():
            raise MachineError("`on_start` does not return")
        if faults:
            raise faults[0]


def _wait(started: Callable[[], bool]) -> None:
    limit = time.monotonic() + _START_SECONDS
    while not started():
        if time.monotonic() > limit:
            raise MachineError("the containers did not start")
        time.sleep(_POLL_SECONDS)
