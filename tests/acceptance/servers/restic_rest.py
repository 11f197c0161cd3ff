"""restic's own server, with a password, and append-only unless told otherwise."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from pathlib import Path

from tests.acceptance import tools
from tests.acceptance.servers.process import (
    LOCALHOST,
    Process,
    Server,
    Words,
    call,
    free_ports,
    listening,
)
from tests.acceptance.servers.tls import Authority


class ResticRestServer(Server):
    """One server with one user; restart it with `append_only=False` to prune."""

    account = "restic"

    def __init__(
        self,
        *,
        password: str = "correct-horse",  # noqa: S107 - a server that lives for one test
        append_only: bool = True,
        hosts: tuple[str, ...] = (),
    ) -> None:
        self.server = tools.require("restic-rest-server")
        super().__init__("restic")
        self.password = password
        self.append_only = append_only
        self.port = free_ports(1)[0]
        self.data = self.directory / "data"
        self.data.mkdir()
        self.log = self.directory / "server.log"
        self.process: Process | None = None
        authority = Authority(self.directory / "tls")
        self.ca = authority.certificate
        self.pair = authority.issue("server", hosts=hosts)
        self.users = self.directory / "users"
        # the oldest of the formats that the server reads, and the only one that takes no other program
        digest = base64.b64encode(hashlib.sha1(password.encode(), usedforsecurity=False).digest())
        self.users.write_text(f"{self.account}:{{SHA}}{digest.decode()}\n")

    def start(self, append_only: bool | None = None) -> None:
        """Start, and wait until the server takes connections."""
        self.append_only = self.append_only if append_only is None else append_only
        command: Words = [
            *(self.server, "--path", self.data, "--listen", f"{LOCALHOST}:{self.port}"),
            *("--tls", "--tls-cert", self.pair.certificate, "--tls-key", self.pair.key),
            *("--htpasswd-file", self.users),
            *(["--append-only"] if self.append_only else []),
        ]
        process = Process(command, log=self.log)
        self.process = process.wait(lambda: listening(self.port), "restic's server")

    def stop(self) -> None:
        """Stop in the orderly way."""
        if self.process is not None:
            self.process.stop()

    def repository(self, name: str, password: str | None = None) -> str:
        """Return the address of a repository as restic takes it."""
        secret = self.password if password is None else password
        return f"rest:https://{self.account}:{secret}@{LOCALHOST}:{self.port}/{name}"

    def restic(
        self, repository: str, *arguments: str | Path, check: bool = True, key: str = "key"
    ) -> subprocess.CompletedProcess[str]:
        """Run restic on a repository that is encrypted with the key."""
        environment = {"RESTIC_PASSWORD": key, "RESTIC_CACHE_DIR": str(self.directory / "cache")}
        options: Words = ["--repo", repository, "--cacert", self.ca, "--retry-lock=0s"]
        command: Words = [tools.require("restic"), *options, *arguments]
        return call(command, environment=environment, check=check)
