"""One container as a command line of podman."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.kubelet.environment import Identity, command, variables
from tests.acceptance.kubelet.model import Container, PodSpec
from tests.acceptance.kubelet.outcome import ConfigError
from tests.acceptance.kubelet.volumes import Ready
from tests.acceptance.kubelet.world import Image, World

_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_OF_AN_IMAGE = frozenset(
    {"bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "opt", "var"}
)
_OF_A_CONTAINER = frozenset({"dev", "proc", "sys"})
_UNENDING = "-1"


@dataclass(frozen=True)
class Etc:
    """The files that a kubelet writes for every container of a pod."""

    hosts: Path
    resolver: Path


def arguments(
    container: Container,
    spec: PodSpec,
    pod: Identity,
    world: World,
    volumes: Mapping[str, Ready],
    etc: Etc,
) -> list[str]:
    """Return the arguments of `podman run`, without a name.

    Raises `ConfigError` if a kubelet would not create the container.
    """
    image = world.images(container.image)
    known = variables(container, pod, world)
    environment = {"PATH": image.path or _DEFAULT_PATH, **image.env, **known}
    host = world.node if spec.host_network else pod.name
    return [
        "--log-driver=none",
        "--passwd=false",
        "--unsetenv-all",
        "--http-proxy=false",
        "--systemd=false",
        "--sig-proxy=false",
        "--network=host",
        "--no-hosts",
        "--dns=none",
        "--pull=never",
        f"--pids-limit={_UNENDING}",
        f"--hostname={host[:63]}",
        *(f"--env={name}={value}" for name, value in environment.items()),
        *_security(container, spec),
        *_resources(container),
        *_mounts(container, image, volumes, etc),
        *([f"--workdir={container.directory}"] if container.directory else []),
        "--rootfs",
        f"{image.rootfs}:O",
        *command(container, known),
    ]


def _security(container: Container, spec: PodSpec) -> list[str]:
    security = container.security
    user = security.user or 0
    if security.non_root and user == 0:
        raise ConfigError("container has runAsNonRoot and would run as root")
    groups = set(spec.groups) | ({spec.fs_group} if spec.fs_group is not None else set())
    flags = [f"--user={user}:{security.group or 0}"]
    flags += [f"--group-add={group}" for group in sorted(groups)]
    flags += [f"--cap-drop={name}" for name in security.drop]
    flags += [f"--cap-add={name}" for name in security.add]
    if not security.seccomp:
        flags.append("--security-opt=seccomp=unconfined")
    if not security.escalation:
        flags.append("--security-opt=no-new-privileges")
    if security.read_only_root:
        flags += ["--read-only", "--read-only-tmpfs=false"]
    return flags


def _resources(container: Container) -> list[str]:
    limits = container.resources
    flags = []
    if limits.memory is not None:
        flags += [f"--memory={limits.memory}b", f"--memory-swap={limits.memory}b"]
    if limits.cpu is not None:
        flags.append(f"--cpus={limits.cpu / 1000:g}")
    if limits.shares is not None:
        flags.append(f"--cpu-shares={limits.shares}")
    return flags


def _mounts(
    container: Container, image: Image, volumes: Mapping[str, Ready], etc: Etc
) -> list[str]:
    taken = {mount.path.rstrip("/") for mount in container.mounts} | set(image.mounts)
    read_only_root = container.security.read_only_root
    flags = []
    if image.rootfs == "/":
        for path in hidden():
            if path not in taken:
                # runc keeps the mode of the directory below.
                access = "ro" if read_only_root else "rw"
                flags.append(f"--tmpfs={path}:{access},notmpcopyup")
    flags += [_bind(source, path, read_only=True) for path, source in image.mounts.items()]
    for path, file in (("/etc/hosts", etc.hosts), ("/etc/resolv.conf", etc.resolver)):
        if path not in taken:
            flags.append(_bind(str(file), path, read_only=read_only_root))
    for mount in container.mounts:
        ready = volumes[mount.volume]
        read_only = mount.read_only or ready.read_only
        flags.append(_bind(str(ready.path), mount.path, read_only=read_only))
    return flags


def _bind(source: str, path: str, *, read_only: bool) -> str:
    # The value is CSV, in which JSON's way of quoting is good enough for paths.
    parts = ["type=bind", f"source={source}", f"destination={path}"]
    quoted = [json.dumps(part) if "," in part else part for part in parts]
    return f"--mount={','.join(quoted)},ro={str(read_only).lower()}"


def hidden() -> Sequence[str]:
    """Return the directories of this machine's root that no image would hold."""
    kept = _OF_AN_IMAGE | _OF_A_CONTAINER
    with os.scandir("/") as entries:
        tops = [
            entry.path
            for entry in entries
            if entry.name not in kept and entry.is_dir(follow_symlinks=False)
        ]
    return [*sorted(tops), "/var/tmp"]  # noqa: S108 -- a path in the container
