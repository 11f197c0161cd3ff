"""Podman on this machine: how it is set up and called."""

from __future__ import annotations

import os
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CALL_SECONDS = 60


class MachineError(Exception):
    """Podman, or a mount, failed for a reason that has nothing to do with the manifest."""


def _limit(kind: int, wanted: int) -> int:
    hard = resource.getrlimit(kind)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def _configuration() -> str:
    # Podman would ask for more files and processes than a machine without CAP_SYS_RESOURCE may
    # give. crun refuses hybrid control groups.
    files = _limit(resource.RLIMIT_NOFILE, 20000)
    processes = _limit(resource.RLIMIT_NPROC, 32768)
    return (
        "[containers]\n"
        f'default_ulimits = ["nofile={files}:{files}", "nproc={processes}:{processes}"]\n'
        "env = []\n"
        "[engine]\n"
        'runtime = "runc"\n'
    )


@dataclass(frozen=True)
class Podman:
    """Calls podman with a configuration of its own, and without this process's environment."""

    configuration: Path

    @classmethod
    def set_up(cls, directory: Path) -> Podman:
        """Write the configuration."""
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / "containers.conf"
        path.write_text(_configuration())
        return cls(path)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of podman itself."""
        home = os.environ.get("HOME", "/root")
        return {"PATH": _PATH, "HOME": home, "CONTAINERS_CONF": str(self.configuration)}

    def argv(self, *arguments: str) -> list[str]:
        """Return a command line."""
        return ["podman", "--log-level=error", *arguments]

    def call(self, *arguments: str, seconds: float = _CALL_SECONDS, check: bool = True) -> str:
        """Run a short command and return what it prints."""
        return call(
            *self.argv(*arguments), seconds=seconds, environment=self.environment, check=check
        )


def call(
    *argv: str,
    seconds: float = _CALL_SECONDS,
    environment: dict[str, str] | None = None,
    check: bool = True,
) -> str:
    """Run a short command and return what it prints; raise `MachineError` if it fails."""
    try:
        done = subprocess.run(
            argv,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MachineError(f"{argv[0]}: {error}") from error
    if check and done.returncode:
        raise MachineError(f"{' '.join(argv[:4])}: {done.stderr.strip()}")
    return done.stdout


def killed_for_memory(container: str) -> bool:
    """Tell whether the kernel killed a process of a container, by its id, for its memory limit.

    The kernel's log is the witness, as conmon misses it on control groups v1.
    """
    needle = f"libpod-{container}".encode()
    reader = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    try:
        while True:
            try:
                record = os.read(reader, 8192)
            except BrokenPipeError:  # older records were overwritten while reading
                continue
            except BlockingIOError:
                return False
            if b"oom-kill:" in record and needle in record.split(b"task_memcg=")[-1]:
                return True
    finally:
        os.close(reader)
