"""A Job as read from its manifest, with the defaults of the API server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

KeyedKind = Literal["Secret", "ConfigMap"]


@dataclass(frozen=True)
class FieldRef:
    """A value from the pod itself: `name` is a field path, or a label where `label` is set."""

    path: str
    label: str | None = None


@dataclass(frozen=True)
class KeyRef:
    """A value from one key of a Secret or a ConfigMap."""

    kind: KeyedKind
    name: str
    key: str
    optional: bool


@dataclass(frozen=True)
class Variable:
    """An environment variable. A literal is expanded; a reference is not."""

    name: str
    value: str | FieldRef | KeyRef


@dataclass(frozen=True)
class Item:
    """One key of a Secret or ConfigMap as one file. No mode means the default of the volume."""

    key: str
    path: str
    mode: int | None


@dataclass(frozen=True)
class Keyed:
    """A volume with one file for each key. No items means all keys."""

    kind: KeyedKind
    name: str
    items: tuple[Item, ...] | None
    mode: int
    optional: bool


@dataclass(frozen=True)
class EmptyDir:
    """A scratch volume; its limit is in bytes."""

    limit: int | None
    memory: bool


@dataclass(frozen=True)
class HostPath:
    """A path of the node."""

    path: str
    type: str


@dataclass(frozen=True)
class Claim:
    """A PersistentVolumeClaim in the namespace of the pod."""

    name: str
    read_only: bool


@dataclass(frozen=True)
class Token:
    """The projected token of the service account."""

    account: str


Source = Keyed | EmptyDir | HostPath | Claim | Token


@dataclass(frozen=True)
class Volume:
    """A volume of a pod."""

    name: str
    source: Source


@dataclass(frozen=True)
class Mount:
    """A volume as a container sees it."""

    volume: str
    path: str
    read_only: bool


@dataclass(frozen=True)
class Security:
    """What a process may do; what a container leaves out comes from its pod."""

    user: int | None
    group: int | None
    non_root: bool
    seccomp: bool
    escalation: bool = True
    read_only_root: bool = False
    drop: tuple[str, ...] = ()
    add: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resources:
    """Limits that are enforced: bytes and thousandths of a core. `shares` is the CPU request."""

    memory: int | None
    cpu: int | None
    shares: int | None


@dataclass(frozen=True)
class Container:
    """A container, init or not."""

    name: str
    image: str
    command: tuple[str, ...]
    args: tuple[str, ...]
    directory: str | None
    env: tuple[Variable, ...]
    mounts: tuple[Mount, ...]
    security: Security
    resources: Resources


@dataclass(frozen=True)
class PodSpec:
    """A pod. `scheduling` holds what only a scheduler would read."""

    account: str
    host_network: bool
    cluster_names: bool
    grace: int
    fs_group: int | None
    fs_group_on_mismatch: bool
    groups: tuple[int, ...]
    volumes: tuple[Volume, ...]
    init: tuple[Container, ...]
    containers: tuple[Container, ...]
    scheduling: Mapping[str, object]

    @property
    def common_user(self) -> int | None:
        """Return the user of all containers, where they agree: the kubelet gives it the token."""
        users = {container.security.user for container in self.init + self.containers}
        return users.pop() if len(users) == 1 else None


@dataclass(frozen=True)
class Job:
    """A Job, or what a CronJob would create. `cron` tells which: it decides the Job's name."""

    name: str
    namespace: str
    cron: bool
    backoff_limit: int
    deadline: int | None
    labels: Mapping[str, str]
    pod: PodSpec
