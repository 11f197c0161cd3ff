"""What MariaDB and MySQL have in common: one interface for tests of both."""

from __future__ import annotations

import abc
import subprocess
from pathlib import Path
from typing import Self

from tests.acceptance.servers.process import LOCALHOST, Process, Server, call, free_ports
from tests.acceptance.servers.tls import Authority


class MySqlFamily(Server):
    """One instance that takes TLS connections only; its administrator is `admin`."""

    name: str
    admin = "admin"
    trust: str
    """line of the client's file that makes it check the server's name"""
    dump_program: str

    def __init__(
        self,
        *,
        password: str = "correct horse",  # noqa: S107 - a server that lives for one test
        flags: tuple[str, ...] = (),
        hosts: tuple[str, ...] = (),
    ) -> None:
        super().__init__(self.name)
        self.password = password
        self.flags = flags
        self.hosts = hosts
        self.port = free_ports(1)[0]
        self.data = self.directory / "data"
        self.socket = self.directory / "socket"
        self.log = self.directory / "server.log"
        self.process: Process | None = None
        authority = Authority(self.directory / "tls")
        self.ca = authority.certificate
        self.pair = authority.issue("server", hosts=hosts)
        self.own(authority.directory, self.ca, *self.pair.files)
        self.client_file = self.client()

    @abc.abstractmethod
    def program(self, name: str) -> Path:
        """Return a program by the name that it has in MySQL, such as `mysqldump`."""

    @abc.abstractmethod
    def initialise(self) -> None:
        """Make an empty data directory, in which root needs no password yet."""

    @abc.abstractmethod
    def server(self) -> list[str | Path]:
        """Return the command that starts the server, as far as the two differ."""

    def client(self, user: str = "", password: str = "") -> Path:
        """Write an option file for clients, and return it."""
        user = user or self.admin
        path = self.directory / f"{user}.cnf"
        path.touch(mode=0o600)
        path.write_text(
            "[client]\n"
            f"host={LOCALHOST}\nport={self.port}\nprotocol=tcp\n"
            f'user={user}\npassword="{password or self.password}"\n'
            f"ssl-ca={self.ca}\n{self.trust}\n"
            # without it, the clients of bookworm cannot take characters of four bytes
            "[mysql]\ndefault-character-set=utf8mb4\nconnect-timeout=10\n"
        )
        return path

    def start(self, data: Path | None = None) -> None:
        """Start, from another data directory if one is named, which becomes the server's own."""
        first = data is None and not self.data.exists()
        if first:
            self.initialise()
        elif data is not None:
            self.data = data
            self.own_tree(data)
        command = [
            *self.server(),
            f"--datadir={self.data}",
            f"--socket={self.socket}",
            f"--pid-file={self.directory / 'pid'}",
            f"--port={self.port}",
            f"--bind-address={LOCALHOST}",
            f"--user={self.user}",
            f"--ssl-ca={self.ca}",
            f"--ssl-cert={self.pair.certificate}",
            f"--ssl-key={self.pair.key}",
            "--require-secure-transport=ON",
            *self.flags,
        ]
        if first:
            command.append(f"--init-file={self.first_statements()}")
        self.process = Process(command, log=self.log).wait(self.ready, self.name, seconds=60)

    def first_statements(self) -> Path:
        """Write what the first start executes: it makes the administrator, and closes root's account."""
        path = self.directory / "first.sql"
        secret = self.password.replace("'", "''")
        path.write_text(
            f"CREATE USER '{self.admin}'@'%' IDENTIFIED BY '{secret}';\n"
            f"GRANT ALL PRIVILEGES ON *.* TO '{self.admin}'@'%' WITH GRANT OPTION;\n"
            f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{secret}';\n"
        )
        self.own(path)
        return path

    def ready(self) -> bool:
        """Tell whether the administrator can connect."""
        return self.run("mysql", "--execute=SELECT 1", check=False).returncode == 0

    def stop(self) -> None:
        """Stop in the orderly way."""
        if self.process is not None:
            self.process.stop()

    def kill(self) -> None:
        """End the server as a power failure would."""
        if self.process is not None:
            self.process.kill()

    def run(
        self,
        program: str,
        *arguments: str | Path,
        check: bool = True,
        user: str = "",
        password: str = "",
        text: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run a client by the name that it has in MySQL, as the administrator or as the user named."""
        options = self.client(user, password) if user or password else self.client_file
        command = [self.program(program), f"--defaults-file={options}", *arguments]
        return call(command, text=text, check=check)

    def sql(
        self, statements: str, *, database: str = "", user: str = "", password: str = ""
    ) -> str:
        """Run statements, and return the rows, one a line, with tabs between columns."""
        flags = ["--batch", "--skip-column-names", *([database] if database else [])]
        return self.run(
            "mysql", *flags, user=user, password=password, text=statements
        ).stdout.strip()

    def restore_target(self) -> Self:
        """Return another instance, empty, of the same kind, to be started and closed by the caller."""
        return type(self)(password=self.password, flags=self.flags, hosts=self.hosts)
