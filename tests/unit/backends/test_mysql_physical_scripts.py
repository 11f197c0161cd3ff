"""The script that copies the files of a server, in several shells, with stand-ins for its programs."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shells import SHELLS, every
from tests.unit.backends.method_shell import MethodShell
from tests.unit.backends.mysql_server import PASSWORD, method_shell, value_of

TOOLS = {"mysql": ("xtrabackup", "xbstream"), "mariadb": ("mariadb-backup", "mbstream")}
VERSIONS = {
    "mysql": "xtrabackup version 8.4.0-1 based on MySQL server 8.4.0 Linux",
    "mariadb": "mariadb-backup based on MariaDB server 10.11.19-MariaDB debian-linux-gnu",
}
# Each writes down its words; a word that is in the file `broken` fails.
_TOOL = """#!/bin/sh
printf '%s\\n' "$(basename "$0") $*" >>"$HOME/words"
while read -r word; do
  case " $* " in *"$word"*) echo "broken: $word" >&2; exit 9 ;; esac
done <"$HOME/broken"
case "$*" in
  *--version*) cat "$HOME/version" >&2 ;;
  *--defaults-file=*)
    file=$(printf '%s' "$1" | sed 's/^--defaults-file=//')
    cp "$file" "$HOME/options"
    echo stream
    ;;
  *--copy-back*) echo x >"$(printf '%s' "$*" | sed 's/^.*--datadir=\\([^ ]*\\).*$/\\1/')/ibdata1" ;;
  -x*) cat >"$3/stream" ;;
esac
"""


class Files:
    """A data directory, and what the programs did."""

    def __init__(self, shell: str, home: Path, flavour: str) -> None:
        self.flavour = flavour
        self.tool, self.stream = TOOLS[flavour]
        programs = {self.tool: _TOOL, self.stream: _TOOL}
        self.method: MethodShell
        self.method, self.server = method_shell(shell, home, flavour, "physical.sh", **programs)
        self.home = home
        self.data = home / "data"
        self.data.mkdir()
        (home / "broken").write_text("")
        (home / "version").write_text(f"{VERSIONS[flavour]}\n")
        self.method.environment |= {
            "DATA": str(self.data),
            "LIVE": "yes",
            "HOST": "127.0.0.1",
            "PORT": "1",
        }

    def fill(self) -> None:
        """Put the files of a server into the directory, and what a file system puts there."""
        (self.data / "lost+found").mkdir()
        (self.data / "mysql").mkdir()
        for name in ("ibdata1", ".hidden", "..odd", "-x y"):
            (self.data / name).write_text("x")

    def run(
        self, *words: str, given: bytes = b"", **values: str
    ) -> subprocess.CompletedProcess[bytes]:
        """Start the script with a word of the protocol."""
        return self.method.run(*words, given=given, **values)

    @property
    def words(self) -> list[str]:
        """Return the commands that ran."""
        path = self.home / "words"
        return path.read_text().splitlines() if path.exists() else []

    def breaks(self, word: str) -> None:
        """Let every command with a word fail."""
        (self.home / "broken").write_text(f"{word}\n")


@pytest.fixture(params=TOOLS)
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    return Files("dash", tmp_path / "home", request.param)


@pytest.fixture(params=every(SHELLS))
def shells(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    return Files(request.param, tmp_path / "home", "mysql")


@pytest.fixture
def listening() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


def test_the_whole_server_is_one_part(shells: Files) -> None:
    shells.fill()
    assert shells.method.lines("check")[0] == VERSIONS["mysql"]
    assert shells.method.lines("parts") == ["server"]
    done = shells.run("capture", "server")
    assert done.stdout == b"stream\n", done.stderr
    options = (shells.home / "options").read_text()
    assert options.startswith("[xtrabackup]\n")
    assert value_of(options, "password") == PASSWORD
    assert PASSWORD not in "".join(shells.words)
    assert f"--datadir={shells.data}" in shells.words[-1]
    assert "--backup --stream=xbstream" in shells.words[-1]


def test_a_volume_without_a_server_s_files_is_refused(files: Files) -> None:
    done = files.run("check")
    assert done.returncode == 1
    assert b"no data directory" in done.stderr


def test_a_mariadb_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    files = Files("dash", tmp_path / "home", "mariadb")
    files.fill()
    assert files.run("check").returncode == 0
    files.server.answer("select @@version", "11.4.2-MariaDB\n")
    assert b"older than the server" in files.run("check").stderr


def test_a_copy_is_unpacked_and_made_ready_to_be_checked(files: Files) -> None:
    assert files.run("verify", "server", given=b"stream").returncode == 0
    unpack, prepare = files.words
    assert unpack.startswith(f"{files.stream} -x -C ")
    assert f"{files.tool} --no-defaults --prepare --target-dir=" in prepare
    assert not [*files.method.scratch.rglob("unpacked")]


@pytest.mark.parametrize("word", ["-x", "--prepare"])
def test_a_copy_that_cannot_be_used_does_not_stand_the_check(files: Files, word: str) -> None:
    files.breaks(word)
    done = files.run("verify", "server", given=b"stream")
    assert done.returncode != 0
    assert b"broken" in done.stderr


def test_an_empty_volume_can_be_restored_to(shells: Files) -> None:
    (shells.data / "lost+found").mkdir()
    assert shells.run("guard").returncode == 0
    assert shells.run("restore", "server", given=b"stream").returncode == 0
    assert "--copy-back --force-non-empty-directories" in shells.words[-1]
    (shells.data / "mysql.ibd").write_text("x")
    assert shells.run("finish").returncode == 0


def test_a_directory_of_the_volume_is_made(files: Files) -> None:
    assert files.run("guard", DATA=f"{files.data}/deep/er").returncode == 0
    assert (files.data / "deep" / "er").is_dir()


def test_files_are_only_removed_after_they_were_seen(shells: Files) -> None:
    shells.fill()
    done = shells.run("guard")
    assert done.returncode == 3
    assert b"holds 5 entries" in done.stderr
    assert shells.run("clear").returncode == 0
    assert [path.name for path in shells.data.iterdir()] == ["lost+found"]


@pytest.mark.parametrize("word", ["guard", "clear"])
def test_the_files_of_a_running_server_are_not_touched(
    shells: Files, listening: str, word: str
) -> None:
    shells.fill()
    done = shells.run(word, PORT=listening)
    assert done.returncode not in (0, 3)
    assert b"stop it first" in done.stderr
    assert (shells.data / "ibdata1").exists()


def test_another_volume_is_filled_while_the_server_runs(files: Files, listening: str) -> None:
    assert files.run("guard", PORT=listening, LIVE="no").returncode == 0


def test_a_target_that_is_a_server_is_refused(files: Files) -> None:
    done = files.run("guard", TARGET="db")
    assert done.returncode not in (0, 3)
    assert b"restoreClaim" in done.stderr


@pytest.mark.parametrize("word", ["-x", "--prepare", "--copy-back"])
def test_a_restore_that_fails_midway_fails(files: Files, word: str) -> None:
    files.breaks(word)
    assert files.run("restore", "server", given=b"stream").returncode != 0


def test_a_volume_without_system_tables_did_not_come_back(files: Files) -> None:
    assert files.run("finish").returncode == 1
    (files.data / "ibdata1").write_text("x")
    assert b"no system tables" in files.run("finish").stderr
