"""Volumes of a pod as directories of this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.kubelet.environment import Identity
from tests.acceptance.kubelet.fields import Unsupported
from tests.acceptance.kubelet.machine import call
from tests.acceptance.kubelet.model import (
    Claim,
    EmptyDir,
    HostPath,
    Item,
    Keyed,
    PodSpec,
    Token,
    Volume,
)
from tests.acceptance.kubelet.outcome import ConfigError
from tests.acceptance.kubelet.ownership import give_to_group
from tests.acceptance.kubelet.world import World


@dataclass(frozen=True)
class Ready:
    """A volume that can be mounted. One that is read-only is so in every container."""

    path: Path
    read_only: bool


@dataclass(frozen=True)
class _File:
    content: bytes
    mode: int
    user: int = 0


@contextmanager
def prepared(
    spec: PodSpec, pod: Identity, world: World, directory: Path
) -> Iterator[Mapping[str, Ready]]:
    """Make the volumes of a pod, and take them away again; claims and host paths stay.

    Raises `ConfigError` for a volume that a kubelet would wait for.
    """
    with ExitStack() as stack:
        directory.mkdir(parents=True)
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        yield {
            volume.name: _prepare(volume, spec, pod, world, directory / volume.name, stack)
            for volume in spec.volumes
        }


def _prepare(
    volume: Volume, spec: PodSpec, pod: Identity, world: World, path: Path, stack: ExitStack
) -> Ready:
    match volume.source:
        case Keyed() as source:
            _write(path, _keyed(source, pod, world))
            ready = Ready(path, read_only=True)
        case Token(account):
            _write(path, _token(account, spec, pod, world))
            ready = Ready(path, read_only=True)
        case EmptyDir() as source:
            _empty(path, source, stack)
            ready = Ready(path, read_only=False)
        case Claim(name, read_only):
            ready = Ready(_claimed(name, pod, world), read_only)
        case HostPath() as source:
            # The kubelet never changes the owner of a host path.
            return Ready(_host_path(source, world), read_only=False)
    if spec.fs_group is not None:
        give_to_group(
            ready.path,
            spec.fs_group,
            read_only=ready.read_only,
            only_on_mismatch=spec.fs_group_on_mismatch and isinstance(volume.source, Claim),
        )
    return ready


def _keyed(source: Keyed, pod: Identity, world: World) -> dict[str, _File]:
    data = world.data(source.kind, pod.namespace, source.name)
    if data is None:
        if source.optional:
            return {}
        raise ConfigError(f'{source.kind.lower()} "{source.name}" not found')
    items = source.items
    if items is None:
        items = tuple(Item(key, key, None) for key in data)
    files = {}
    for item in items:
        if item.key in data:
            mode = source.mode if item.mode is None else item.mode
            files[item.path] = _File(data[item.key], mode)
        elif not source.optional:
            raise ConfigError(f"{source.kind} {source.name} has no key {item.key}")
    return files


def _token(account: str, spec: PodSpec, pod: Identity, world: World) -> dict[str, _File]:
    data = world.accounts.get((pod.namespace, account))
    if data is None:
        raise Unsupported(
            "automountServiceAccountToken",
            f"the world has no token of service account {pod.namespace}/{account}",
        )
    user = spec.common_user
    private = user is not None or spec.fs_group is not None
    token = _File(data["token"], 0o600 if private else 0o644, user or 0)
    return {
        "token": token,
        "ca.crt": _File(data["ca.crt"], 0o644),
        "namespace": _File(pod.namespace.encode(), 0o644),
    }


def _write(path: Path, files: Mapping[str, _File]) -> None:
    """Write files the way a kubelet does: behind links, so that all can change at once."""
    path.mkdir()
    path.chmod(0o777)
    version = path / "..version"
    version.mkdir()
    version.chmod(0o755)
    (path / "..data").symlink_to(version.name)
    for name, file in files.items():
        target = version / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
        target.chmod(file.mode)
        os.chown(target, file.user, -1)
        top = name.split("/", maxsplit=1)[0]
        link = path / top
        if not link.is_symlink():
            link.symlink_to(f"..data/{top}")


def _empty(path: Path, source: EmptyDir, stack: ExitStack) -> None:
    path.mkdir()
    if source.memory:
        size = "" if source.limit is None else f",size={source.limit}"
        call("mount", "-t", "tmpfs", "-o", f"mode=0777{size}", "tmpfs", str(path))
    elif source.limit is not None:
        _mount_disk(path, source.limit)
    if source.memory or source.limit is not None:
        stack.callback(_unmount, path)
    path.chmod(0o777)


def _mount_disk(path: Path, size: int) -> None:
    # On a tmpfs the files would count against the memory limit of whoever writes them, and a full
    # volume would look like a container out of memory.
    image = path.with_name(f"{path.name}.ext4")
    with image.open("wb") as file:
        file.truncate(size + size // 50 + 2**20)
    options = ["-m", "0", "-i", "32768", "-O", "^has_journal,^resize_inode"]
    call("mkfs.ext4", "-q", "-F", *options, "-E", "lazy_itable_init=1,nodiscard", str(image))
    call("mount", "-o", "loop,nodev,nosuid", str(image), str(path))
    (path / "lost+found").rmdir()


def _unmount(path: Path) -> None:
    try:
        call("umount", str(path))
    finally:
        if path.is_mount():
            call("umount", "--lazy", str(path))


def _claimed(name: str, pod: Identity, world: World) -> Path:
    path = world.claims.get((pod.namespace, name))
    if path is None:
        raise ConfigError(f'persistentvolumeclaim "{name}" not found')
    path.mkdir(parents=True, exist_ok=True)
    return path.resolve()


def _host_path(source: HostPath, world: World) -> Path:
    if world.host_root is None:
        raise Unsupported("volumes", f"the world has no files of its node, such as {source.path}")
    root = world.host_root.resolve()
    path = (root / source.path.lstrip("/")).resolve()
    if not path.is_relative_to(root):
        raise Unsupported("volumes", f"{source.path} leaves the files of the node by a link")
    if source.type in {"", "DirectoryOrCreate"} and not path.exists():
        path.mkdir(parents=True)
        path.chmod(0o755)
    if source.type == "FileOrCreate" and not path.exists():
        path.touch(mode=0o644)
    if not _is(path, source.type):
        raise ConfigError(f"hostPath type check failed: {source.path} is not a {source.type}")
    return path


def _is(path: Path, wanted: str) -> bool:
    match wanted:
        case "":
            return True
        case "Directory" | "DirectoryOrCreate":
            return path.is_dir()
        case "File" | "FileOrCreate":
            return path.is_file()
        case "Socket":
            return path.is_socket()
        case "CharDevice":
            return path.is_char_device()
        case _:
            return path.is_block_device()
