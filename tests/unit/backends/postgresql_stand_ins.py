"""The scripts of PostgreSQL with stand-ins for its programs, which write down how they are called."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.unit.backends.method_shell import MethodShell

SCRIPTS = ROOT / "templates" / "postgresql" / "scripts"
SHARED = ROOT / "templates" / "_shared" / "scripts"
HOSTILE = "-o'rd\"ers $(x) `y` \\ é 😀"
PROGRAMS = (
    "psql",
    "pg_dump",
    "pg_dumpall",
    "pg_restore",
    "pg_basebackup",
    "pg_verifybackup",
    "pg_waldump",
    "pg_isready",
    "rclone",
)
PROGRAM = Path(__file__).with_name("postgresql_program.py")
_STUB = f'#!/bin/sh\nexec {sys.executable} -S -E {PROGRAM} "$(basename "$0")" "$@"\n'


class PostgreSQLScripts:
    """One method script with its libraries and credentials, in one shell."""

    def __init__(self, shell: str, home: Path, script: str) -> None:
        self.home = home
        self.state = home / "state"
        self.state.mkdir()
        files = home / "credentials" / "database"
        files.mkdir(parents=True)
        (files / "username").write_text("backup", encoding="utf-8")
        (files / "password").write_text(HOSTILE, encoding="utf-8")
        for source in (*SCRIPTS.iterdir(), *SHARED.iterdir()):
            text = source.read_text(encoding="utf-8")
            text = text.replace("/credentials/", f"{home}/credentials/")
            (home / source.name).write_text(text.replace("/data\n", f"{home}/data\n"), "utf-8")
        shutil.copy(home / script, home / "method.sh")
        (home / "password").write_text("sesame", encoding="utf-8")
        self.method = MethodShell(
            shell,
            str(home / script),
            home,
            {
                "HOST": "orders-db",
                "PORT": "5433",
                "TLS": "verify",
                "CA_FILE": "/ca.crt",
                "ENGINE": "restic",
                "DATABASES": "",
                "SLOTS": "",
                "POINT": "20261124T100000Z-aaaaaa",
                "LOCATION": "here",
                "STORE": f"store:{home}/store",
                "ENCRYPTION_FILE": str(home / "password"),
                "DATA": str(home / "data" / "pgdata"),
                "FENCE": "0",
                "STATE": str(self.state),
            },
            dict.fromkeys(PROGRAMS, _STUB),
        )
        self.answer("version", "PROGRAM (PostgreSQL) 15.20\n")
        self.answer("server_version_num", "150020\n")

    def answer(self, words: str, text: str) -> None:
        """Set what is printed by a program in whose words or input these are."""
        (self.state / f"answer {words}").write_text(text, encoding="utf-8")

    def break_(self, program: str) -> None:
        """Let a program fail when it has done its work."""
        (self.state / f"broken {program}").touch()

    def run(
        self, *words: str, given: bytes = b"", **values: str
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a word of the script."""
        return self.method.run(*words, given=given, **values)

    def calls(self, program: str) -> list[dict[str, str]]:
        """Return the calls of a program: its words joined by bars, its input, and its environment."""
        found = []
        for path in sorted(self.state.glob("call *")):
            fields = path.read_text(encoding="utf-8").split("\0")
            if fields[0] == program:
                names = ("program", "words", "input", "host", "database", "password", "ssl")
                found.append(dict(zip(names, fields, strict=True)))
        return found
