"""The method scripts of PostgreSQL, in several shells, with programs that write down how they are called."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from tests.shells import SHELLS, every
from tests.unit.backends.postgresql_stand_ins import HOSTILE, PostgreSQLScripts

DIGITS = HOSTILE.encode().hex()
GLOBALS = (
    "-- PostgreSQL database cluster dump\n--\n-- PostgreSQL database cluster dump complete\n--\n\n"
)


@pytest.fixture(params=every(SHELLS))
def dump(request: pytest.FixtureRequest, tmp_path: Path) -> PostgreSQLScripts:
    found = PostgreSQLScripts(request.param, tmp_path, "dump.sh")
    found.answer("from pg_database", f"6f7264657273\n{DIGITS}\n")
    return found


@pytest.fixture(params=every(SHELLS))
def physical(request: pytest.FixtureRequest, tmp_path: Path) -> PostgreSQLScripts:
    found = PostgreSQLScripts(request.param, tmp_path, "physical.sh")
    found.answer("rolreplication", "t\n")
    found.answer("pg_tablespace", "0\n")
    found.answer("pg_is_in_recovery", "f\n")
    found.answer("'wal '", "wal 77 000000010000000000000003 16777216\n")
    (tmp_path / "data").mkdir()
    return found


def tar(*files: str, packed: bool = False) -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as archive:
        for name in files:
            info = tarfile.TarInfo(name)
            info.size = 2
            archive.addfile(info, io.BytesIO(b"15"))
    return gzip.compress(body.getvalue()) if packed else body.getvalue()


def test_the_password_is_in_the_environment_only(dump: PostgreSQLScripts) -> None:
    assert dump.run("check").returncode == 0
    for call in dump.calls("psql"):
        assert call["password"] == HOSTILE
        assert HOSTILE not in call["words"] + call["input"]
        assert call["ssl"] == "verify-full"


def test_an_old_client_fails(dump: PostgreSQLScripts) -> None:
    dump.answer("server_version_num", "160002\n")
    done = dump.run("check")
    assert done.returncode == 1
    assert b"older than the server" in done.stderr


def test_a_server_that_does_not_answer_fails(dump: PostgreSQLScripts) -> None:
    dump.break_("psql")
    for word in ("check", "parts", "guard"):
        assert dump.run(word).returncode not in (0, 3)


def test_every_database_is_a_part_behind_the_roles(dump: PostgreSQLScripts) -> None:
    done = dump.run("parts")
    assert done.stdout.decode().splitlines() == [
        "globals",
        "database-6f7264657273",
        f"database-{DIGITS}",
    ]


def test_a_database_that_is_asked_for_and_missing_fails(dump: PostgreSQLScripts) -> None:
    done = dump.run("parts", DATABASES=f"{DIGITS}\n6e6f6e65")
    assert done.returncode == 1
    assert b"there is no database none" in done.stderr


def test_a_hostile_name_arrives_as_it_is(dump: PostgreSQLScripts) -> None:
    assert dump.run("capture", f"database-{DIGITS}").returncode == 0
    (call,) = dump.calls("pg_dump")
    assert call["database"] == HOSTILE
    assert HOSTILE not in call["words"]


@pytest.mark.parametrize(("engine", "level"), [("restic", "0"), ("object", "6")])
def test_only_what_restic_does_not_store_is_compressed(
    dump: PostgreSQLScripts, engine: str, level: str
) -> None:
    dump.run("capture", f"database-{DIGITS}", ENGINE=engine)
    assert f"--compress|{level}" in dump.calls("pg_dump")[0]["words"]


def test_a_failing_dump_fails(dump: PostgreSQLScripts) -> None:
    dump.break_("pg_dump")
    dump.break_("pg_dumpall")
    assert dump.run("capture", f"database-{DIGITS}").returncode == 2
    assert dump.run("capture", "globals").returncode == 2


def test_roles_count_only_with_their_last_line(dump: PostgreSQLScripts) -> None:
    assert dump.run("verify", "globals", given=GLOBALS.encode()).returncode == 0
    assert dump.run("verify", "globals", given=GLOBALS.encode()[:40]).returncode == 1
    assert dump.run("verify", "globals").returncode == 1


def test_an_archive_is_read_to_its_end(dump: PostgreSQLScripts) -> None:
    assert dump.run("verify", f"database-{DIGITS}", given=b"PGDMP").returncode == 0
    assert "--list" not in dump.calls("pg_restore")[0]["words"]
    dump.break_("pg_restore")
    assert dump.run("verify", f"database-{DIGITS}", given=b"PGDMP").returncode == 2


def test_a_target_with_one_of_the_databases_is_not_empty(dump: PostgreSQLScripts) -> None:
    dump.method.want({"globals": b"", f"database-{DIGITS}": b""})
    dump.answer("count(*)", "1\n")
    done = dump.run("guard", TARGET="other-db")
    assert done.returncode == 3
    assert HOSTILE in done.stderr.decode()
    assert {call["host"] for call in dump.calls("psql")} == {"other-db"}
    dump.method.want({"globals": b"", "database-6e6577": b""})
    assert dump.run("guard").returncode == 0


def test_only_the_wanted_databases_are_dropped(dump: PostgreSQLScripts) -> None:
    dump.method.want({f"database-{DIGITS}": b""})
    dump.answer("count(*)", "1\n")
    assert dump.run("clear").returncode == 0
    (drop,) = [call for call in dump.calls("psql") if "drop database" in call["input"]]
    assert f"--set|name={HOSTILE}" in drop["words"]
    assert drop["database"] == "template1"


def test_the_restoring_account_stays_as_it_is(dump: PostgreSQLScripts) -> None:
    dump.method.want({"globals": b""})
    dump.answer("quote_ident", "postgres\n")
    given = (
        "CREATE ROLE postgres;\nALTER ROLE postgres WITH LOGIN PASSWORD 'x';\nCREATE ROLE app;\n"
    )
    assert dump.run("restore", "globals", given=given.encode()).returncode == 0
    assert (dump.method.scratch / "globals").read_text() == "CREATE ROLE app;\n"


def test_a_physical_copy_needs_the_same_release(physical: PostgreSQLScripts) -> None:
    done = physical.run("check")
    assert done.returncode == 0, done.stderr
    assert b"server 150020" not in done.stdout
    physical.answer("server_version_num", "140010\n")
    done = physical.run("check")
    assert done.returncode == 1
    assert b"they must be the same" in done.stderr


@pytest.mark.parametrize(
    ("words", "answer", "complaint"),
    [("rolreplication", "f\n", "may not replicate"), ("pg_tablespace", "1\n", "tablespaces")],
)
def test_what_a_stream_cannot_hold_fails(
    physical: PostgreSQLScripts, words: str, answer: str, complaint: str
) -> None:
    physical.answer(words, answer)
    done = physical.run("check")
    assert done.returncode == 1
    assert complaint in done.stderr.decode()


def test_a_point_says_where_its_log_begins(physical: PostgreSQLScripts) -> None:
    assert b"wal 77" not in physical.run("check").stdout
    done = physical.run("check", SLOTS="there other\nhere bpc_here")
    assert b"wal 77 000000010000000000000003 16777216\n" in done.stdout
    assert "slot=bpc_here" in physical.calls("psql")[-1]["words"]
    assert b"the log is not being archived" in done.stderr


def test_a_standby_has_no_archive(physical: PostgreSQLScripts) -> None:
    physical.answer("pg_is_in_recovery", "t\n")
    assert physical.run("check").returncode == 0
    assert physical.run("check", SLOTS="here bpc_here").returncode == 1


@pytest.mark.parametrize(("engine", "packed"), [("restic", False), ("object", True)])
def test_a_copy_is_unpacked_and_checked(
    physical: PostgreSQLScripts, engine: str, packed: bool
) -> None:
    whole = tar("backup_label", "PG_VERSION", "backup_manifest", packed=packed)
    done = physical.run("verify", "base", given=whole, ENGINE=engine)
    assert done.returncode == 0, done.stderr
    assert not (physical.method.scratch / "trial").exists()
    physical.run("capture", "base", ENGINE=engine)
    assert ("--compress" in physical.calls("pg_basebackup")[0]["words"]) is packed
    cut = physical.run(
        "verify", "base", given=whole[: len(whole) // 2 if packed else 1100], ENGINE=engine
    )
    assert cut.returncode != 0
    none = physical.run("verify", "base", given=tar("PG_VERSION", packed=packed), ENGINE=engine)
    assert b"no manifest" in none.stderr
    physical.break_("pg_verifybackup")
    assert physical.run("verify", "base", given=whole, ENGINE=engine).returncode != 0


def test_a_target_is_empty_or_holds_data(physical: PostgreSQLScripts) -> None:
    assert physical.run("guard").returncode == 0
    data = physical.home / "data" / "pgdata"
    assert data.stat().st_mode & 0o777 == 0o700
    (data / HOSTILE).write_text("x")
    (data / "PG_VERSION").write_text("15")
    assert physical.run("guard").returncode == 3
    assert physical.run("clear").returncode == 0
    assert list(data.iterdir()) == []


def test_a_server_in_another_directory_of_the_claim_is_an_error(
    physical: PostgreSQLScripts,
) -> None:
    other = physical.home / "data" / "elsewhere"
    other.mkdir()
    (other / "PG_VERSION").write_text("15")
    done = physical.run("guard")
    assert done.returncode == 1
    assert "elsewhere" in done.stderr.decode()


def test_files_in_use_are_refused_and_a_lock_that_was_left_is_not(
    physical: PostgreSQLScripts,
) -> None:
    data = physical.home / "data" / "pgdata"
    data.mkdir()
    (data / "postmaster.pid").write_text("1")
    assert physical.run("guard").returncode == 1
    physical.break_("pg_isready")
    assert physical.run("guard").returncode == 3
    assert physical.run("clear").returncode == 0
    assert not (data / "postmaster.pid").exists()
