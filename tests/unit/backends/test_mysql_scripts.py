"""The scripts that read MySQL and MariaDB as SQL, in several shells, with stand-ins for the clients."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.shells import SHELLS, every
from tests.unit.backends.method_shell import MethodShell
from tests.unit.backends.mysql_server import CLIENTS, PASSWORD, Server, method_shell, value_of

FLAVOURS = tuple(CLIENTS)
HOSTILE = "-o'rd\"ers $(x) `y` \\ \n é😀"
DATABASE = ("database", "orders", "utf8mb4", "utf8mb4_bin")
RCLONE = (
    '#!/bin/sh\ncase $* in *obscure*) cat >/dev/null; echo x ;; *) cat "$HOME/stored" ;; esac\n'
)

Pair = tuple[MethodShell, Server]


@pytest.fixture(params=every(SHELLS))
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=FLAVOURS)
def pair(request: pytest.FixtureRequest, shell: str, tmp_path: Path) -> Pair:
    return method_shell(shell, tmp_path / "home", request.param)


@pytest.fixture
def one(tmp_path: Path, request: pytest.FixtureRequest) -> Pair:
    return method_shell("dash", tmp_path / "home", request.param)


both = pytest.mark.parametrize("one", FLAVOURS, indirect=True)


def text(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode()


def test_any_password_reaches_the_client_by_a_private_file_alone(pair: Pair) -> None:
    method, server = pair
    assert method.run("check").returncode == 0
    [call, *_] = [call for call in server.calls if call.options]
    assert value_of(call.options, "password") == PASSWORD
    assert value_of(call.options, "user") == "back'up\\"
    assert call.mode == "0o600"
    assert all(PASSWORD not in " ".join(call.arguments) for call in server.calls)
    assert all(
        not call.options or call.arguments[0].startswith("--defaults-file=")
        for call in server.calls
    )


@pytest.mark.parametrize(
    "secret", ["#", "a#b", "'", '"', "\\", "\\n", "a\nb", " a ", "😀", "a=b;c", "$(x)`y`"]
)
@both
def test_every_kind_of_password_means_itself(one: Pair, secret: str) -> None:
    method, server = one
    (server.home / "credentials/database/password").write_text(f"{secret}\n", encoding="utf-8")
    assert method.run("check").returncode == 0
    assert value_of(next(c.options for c in server.calls if c.options), "password") == secret


@pytest.mark.parametrize(
    ("one", "mode", "lines"),
    [
        ("mysql", "disable", ["ssl-mode=DISABLED", "get-server-public-key"]),
        ("mysql", "require", ["ssl-mode=REQUIRED"]),
        ("mysql", "verify", ["ssl-mode=VERIFY_IDENTITY", "ssl-ca=/authority/ca.crt"]),
        ("mariadb", "disable", ["skip-ssl"]),
        ("mariadb", "require", ["ssl", "disable-ssl-verify-server-cert"]),
        ("mariadb", "verify", ["ssl", "ssl-verify-server-cert", "ssl-ca=/authority/ca.crt"]),
    ],
    indirect=["one"],
)
def test_the_connection_is_protected_as_asked(one: Pair, mode: str, lines: list[str]) -> None:
    method, server = one
    assert method.run("check", TLS=mode).returncode == 0
    options = next(c.options for c in server.calls if c.options).splitlines()
    assert [line for line in options if "ssl" in line or "public" in line] == lines


@both
def test_a_connection_that_is_not_encrypted_is_not_used(one: Pair) -> None:
    method, server = one
    server.answer("Ssl_cipher", "Ssl_cipher\t\n")
    assert "is not encrypted" in text(method.run("check"))
    assert method.run("check", TLS="disable").returncode == 0


@pytest.mark.parametrize(
    ("one", "program", "release", "fits"),
    [
        ("mysql", "mysqldump  Ver 8.0.36 for Linux", "8.4.0", False),
        ("mysql", "mysqldump  Ver 9.7.2 for Linux", "8.0.46", True),
        ("mysql", "mysqldump  Ver 10.13 Distrib 5.7.44, for Linux", "8.0.46", False),
        (
            "mariadb",
            "mariadb-dump from 11.4.2-MariaDB, client 10.19 for Linux",
            "11.4.9-MariaDB",
            True,
        ),
        (
            "mariadb",
            "mariadb-dump from 11.4.2-MariaDB, client 10.19 for Linux",
            "11.8.1-MariaDB",
            False,
        ),
        (
            "mariadb",
            "mariadb-dump  Ver 10.19 Distrib 10.6.2-MariaDB, for x",
            "10.11.1-MariaDB",
            False,
        ),
        ("mariadb", "mariadb-dump  Ver 10.19 Distrib 10.11.2-MariaDB, for x", "8.4.0", False),
        ("mysql", "mysqldump  Ver 8.4.6 for Linux", "10.11.19-MariaDB", False),
    ],
    indirect=["one"],
)
def test_only_a_server_that_the_programs_know_is_read(
    one: Pair, program: str, release: str, fits: bool
) -> None:
    method, server = one
    server.answer(f"{CLIENTS[server.flavour][1]} --version", f"{program}\n")
    server.answer("select @@version", f"{release}\n")
    done = method.run("check")
    assert (done.returncode == 0) is fits, text(done)
    assert ("older than" in text(done) or "the dataset's type" in text(done)) is not fits


@both
def test_an_account_that_would_miss_something_is_refused(one: Pair) -> None:
    method, server = one
    server.answer("user_privileges", "SELECT\nSHOW VIEW\nTRIGGER\n")
    done = method.run("check")
    assert done.returncode == 1
    assert "the privilege EVENT" in text(done)


def test_tables_without_transactions_are_refused_unless_locked(pair: Pair) -> None:
    method, server = pair
    server.answer("information_schema.engines", f"{HOSTILE.encode().hex()} {b't'.hex()} MyISAM\n")
    done = method.run("check")
    assert done.returncode == 1
    assert ".t is a MyISAM table" in text(done)
    assert method.run("check", LOCK="yes").returncode == 0


def test_the_parts_are_the_same_for_any_number_of_databases(pair: Pair) -> None:
    method, server = pair
    server.inventory(DATABASE, ("base-table", "orders", HOSTILE))
    assert method.lines("parts") == ["contents", "accounts", "databases", "grants"]
    contents = method.run("capture", "contents").stdout
    assert method.run("verify", "contents", given=contents).returncode == 0


@both
def test_a_database_that_is_not_there_fails(one: Pair) -> None:
    method, server = one
    server.inventory(DATABASE)
    digits = f"{b'orders'.hex()}\n{b'gone'.hex()}"
    assert "there is no database gone" in text(method.run("parts", DATABASES=digits))
    server.answer("information_schema.schemata", "")
    assert "shows no database" in text(method.run("parts"))


def test_hostile_names_reach_the_dump_as_they_are(pair: Pair) -> None:
    method, server = pair
    server.inventory(("database", HOSTILE, "utf8mb4", "utf8mb4_bin"), DATABASE)
    names = f"{HOSTILE.encode().hex()}\n{b'orders'.hex()}"
    method.lines("parts", DATABASES=names)
    assert method.run("capture", "databases", DATABASES=names).returncode == 0
    [call] = server.called(CLIENTS[server.flavour][1], "--databases")
    place = call.arguments.index("--databases")
    assert call.arguments[place:] == ["--databases", "--", HOSTILE, "orders"]
    assert f"in ('{HOSTILE.encode().hex()}', '{b'orders'.hex()}', '')" in server.asked


@pytest.mark.parametrize(
    ("one", "there", "missing"),
    [
        (
            "mysql",
            ["--single-transaction", "--set-gtid-purged=OFF", "--source-data=2"],
            ["--lock-all-tables"],
        ),
        (
            "mariadb",
            ["--single-transaction", "--master-data=2", "--gtid"],
            ["--set-gtid-purged=OFF"],
        ),
    ],
    indirect=["one"],
)
def test_a_dump_holds_everything_at_one_moment(
    one: Pair, there: list[str], missing: list[str]
) -> None:
    method, server = one
    server.inventory(DATABASE)
    method.lines("parts")
    method.run("capture", "databases")
    [call] = server.called(CLIENTS[server.flavour][1], "--databases")
    common = ["--quick", "--routines", "--events", "--triggers", "--hex-blob", "--no-tablespaces"]
    assert {*common, *there} <= set(call.arguments)
    assert not set(missing) & set(call.arguments)


@both
def test_tables_are_locked_only_if_asked(one: Pair) -> None:
    method, server = one
    server.inventory(DATABASE)
    method.lines("parts")
    method.run("capture", "databases", LOCK="yes")
    [call] = server.called(CLIENTS[server.flavour][1], "--databases")
    assert "--lock-all-tables" in call.arguments
    assert "--single-transaction" not in call.arguments


@both
def test_a_server_without_a_log_is_not_asked_for_its_place(one: Pair) -> None:
    method, server = one
    server.inventory(DATABASE)
    server.answer("@@log_bin", "0\n")
    method.lines("parts")
    method.run("capture", "databases")
    [call] = server.called(CLIENTS[server.flavour][1], "--databases")
    assert not [word for word in call.arguments if "data=2" in word or word == "--gtid"]


@pytest.mark.parametrize("one", ["mysql"], indirect=True)
def test_an_old_mysqldump_is_asked_in_its_own_words(one: Pair) -> None:
    method, server = one
    server.inventory(DATABASE)
    server.answer("mysqldump --help", "  --master-data[=#]\n")
    method.lines("parts")
    method.run("capture", "databases")
    assert server.called("mysqldump", "--master-data=2")


def test_what_vanished_while_it_was_read_fails_the_dump(pair: Pair) -> None:
    method, server = pair
    server.inventory(DATABASE, ("base-table", "orders", "kept"), ("procedure", "orders", "gone"))
    method.lines("parts")
    server.inventory(DATABASE, ("base-table", "orders", "kept"), ("base-table", "orders", "new"))
    done = method.run("capture", "databases")
    assert done.returncode != 0
    assert "missing: procedure orders gone" in text(done)


@both
def test_a_failing_dump_fails(one: Pair) -> None:
    method, server = one
    server.inventory(DATABASE)
    method.lines("parts")
    server.answer(
        f"{CLIENTS[server.flavour][1]} --defaults-file", "half", code=3, error="gone away"
    )
    assert method.run("capture", "databases").returncode == 3


@pytest.mark.parametrize(
    ("part", "given", "good"),
    [
        ("databases", "-- x\n-- Dump completed\n", True),
        ("databases", "-- x\n-- Dump completed on 2026-11-24 10:00:00\n", True),
        ("databases", "-- Dump completed\ninsert into t values (1);\n", False),
        ("databases", "-- x\n", False),
        ("databases", "", False),
        ("accounts", "CREATE USER a;\n-- complete\n", True),
        ("accounts", "CREATE USER a;\n", False),
        ("grants", "-- complete\nx\n", False),
        ("contents", "database 61 utf8mb4 utf8mb4_bin\nbase-table 61 62\n", True),
        ("contents", "base-table 61 62\n", False),
        ("contents", "database 61 utf8mb4 utf8mb4_bin\nERROR 1\n", False),
        ("other", "-- complete\n", False),
    ],
)
@both
def test_only_what_is_complete_stands_the_check(
    one: Pair, part: str, given: str, good: bool
) -> None:
    method, _ = one
    assert (method.run("verify", part, given=given.encode()).returncode == 0) is good


@both
def test_what_the_object_engine_stores_is_compressed_and_checked(one: Pair) -> None:
    method, server = one
    server.inventory(DATABASE)
    method.environment["ENGINE"] = "object"
    method.lines("parts")
    stored_part = method.capture("databases")
    assert gzip.decompress(stored_part) == b"-- Dump completed\n"
    for broken in (stored_part[:-4], stored_part[:12], b"-- Dump completed\n", stored_part + b"x"):
        assert method.run("verify", "databases", given=broken).returncode != 0
    server.answer(f"{CLIENTS[server.flavour][1]} --defaults-file", "half", code=3)
    assert method.run("capture", "databases").returncode != 0


def test_accounts_come_out_as_sql_of_their_own(pair: Pair) -> None:
    method, server = pair
    server.answer("from mysql.user", "QUERIES\n")
    tab = "\\t"
    server.answer(
        "QUERIES",
        f"-- account 61-25\nCREATE USER `a\\\\b\\nc{tab}d`@`%`\n-- end 61-25\n-- complete\n",
    )
    done = method.run("capture", "accounts")
    assert done.stdout.decode() == (
        "-- account 61-25\nCREATE USER IF NOT EXISTS `a\\b\nc\td`@`%`;\n-- end 61-25\n-- complete\n"
    )
    [call] = [call for call in server.calls if "QUERIES" in call.asked]
    assert ("print_identified_with_as_hex" in call.asked) is (server.flavour == "mysql")


def test_the_scripts_are_clean() -> None:
    checker = Path(sys.executable).with_name("shellcheck")
    scripts = sorted((ROOT / "templates" / "mysql" / "scripts").glob("*.sh"))
    assert len(scripts) == 6
    done = subprocess.run(
        [checker, "-x", *scripts], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
