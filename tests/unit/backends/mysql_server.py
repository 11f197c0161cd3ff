"""A MySQL or MariaDB server in a file, with clients that write down what they were asked."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.unit.backends.method_shell import MethodShell

PASSWORD = "p'a\"s$s`w\\o#r d😀 "  # noqa: S105 - of no server
_TEMPLATES = ROOT / "templates"

# It answers with the rows of the first entry whose key is in what it is asked.
_STUB = f"""#!{sys.executable} -IS
import json, os, sys
from pathlib import Path
home = Path(os.environ["HOME"])
name = Path(sys.argv[0]).name
state = json.loads((home / "server.json").read_text())
asked = "" if sys.stdin.isatty() or "--help" in sys.argv or "--version" in sys.argv else sys.stdin.read()
options = next((a.partition("=")[2] for a in sys.argv if a.startswith("--defaults-file=")), "")
with (home / "calls").open("a") as log:
    file = Path(options).read_text() if options else ""
    mode = oct(Path(options).stat().st_mode & 0o777) if options else ""
    log.write(json.dumps([name, sys.argv[1:], asked, file, mode]) + "\\n")
for key, (code, out, err) in state.items():
    if key in " ".join([name, *sys.argv[1:], asked]):
        sys.stdout.write(out)
        sys.stderr.write(err)
        sys.exit(code)
"""

CLIENTS = {"mysql": ("mysql", "mysqldump"), "mariadb": ("mariadb", "mariadb-dump")}
RELEASES = {"mysql": "8.4.6", "mariadb": "10.11.19-MariaDB-log"}
PROGRAMS = {
    "mysql": "mysqldump  Ver 8.4.6 for Linux on x86_64",
    "mariadb": "mariadb-dump  Ver 10.19 Distrib 10.11.19-MariaDB, for debian",
}


@dataclass
class Call:
    """One program that was started: its arguments, what it was fed, and its option file."""

    program: str
    arguments: list[str]
    asked: str
    options: str
    mode: str


class Server:
    """What the stand-ins answer: by a text in the command or in what they are fed, the first that fits."""

    def __init__(self, home: Path, flavour: str) -> None:
        self.home = home
        self.flavour = flavour
        self.answers: dict[str, tuple[int, str, str]] = {}
        dump = CLIENTS[flavour][1]
        self.answer(f"{dump} --version", f"{PROGRAMS[flavour]}\n")
        self.answer("select @@version", f"{RELEASES[flavour]}\n")
        self.answer("Ssl_cipher", "Ssl_cipher\tTLS_AES_256_GCM_SHA384\n")
        self.answer("user_privileges", "SELECT\nSHOW VIEW\nTRIGGER\nEVENT\n")
        self.answer("@@log_bin", "1\n")
        self.answer(f"{dump} --help", "  --source-data[=#]\n")
        self.answer(f"{dump} --defaults-file", "-- Dump completed\n")
        self.answer("select @@global.max_allowed_packet", "1073741824\n")

    def answer(self, question: str, rows: str = "", *, code: int = 0, error: str = "") -> None:
        """Say what is answered to a question."""
        self.answers[question] = (code, rows, error)
        (self.home / "server.json").write_text(json.dumps(self.answers), encoding="utf-8")

    def inventory(self, *things: tuple[str, ...]) -> None:
        """Say what is in the databases: kind and names, and the defaults of a database."""
        rows = []
        for kind, schema, *rest in things:
            words = rest if kind == "database" else [each.encode().hex() for each in rest]
            rows.append(" ".join([kind, schema.encode().hex(), *words]) + "\n")
        self.answer("information_schema.schemata", "".join(rows))

    @property
    def calls(self) -> list[Call]:
        """Return what was started, in order."""
        path = self.home / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [Call(*json.loads(line)) for line in lines]

    def called(self, program: str, *words: str) -> list[Call]:
        """Return the calls of a program that have all the words."""
        return [
            call
            for call in self.calls
            if call.program == program and all(word in call.arguments for word in words)
        ]

    @property
    def asked(self) -> str:
        """Return all that clients were fed."""
        return "\n".join(call.asked for call in self.calls)


def method_shell(
    shell: str, home: Path, flavour: str, script: str = "dump.sh", **programs: str
) -> tuple[MethodShell, Server]:
    """Return a shell with the method's scripts beside it, and the server that its clients talk to."""
    home.mkdir(exist_ok=True)
    credentials = home / "credentials" / "database"
    credentials.mkdir(parents=True)
    (credentials / "username").write_text("back'up\\", encoding="utf-8")
    (credentials / "password").write_text(PASSWORD, encoding="utf-8")
    for folder in ("_shared", "mysql"):
        for path in (_TEMPLATES / folder / "scripts").glob("*.sh"):
            text = path.read_text().replace("/credentials/", f"{home}/credentials/")
            (home / path.name).write_text(text, encoding="utf-8")
    shutil.copy(home / script, home / "method.sh")
    stubs = dict.fromkeys(CLIENTS[flavour], _STUB)
    environment = {
        "FLAVOUR": flavour,
        "HOST": "db",
        "PORT": "3306",
        "TLS": "verify",
        "CA_FILE": "/authority/ca.crt",
        "DATABASES": "",
        "LOCK": "no",
        "ENGINE": "restic",
    }
    made = MethodShell(shell, str(home / "method.sh"), home, environment, {**stubs, **programs})
    return made, Server(home, flavour)


def value_of(options: str, name: str) -> str:
    """Return the value of an option as the client's own parser reads it."""
    line = next(line for line in options.splitlines() if line.startswith(f"{name}="))
    text = line.partition("=")[2]
    kept: list[str] = []
    quote = ""
    escape = False
    for mark in text:
        if mark in "'\"" and not escape:
            quote = "" if quote == mark else quote or mark
        if not quote and mark == "#":
            break
        escape = bool(quote) and mark == "\\" and not escape
        kept.append(mark)
    text = "".join(kept).strip()
    if text and text[0] in "'\"" and text[-1] == text[0]:
        text = text[1:-1]
    known: Mapping[str, str] = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "s": " "}
    out: list[str] = []
    marks: Any = iter(text)
    for mark in marks:
        if mark != "\\":
            out.append(mark)
            continue
        following = next(marks, "")
        out.append(
            known.get(following) or (following if following in "\\'\"" else mark + following)
        )
    return "".join(out)
