"""MySQL 9.7."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance import tools
from tests.acceptance.servers.mysql_family import MySqlFamily
from tests.acceptance.servers.process import call


class MySQL(MySqlFamily):
    """One instance, run by root, because its programs are in root's cache."""

    name = "mysql"
    trust = "ssl-mode=VERIFY_IDENTITY"
    dump_program = "mysqldump"

    def program(self, name: str) -> Path:
        """Return a program by its name in MySQL."""
        return tools.require(f"{name}-9.7")

    def initialise(self) -> None:
        """Make an empty data directory."""
        call([*self.server(), f"--datadir={self.data}", "--user=root", "--initialize-insecure"])

    def server(self) -> list[str | Path]:
        """Return the start of the server's command, which says where everything was unpacked."""
        daemon = tools.require("mysqld-9.7")
        root = daemon.parents[1] / "usr"
        return [
            daemon,
            "--no-defaults",
            f"--basedir={root}",
            f"--plugin-dir={root}/lib/mysql/plugin",
            f"--lc-messages-dir={root}/share/mysql",
            f"--character-sets-dir={root}/share/mysql/charsets",
            "--mysqlx=OFF",
            "--secure-file-priv=NULL",
        ]
