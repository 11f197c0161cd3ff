"""Redis 7.0, with a password, and with TLS or without."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Self

from tests.acceptance import tools
from tests.acceptance.servers.process import LOCALHOST, Process, Server, Words, call, free_ports
from tests.acceptance.servers.tls import Authority


class Redis(Server):
    """One instance."""

    def __init__(
        self,
        *,
        password: str = "correct-horse",  # noqa: S107 - a server that lives for one test
        tls: bool = False,
        appendonly: bool = False,
        flags: tuple[str, ...] = (),
        hosts: tuple[str, ...] = (),
    ) -> None:
        self.server = tools.require("redis-server")
        self.client = tools.require("redis-cli")
        super().__init__("redis")
        self.password = password
        self.tls = tls
        self.appendonly = appendonly
        self.flags = flags
        self.hosts = hosts
        self.port = free_ports(1)[0]
        self.data = self.directory / "data"
        self.data.mkdir()
        self.log = self.directory / "server.log"
        self.process: Process | None = None
        self.ca: Path | None = None
        self.transport = ["--port", str(self.port)]
        if tls:
            authority = Authority(self.directory / "tls")
            pair = authority.issue("server", hosts=hosts)
            self.ca = authority.certificate
            self.transport = [
                *("--port", "0", "--tls-port", str(self.port), "--tls-auth-clients", "no"),
                *("--tls-cert-file", str(pair.certificate), "--tls-key-file", str(pair.key)),
                *("--tls-ca-cert-file", str(self.ca)),
            ]

    def start(self, data: Path | None = None, appendonly: bool | None = None) -> None:
        """Start, from another data directory if one is named."""
        self.data = data or self.data
        self.appendonly = self.appendonly if appendonly is None else appendonly
        settings = {
            "bind": LOCALHOST,
            "dir": str(self.data),
            "requirepass": self.password,
            "appendonly": "yes" if self.appendonly else "no",
            # `DEBUG DIGEST` proves that two instances hold the same
            "enable-debug-command": "local",
        }
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        command: Words = [self.server, *self.transport, *words, *self.flags]
        self.process = Process(command, log=self.log).wait(self.ready, "Redis")

    def ready(self) -> bool:
        """Tell whether the data is loaded and the server answers."""
        return self.cli("PING", check=False).stdout.strip() == "PONG"

    def stop(self) -> None:
        """Stop; the data is saved if a save is due."""
        if self.process is not None:
            self.process.stop()

    def kill(self) -> None:
        """End the server as a power failure would."""
        if self.process is not None:
            self.process.kill()

    def cli(
        self, *arguments: str, password: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run `redis-cli`, which tells errors of the server with return code 1."""
        secured = [] if self.ca is None else ["--tls", "--cacert", str(self.ca)]
        command: Words = [
            self.client,
            "-h",
            LOCALHOST,
            "-p",
            str(self.port),
            "-e",
            *secured,
            *arguments,
        ]
        secret = self.password if password is None else password
        return call(command, environment={"REDISCLI_AUTH": secret}, check=check)

    def restore_target(self) -> Self:
        """Return another instance, empty, of the same kind, to be started and closed by the caller."""
        cls = type(self)
        return cls(password=self.password, tls=self.tls, flags=self.flags, hosts=self.hosts)
