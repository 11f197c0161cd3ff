"""MariaDB 10.11."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance import tools
from tests.acceptance.servers.mysql_family import MySqlFamily
from tests.acceptance.servers.process import call

NAMES = {"mysql": "mariadb", "mysqldump": "mariadb-dump"}


class MariaDB(MySqlFamily):
    """One instance, run by the user `mysql`."""

    name = "mariadb"
    user = "mysql"
    trust = "ssl-verify-server-cert"
    dump_program = "mariadb-dump"

    def program(self, name: str) -> Path:
        """Return a program by its name in MySQL or in MariaDB."""
        return tools.require(NAMES.get(name, name))

    def initialise(self) -> None:
        """Make an empty data directory."""
        options = ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]
        place = [f"--datadir={self.data}", f"--user={self.user}"]
        call([tools.require("mariadb-install-db"), *options, *place])

    def server(self) -> list[str | Path]:
        """Return the start of the server's command."""
        # what Debian sets in the files that are not read here
        return [tools.require("mariadbd"), "--no-defaults", "--character-set-server=utf8mb4"]
