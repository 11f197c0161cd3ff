"""The scripts that bring MySQL and MariaDB back from SQL, in several shells, against stand-ins."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import pytest

from tests.shells import SHELLS, every
from tests.unit.backends.method_shell import MethodShell
from tests.unit.backends.mysql_server import CLIENTS, Server, method_shell, value_of

FLAVOURS = tuple(CLIENTS)
HOSTILE = "-o'rd\"ers $(x) `y` \\ \n é😀"
RCLONE = (
    '#!/bin/sh\ncase $* in *obscure*) cat >/dev/null; echo x ;; *) cat "$HOME/stored" ;; esac\n'
)

Pair = tuple[MethodShell, Server]


@pytest.fixture(params=every(SHELLS))
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=FLAVOURS)
def pair(request: pytest.FixtureRequest, shell: str, tmp_path: Path) -> Pair:
    return method_shell(shell, tmp_path / "home", request.param, rclone=RCLONE)


@pytest.fixture
def one(tmp_path: Path, request: pytest.FixtureRequest) -> Pair:
    return method_shell("dash", tmp_path / "home", request.param, rclone=RCLONE)


both = pytest.mark.parametrize("one", FLAVOURS, indirect=True)


def text(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode()


def stored(method: MethodShell, server: Server, contents: bytes) -> None:
    """Put a point into the store of which only the contents are known."""
    method.want({"contents": contents, "databases": b"x"})
    (server.home / "stored").write_bytes(contents)
    (server.home / "key").write_text("sesame")
    method.environment |= {
        "ENGINE": "object",
        "POINT": "20261124T100000Z-abcdef",
        "STORE": "store:points",
        "ENCRYPTION_FILE": str(server.home / "key"),
        "AZURE_CREDENTIALS_FILE": "",
    }


def test_an_account_that_the_target_has_stays_as_it_is(pair: Pair) -> None:
    method, server = pair
    client = CLIENTS[server.flavour][0]
    server.answer("select concat(lower(hex(user))", "61-25\n-6e\n")
    given = (
        b"-- account 61-25\nCREATE USER old;\n-- end 61-25\n-- account -6e\nCREATE USER nobody;\n-- end -6e\n"
        b"-- account 62-25\nCREATE USER new;\n-- end 62-25\n-- complete\n"
    )
    assert method.run("restore", "accounts", given=given).returncode == 0
    fed = server.called(client, "--force")[0].asked
    assert "CREATE USER new" in fed
    assert "old" not in fed
    assert "nobody" not in fed
    assert method.run("restore", "grants", given=given).returncode == 0
    assert "old" not in server.called(client, "--force")[-1].asked


@both
def test_grants_on_what_is_gone_do_not_stop_a_restore_others_do(one: Pair) -> None:
    method, server = one
    server.answer("from mysql.user", "")
    method.run("restore", "accounts", given=b"-- complete\n")
    server.answer(
        "GRANT", code=1, error="ERROR 1146 (42S02) at line 2: Table 'a.b' doesn't exist\n"
    )
    done = method.run("restore", "grants", given=b"GRANT x;\n")
    assert done.returncode == 0
    assert "not granted: 1146" in text(done)
    server.answer("GRANT", code=1, error="ERROR 1045 (28000) at line 2: Access denied\n")
    assert method.run("restore", "grants", given=b"GRANT x;\n").returncode != 0
    server.answer("GRANT", code=127, error="not found\n")
    assert method.run("restore", "grants", given=b"GRANT x;\n").returncode != 0


def test_the_target_is_searched_for_exactly_what_the_point_holds(pair: Pair) -> None:
    method, server = pair
    contents = f"database {HOSTILE.encode().hex()} utf8mb4 utf8mb4_bin\n".encode()
    stored(method, server, contents)
    server.inventory(("database", HOSTILE, "utf8mb4", "utf8mb4_bin"))
    assert method.run("guard", TARGET="other").returncode == 0
    assert f"in ('{HOSTILE.encode().hex()}', '')" in server.asked
    assert value_of(server.calls[-1].options, "host") == "other"

    server.inventory(("database", HOSTILE, "utf8mb4", "utf8mb4_bin"), ("view", HOSTILE, "v"))
    done = method.run("guard")
    assert done.returncode == 3
    assert "that is not empty" in text(done)
    server.answer("drop database NAME", "DROPS;\n")
    assert method.run("clear").returncode == 0
    asked = [call.asked for call in server.calls if "drop database NAME" in call.asked]
    assert len(asked) == 1
    assert HOSTILE.encode().hex() in asked[0]
    assert "foreign_key_checks = 0" in server.calls[-1].asked


@both
def test_a_list_that_is_not_the_recorded_one_stops_the_restore(one: Pair) -> None:
    method, server = one
    stored(method, server, b"database 61 utf8mb4 utf8mb4_bin\n")
    (server.home / "stored").write_bytes(b"database 62 utf8mb4 utf8mb4_bin\n")
    done = method.run("guard")
    assert done.returncode not in (0, 3)
    assert "is damaged" in text(done)


@both
def test_an_address_with_a_line_break_is_no_address(one: Pair) -> None:
    method, _ = one
    done = method.run("guard", TARGET="a\nuser=root")
    assert done.returncode not in (0, 3)


def restoring(
    method: MethodShell, server: Server, dump: bytes
) -> subprocess.CompletedProcess[bytes]:
    contents = b"database 61 latin1 latin1_bin\n"
    stored(method, server, contents)
    server.answer("information_schema.schemata", "database 61 latin1 latin1_bin\n")
    assert method.run("guard").returncode == 0
    return method.run("restore", "databases", given=gzip.compress(dump))


def test_the_command_that_old_clients_do_not_know_is_left_out(pair: Pair) -> None:
    method, server = pair
    dump = b"/*M!999999\\- enable the sandbox mode */ \nCREATE TABLE t;\n-- Dump completed\n"
    done = restoring(method, server, dump)
    assert done.returncode == 0, text(done)
    [call] = server.called(CLIENTS[server.flavour][0], "--binary-mode")
    assert call.asked == "CREATE TABLE t;\n-- Dump completed\n"


@both
def test_a_dump_without_that_command_is_fed_whole(one: Pair) -> None:
    method, server = one
    restoring(method, server, b"-- \\first\nlast\n")
    [call] = server.called(CLIENTS[server.flavour][0], "--binary-mode")
    assert call.asked == "-- \\first\nlast\n"
    defaults = [call.asked for call in server.calls if "alter database NAME" in call.asked]
    assert "character set latin1 collate latin1_bin" in defaults[0]


@both
def test_a_dump_that_is_cut_short_fails_the_restore(one: Pair) -> None:
    method, server = one
    assert restoring(method, server, b"x\n").returncode == 0
    for short in (gzip.compress(b"y" * 9000)[:-6], gzip.compress(b""), b""):
        assert method.run("restore", "databases", given=short).returncode != 0


@both
def test_a_statement_that_fails_fails_the_restore_and_limits_go_back(one: Pair) -> None:
    method, server = one
    server.answer("select @@global.max_allowed_packet", "67108864\n")
    server.answer("--binary-mode", code=1, error="ERROR 1064\n")
    assert restoring(method, server, b"x\n").returncode == 1
    settings = [c.asked.strip() for c in server.calls if "set global" in c.asked]
    assert settings == [
        "set global max_allowed_packet = 1073741824",
        "set global max_allowed_packet = 67108864",
    ]


@both
def test_what_did_not_come_back_or_is_broken_fails(one: Pair) -> None:
    method, server = one
    restoring(method, server, b"x\n")
    assert method.run("finish").returncode == 0
    server.answer("check table", "CHECKS\n")
    server.answer("CHECKS", "a.t\tcheck\tnote\tno check here\na.t\tcheck\tstatus\tOK\n")
    assert method.run("finish").returncode == 0
    server.answer("CHECKS", "a.t\tcheck\tstatus\tOK\na.u\tcheck\terror\tCorrupt\n")
    assert "Corrupt" in text(method.run("finish"))
    server.answer("information_schema.schemata", "")
    assert "missing: database a" in text(method.run("finish"))
