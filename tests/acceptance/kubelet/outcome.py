"""What became of a Job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reason = Literal[
    "Complete", "BackoffLimitExceeded", "DeadlineExceeded", "CreateContainerConfigError"
]


class ConfigError(Exception):
    """What keeps a container from being created, such as a Secret that does not exist."""


@dataclass(frozen=True)
class ContainerOutcome:
    """A container that ended. Exit code 128 and `start_error`: it could not be started at all."""

    name: str
    init: bool
    exit_code: int
    oom_killed: bool
    log: str
    start_error: bool = False


@dataclass(frozen=True)
class PodOutcome:
    """One attempt. Containers that never began are missing."""

    name: str
    containers: tuple[ContainerOutcome, ...]
    succeeded: bool

    @property
    def log(self) -> str:
        """Return all logs, in the order of the manifest."""
        return "".join(container.log for container in self.containers)

    def container(self, name: str) -> ContainerOutcome:
        """Return the outcome of one container."""
        return next(container for container in self.containers if container.name == name)


@dataclass(frozen=True)
class Outcome:
    """The end of a Job. `message` explains a configuration error, which a real pod waits for."""

    succeeded: bool
    reason: Reason
    pods: tuple[PodOutcome, ...]
    message: str = ""

    @property
    def log(self) -> str:
        """Return the logs of all attempts."""
        return "".join(pod.log for pod in self.pods)
