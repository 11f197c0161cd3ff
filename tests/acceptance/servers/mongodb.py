"""FerretDB with SQLite below it: the protocol of MongoDB, answered by another program.

MongoDB's own server is not to be had. The clients are MongoDB's real ones, so what they do to reach the
server and to write their archives is real; there is no oplog, so `--oplog` is not tested here.
"""

from __future__ import annotations

import json
import subprocess
import urllib.parse
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.acceptance import tools
from tests.acceptance.servers.process import LOCALHOST, Process, Server, Words, call, free_ports
from tests.acceptance.servers.tls import Authority

Document = dict[str, object]


class MongoDB(Server):
    """One instance that takes TLS connections only, with one user, or open to everybody.

    `mongorestore` cannot bring users back to it: what tells of which kind they are is missing there.
    """

    admin = "admin"

    def __init__(
        self,
        *,
        password: str = "correct horse",  # noqa: S107 - a server that lives for one test
        hosts: tuple[str, ...] = (),
        users: bool = True,
    ) -> None:
        self.server = tools.require("ferretdb")
        super().__init__("mongodb")
        self.password = password
        self.hosts = hosts
        self.users = users
        self.port = free_ports(1)[0]
        self.data = self.directory / "data"
        self.data.mkdir()
        self.log = self.directory / "server.log"
        self.process: Process | None = None
        authority = Authority(self.directory / "tls")
        self.ca = authority.certificate
        self.pair = authority.issue("server", hosts=hosts)

    def start(self) -> None:
        """Start, and wait until it answers, and the user can log in."""
        command: Words = [
            self.server,
            "--handler=sqlite",
            f"--sqlite-url=file:{self.data}/",
            f"--state-dir={self.directory}",
            "--listen-addr=",
            f"--listen-tls={LOCALHOST}:{self.port}",
            f"--listen-tls-cert-file={self.pair.certificate}",
            f"--listen-tls-key-file={self.pair.key}",
            "--debug-addr=-",
            "--telemetry=disable",
        ]
        if self.users:
            command += [
                # without it there are no users
                "--test-enable-new-auth",
                "--setup-database=admin",
                f"--setup-username={self.admin}",
                f"--setup-password={self.password}",
            ]
        self.process = Process(command, log=self.log).wait(self.ready, "FerretDB")

    def uri(self, password: str | None = None) -> str:
        """Return the connection string of the user."""
        secret = urllib.parse.quote(self.password if password is None else password)
        choices = {"authSource": "admin"} if self.users else {}
        choices |= {"tls": "true", "tlsCAFile": str(self.ca)}
        account = f"{self.admin}:{secret}@" if self.users else ""
        options = urllib.parse.urlencode(choices, safe="/")
        return f"mongodb://{account}{LOCALHOST}:{self.port}/?{options}"

    def ready(self) -> bool:
        """Tell whether the user can log in."""
        return (
            self.run("mongoexport", "--db=admin", "--collection=none", check=False).returncode == 0
        )

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
        password: str | None = None,
        text: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run one of MongoDB's clients, such as `mongodump`."""
        command: Words = [tools.require(program), f"--uri={self.uri(password)}", *arguments]
        return call(command, text=text, check=check)

    def insert(self, database: str, collection: str, documents: Sequence[Document]) -> None:
        """Store documents."""
        lines = "\n".join(json.dumps(document) for document in documents)
        self.run("mongoimport", f"--db={database}", f"--collection={collection}", text=lines)

    def find(self, database: str, collection: str) -> list[Document]:
        """Return all documents of a collection, in the order of their `_id`."""
        where = [f"--db={database}", f"--collection={collection}"]
        answer = self.run("mongoexport", *where, '--sort={"_id": 1}')
        return [json.loads(line) for line in answer.stdout.splitlines()]

    def restore_target(self) -> Self:
        """Return another instance, empty, of the same kind, to be started and closed by the caller."""
        return type(self)(password=self.password, hosts=self.hosts, users=self.users)
