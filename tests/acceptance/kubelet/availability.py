"""What this machine lacks for running containers."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from pathlib import Path

from tests.acceptance.kubelet.machine import MachineError, Podman, call

_COMMANDS = ("podman", "runc", "conmon", "mkfs.ext4", "mount", "umount")


def missing() -> list[str]:
    """Return what is missing, each in words a reader can act on; nothing if containers run."""
    return list(_missing())


@functools.cache
def _missing() -> tuple[str, ...]:
    found = [] if os.geteuid() == 0 else ["root"]
    found += [command for command in _COMMANDS if shutil.which(command) is None]
    if found:
        return tuple(found)
    with tempfile.TemporaryDirectory() as directory:
        for trial in (_container, _loop_device, _kernel_log):
            try:
                trial(Path(directory))
            except (MachineError, OSError) as error:
                found.append(f"{trial.__name__.strip('_').replace('_', ' ')}: {error}")
    return tuple(found)


def _container(directory: Path) -> None:
    flags = ("--rm", "--network=host", "--log-driver=none", "--memory=64m")
    Podman.set_up(directory).call("run", *flags, "--rootfs", "/:O", "/bin/true")


def _loop_device(directory: Path) -> None:
    image = directory / "image"
    with image.open("wb") as file:
        file.truncate(2**21)
    call("mkfs.ext4", "-q", "-F", str(image))
    mounted = directory / "mounted"
    mounted.mkdir()
    call("mount", "-o", "loop", str(image), str(mounted))
    call("umount", str(mounted))


def _kernel_log(_: Path) -> None:
    os.close(os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK))
