"""One attempt at a Job: init containers in their order, then all others at once."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.kubelet.container import Etc, arguments
from tests.acceptance.kubelet.environment import Identity, hosts_file
from tests.acceptance.kubelet.machine import MachineError, Podman, killed_for_memory
from tests.acceptance.kubelet.model import Container, PodSpec
from tests.acceptance.kubelet.outcome import ContainerOutcome, PodOutcome
from tests.acceptance.kubelet.visit import OnStart, Pod, visiting
from tests.acceptance.kubelet.volumes import Ready, prepared
from tests.acceptance.kubelet.world import World

_POLL_SECONDS = 0.02
_START_SECONDS = 60
_NEVER_STARTED = "0001-01-01"
_START_ERROR = 128
_NOT_EXECUTABLE = (126, 127)


class DeadlinePassed(Exception):  # noqa: N818 -- a state of the Job, not a fault
    """The Job's time is over. Its containers were stopped; `pod` is what they left."""

    def __init__(self, pod: PodOutcome) -> None:
        super().__init__(pod.name)
        self.pod = pod


@dataclass(frozen=True)
class Clock:
    """When to stop, in seconds of `time.monotonic()`: for the Job, and for the test."""

    deadline: float | None
    patience: float

    def expired(self) -> bool:
        """Tell whether the Job's deadline has passed; raise when the test has waited too long."""
        now = time.monotonic()
        if self.deadline is not None and now >= self.deadline:
            return True
        if now >= self.patience:
            raise TimeoutError("the Job still runs, and the test will not wait any longer")
        return False


@dataclass
class _Running:
    container: Container
    init: bool
    name: str
    log: Path
    process: subprocess.Popen[bytes]


@dataclass
class Attempt:
    """Runs one pod. `run` cleans up whatever happens."""

    spec: PodSpec
    pod: Identity
    number: int
    world: World
    podman: Podman
    directory: Path
    clock: Clock
    on_start: OnStart | None
    _all: list[_Running] = field(default_factory=list)

    def run(self) -> PodOutcome:
        """Return the end of the pod.

        Raises `ConfigError` if it cannot start, `DeadlinePassed`, and what `on_start` raises.
        """
        self.directory.mkdir(parents=True)
        with prepared(self.spec, self.pod, self.world, self.directory / "volumes") as volumes:
            try:
                return self._run(volumes)
            finally:
                self._remove()

    def _run(self, volumes: Mapping[str, Ready]) -> PodOutcome:
        etc = self._etc()
        ended: list[ContainerOutcome] = []
        for container in self.spec.init:
            ended += self._stage([self._start(container, volumes, etc, init=True)], ended)
            if ended[-1].exit_code:
                return PodOutcome(self.pod.name, tuple(ended), succeeded=False)
        running = [
            self._start(container, volumes, etc, init=False) for container in self.spec.containers
        ]
        ended += self._with_visitor(running, ended)
        good = all(container.exit_code == 0 for container in ended)
        return PodOutcome(self.pod.name, tuple(ended), good)

    def _etc(self) -> Etc:
        hosts = self.directory / "hosts"
        cluster = self.spec.cluster_names
        hosts.write_text(hosts_file(self.world, self.pod.namespace, self.pod.name, cluster=cluster))
        resolver = self.directory / "resolv.conf"
        # Nobody answers there: a name that the world does not know fails at once.
        resolver.write_text("nameserver 127.0.0.1\noptions attempts:1 timeout:1\n")
        hosts.chmod(0o644)
        resolver.chmod(0o644)
        return Etc(hosts, resolver)

    def _start(
        self, container: Container, volumes: Mapping[str, Ready], etc: Etc, *, init: bool
    ) -> _Running:
        flags = arguments(container, self.spec, self.pod, self.world, volumes, etc)
        name = f"{self.pod.name}.{container.name}"
        log = self.directory / f"{container.name}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                self.podman.argv("run", f"--name={name}", *flags),
                env=self.podman.environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd="/",
            )
        running = _Running(container, init, name, log, process)
        self._all.append(running)
        return running

    def _with_visitor(
        self, running: Sequence[_Running], before: Sequence[ContainerOutcome]
    ) -> list[ContainerOutcome]:
        if self.on_start is None:
            return self._stage(running, before)
        names = tuple(one.container.name for one in running)
        identity = self.pod
        pod = Pod(
            identity.name, identity.namespace, self.number, names, self.podman, self.directory
        )

        def started() -> bool:
            return all(self._has_started(one) for one in running)

        with visiting(pod, self.on_start, started):
            return self._stage(running, before)

    def _has_started(self, running: _Running) -> bool:
        if running.process.poll() is not None:
            return True
        query = ("container", "inspect", "--format={{json .State.StartedAt}}", running.name)
        started = self.podman.call(*query, check=False).strip()
        return bool(started) and _NEVER_STARTED not in started

    def _stage(
        self, running: Sequence[_Running], before: Sequence[ContainerOutcome]
    ) -> list[ContainerOutcome]:
        late = False
        while any(one.process.poll() is None for one in running):
            late = self.clock.expired()
            if late:
                self._stop(running)
                break
            time.sleep(_POLL_SECONDS)
        ended = [self._ended(one) for one in running]
        if late:
            pod = PodOutcome(self.pod.name, (*before, *ended), succeeded=False)
            raise DeadlinePassed(pod)
        return ended

    def _stop(self, running: Sequence[_Running]) -> None:
        # A container that podman is still creating cannot be stopped yet, so ask more than once.
        grace = self.spec.grace
        names = [one.name for one in running]
        limit = time.monotonic() + grace + _START_SECONDS
        while any(one.process.poll() is None for one in running):
            if time.monotonic() > limit:
                raise MachineError(f"{', '.join(names)} cannot be stopped")
            self.podman.call(
                "stop",
                f"--time={grace}",
                "--ignore",
                *names,
                seconds=grace + _START_SECONDS,
                check=False,
            )
            time.sleep(_POLL_SECONDS)

    def _ended(self, running: _Running) -> ContainerOutcome:
        log = _text(running.log)
        name = running.container.name
        query = ("container", "inspect", running.name)
        found = json.loads(self.podman.call(*query, check=False) or "[]")
        state = found[0]["State"] if found else None
        if state and not state["StartedAt"].startswith(_NEVER_STARTED):
            limited = running.container.resources.memory is not None
            oom = bool(state["OOMKilled"]) or (limited and killed_for_memory(found[0]["Id"]))
            return ContainerOutcome(name, running.init, state["ExitCode"], oom, log)
        if state and running.process.returncode in _NOT_EXECUTABLE:
            return ContainerOutcome(
                name, running.init, _START_ERROR, oom_killed=False, log=log, start_error=True
            )
        raise MachineError(f"podman could not run {running.name}: {log.strip()}")

    def _remove(self) -> None:
        names = [one.name for one in self._all]
        if not names:
            return
        self.podman.call("rm", "--force", "--time=0", "--ignore", *names)
        for one in self._all:
            one.process.kill()
            one.process.wait(_START_SECONDS)
        self._all.clear()


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
