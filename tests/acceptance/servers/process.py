"""Starting a server, waiting for it a bounded time, and stopping it by its pid."""

from __future__ import annotations

import abc
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

Words = list[str | Path]
"""a command"""

LOCALHOST = "127.0.0.1"
# Below the range from which the kernel takes the ports of outgoing connections.
PORTS = range(20000, 32000)


class ServerError(Exception):
    """A server did not do what it was told in the time that it has."""


def free_ports(count: int) -> list[int]:
    """Return ports that nothing listens on."""
    found: set[int] = set()
    while len(found) < count:
        port = PORTS[secrets.randbelow(len(PORTS))]
        with socket.socket() as probe:
            try:
                probe.bind((LOCALHOST, port))
            except OSError:
                continue
        found.add(port)
    return sorted(found)


def listening(port: int) -> bool:
    """Tell whether something takes connections."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOCALHOST, port)) == 0


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment without what the session sets for other programs, such as AWS_CA_BUNDLE."""
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    return {"HOME": "/", **kept, "LANG": "C.UTF-8", "TZ": "UTC", **(extra or {})}


def call(
    argv: Sequence[str | Path],
    *,
    text: str = "",
    environment: Mapping[str, str] | None = None,
    seconds: float = 60,
    check: bool = True,
    user: str = "root",
) -> subprocess.CompletedProcess[str]:
    """Run a client to its end; with `check`, a failure raises with what it said."""
    done = subprocess.run(
        [*as_user(user), *argv],
        capture_output=True,
        check=False,
        cwd="/",
        env=clean_environment(environment),
        input=text,
        text=True,
        timeout=seconds,
    )
    if check and done.returncode:
        raise ServerError(
            f"{' '.join(map(str, argv))}: rc {done.returncode}: {done.stderr}{done.stdout}"
        )
    return done


def as_user(user: str) -> list[str]:
    """Return the words that make a command run as a user and end with the tests, should they be killed."""
    change = [] if user == "root" else ["--reuid", user, "--regid", user, "--init-groups"]
    return ["setpriv", *change, "--pdeathsig", "KILL", "--"]


class Process:
    """One server process."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        log: Path,
        user: str = "root",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                [*as_user(user), *argv],
                cwd=log.parent,
                env=clean_environment(environment),
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def alive(self) -> bool:
        """Tell whether it runs."""
        return self.popen.poll() is None

    def wait(self, ready: Callable[[], bool], what: str, seconds: float = 30) -> Self:
        """Wait until the server is ready; raise with the end of its log if it is not in time."""
        end = time.monotonic() + seconds
        while not ready():
            if not self.alive or time.monotonic() > end:
                tail = self.log.read_text(errors="replace")[-2000:]
                fate = f"not ready after {seconds:.0f} s" if self.alive else "ended"
                self.kill()
                raise ServerError(f"{what} {fate}:\n{tail}")
            time.sleep(0.05)
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 20) -> None:
        """Ask the process to end, and end it if it does not."""
        if self.alive:
            self.popen.send_signal(how)
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process as a power failure would, and its children with it."""
        if self.alive:
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(10)


class Server(abc.ABC):
    """A server with a place of its own, used as a context manager."""

    user = "root"

    def __init__(self, name: str, directory: Path | None = None) -> None:
        # Not pytest's directories: those are root's alone, and a server that is not root could not enter.
        self.kept = directory is not None
        self.directory = directory or Path(tempfile.mkdtemp(prefix=f"bpc-{name}-"))
        self.directory.mkdir(parents=True, exist_ok=True)
        self.own(self.directory)

    def own(self, *paths: Path) -> None:
        """Give files to the user that the server runs as."""
        for path in paths:
            shutil.chown(path, self.user, self.user)

    def own_tree(self, top: Path) -> None:
        """Give a whole directory, such as a copied data directory, to the user of the server."""
        self.own(top, *top.rglob("*"))

    @abc.abstractmethod
    def start(self) -> None:
        """Start, and return when the server answers."""

    @abc.abstractmethod
    def stop(self) -> None:
        """Stop in the orderly way."""

    def close(self) -> None:
        """Stop, and remove the directory unless the caller gave it."""
        self.stop()
        if not self.kept:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
