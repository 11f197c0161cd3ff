"""PostgreSQL 15, with TLS and passwords."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.acceptance import tools
from tests.acceptance.servers.process import LOCALHOST, Process, Server, Words, call, free_ports
from tests.acceptance.servers.tls import Authority

# Only TLS, only with a password; the socket is for the machine's own administrator.
RULES = """\
hostssl all all all scram-sha-256
hostssl replication all all scram-sha-256
"""


class PostgreSQL(Server):
    """One cluster. Its settings are arguments, so any copy of a data directory can be started."""

    user = "postgres"
    admin = "postgres"

    def __init__(
        self,
        *,
        password: str = "correct horse",  # noqa: S107 - a server that lives for one test
        archive: bool = False,
        settings: Mapping[str, str] | None = None,
        hosts: tuple[str, ...] = (),
    ) -> None:
        self.programs = tools.require("postgres").parent
        super().__init__("postgresql")
        self.password = password
        self.port = free_ports(1)[0]
        self.data = self.directory / "data"
        self.log = self.directory / "server.log"
        self.archive = self.directory / "archive"
        self.archiving = archive
        self.settings = dict(settings or {})
        self.hosts = hosts
        self.process: Process | None = None
        authority = Authority(self.directory / "tls")
        self.ca = authority.certificate
        self.pair = authority.issue("server", hosts=hosts)
        self.own(authority.directory, self.ca, *self.pair.files)
        self.rules = self.directory / "pg_hba.conf"
        self.rules.write_text(RULES)
        self.archive.mkdir()
        self.own(self.rules, self.archive)

    def initialise(self) -> None:
        """Make an empty data directory."""
        secret = self.directory / "password"
        secret.write_text(self.password)
        self.own(secret)
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        place: Words = ["--pgdata", self.data, "--username", self.admin, "--pwfile", secret]
        call([self.programs / "initdb", *options, *place], user=self.user)

    def start(self, data: Path | None = None, settings: Mapping[str, str] | None = None) -> None:
        """Start, from another data directory if one is named, which becomes the server's own."""
        if data is not None:
            self.data = data
            self.own_tree(data)
            data.chmod(0o700)
        elif not self.data.exists():
            self.initialise()
        chosen = {**self.defaults(), **self.settings, **(settings or {})}
        flags = [f"--{name}={value}" for name, value in chosen.items()]
        command: Words = [self.programs / "postgres", "-D", self.data, *flags]
        self.process = Process(command, log=self.log, user=self.user).wait(self.ready, "PostgreSQL")

    def defaults(self) -> dict[str, str]:
        """Return what every start sets."""
        archived = {"wal_level": "replica", "archive_mode": "on"}
        archived["archive_command"] = f"test ! -f {self.archive}/%f && cp %p {self.archive}/%f"
        return {
            "port": str(self.port),
            "listen_addresses": "localhost",
            "unix_socket_directories": str(self.directory),
            "hba_file": str(self.rules),
            "ssl": "on",
            "ssl_ca_file": str(self.ca),
            "ssl_cert_file": str(self.pair.certificate),
            "ssl_key_file": str(self.pair.key),
            "fsync": "off",
            **(archived if self.archiving else {}),
        }

    def ready(self) -> bool:
        """Tell whether the server answers; while it recovers it does not."""
        asked: Words = [
            self.programs / "pg_isready",
            "--host",
            LOCALHOST,
            "--port",
            str(self.port),
            "--quiet",
        ]
        return call(asked, check=False).returncode == 0

    def stop(self) -> None:
        """Stop without waiting for clients."""
        if self.process is not None:
            self.process.stop(signal.SIGINT)

    def kill(self) -> None:
        """End the server as a power failure would."""
        if self.process is not None:
            self.process.kill()

    def environment(self, **changes: str) -> dict[str, str]:
        """Return what clients read: where the server is, who asks, and whom to trust."""
        return {
            "PGHOST": LOCALHOST,
            "PGPORT": str(self.port),
            "PGUSER": self.admin,
            "PGPASSWORD": self.password,
            "PGDATABASE": "postgres",
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": str(self.ca),
            "PGCONNECT_TIMEOUT": "10",
            **changes,
        }

    def run(
        self, program: str, *arguments: str | Path, check: bool = True, **changes: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's own clients, such as `pg_dump`; changes are of its environment."""
        command: Words = [self.programs / program, *arguments]
        return call(command, environment=self.environment(**changes), check=check)

    def psql(self, sql: str, **changes: str) -> str:
        """Run statements, and return the rows, one a line, with bars between columns."""
        flags = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
        command: Words = [self.programs / "psql", *flags, "--file=-"]
        return call(command, text=sql, environment=self.environment(**changes)).stdout.strip()

    def restore_target(self) -> Self:
        """Return another instance, empty, of the same kind, to be started and closed by the caller."""
        cls = type(self)
        return cls(password=self.password, settings=self.settings, hosts=self.hosts)
