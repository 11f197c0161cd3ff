"""MySQL and MariaDB for real, as SQL: back up, destroy, restore, compare; and what must not pass."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bpc.backends.mysql import LOCKING, RIGHTS
from tests.acceptance import tools
from tests.acceptance.kubelet import Image, Pod, World
from tests.acceptance.running import Estate, estate_of, machine_images, points, secrets
from tests.acceptance.servers.mariadb import MariaDB
from tests.acceptance.servers.mysql import MySQL
from tests.acceptance.servers.mysql_family import MySqlFamily

pytestmark = pytest.mark.acceptance

KINDS: dict[str, type[MySqlFamily]] = {"mariadb": MariaDB, "mysql": MySQL}
VERSIONS = {"mariadb": "10.11", "mysql": "9.7"}
HOSTILE = ("o'rd\"ers $(x) `y` \\ é", "-n", "new\nline", "$(x) `y` é;--")
# mariadb-dump cannot read events of a database whose name it has to escape.
ESCAPED = ("'", '"', "\\", "\n")
PASSWORD = "p'a\"s$s`w\\o#r d😀\\n\\"  # noqa: S105 - of a server that lives for one test
APP = "app-secret"
USER = "us'e\"r\\ $x"
FILL = r"""
create table items (id int auto_increment primary key, name varchar(100) character set utf8mb4, body blob);
insert into items (name, body) values ('nä😀me\n''q''', x'00ff0a27'), (null, null), ('', '');
insert into items (name, body) select concat(name, id), sha2(rand(), 256) from items;
insert into items (name, body) select concat(name, id), sha2(rand(), 256) from items;
create table `new
table` (`co
lumn` int);
create view few as select id, name from items where id < 4;
create procedure twice(n int) select n * 2 as twice;
create function half(n int) returns int deterministic return n / 2;
create trigger louder before insert on items for each row set new.name = concat(new.name, '!');
"""
EVENT = "create event cleaning on schedule every 1 day do delete from items where id < 0;"
SUM = """
select count(*), sum(crc32(concat_ws(',', id, coalesce(name, 'none'), coalesce(hex(body), 'none')))),
  (select count(*) from few), half(42) from items;
call twice(21);
select event_name from information_schema.events where event_schema = database();
select trigger_name from information_schema.triggers where trigger_schema = database();
select default_character_set_name from information_schema.schemata where schema_name = database();
show grants for app@'%';
"""


def images(reference: str) -> Image:
    """Return the machine's programs, with those of MySQL where its image is asked for."""
    if "/mysql" not in reference:
        return machine_images()(reference)
    unpacked = str(tools.require("mysqldump-9.7").parents[1])
    return Image(mounts={"/opt/mysql": unpacked}, path="/opt/mysql/bin:/usr/bin:/bin")


def quoted(text: str, mark: str = "'") -> str:
    escaped = text.replace("\\", "\\\\") if mark == "'" else text
    return mark + escaped.replace(mark, mark * 2) + mark


def inside(server: MySqlFamily, database: str, statements: str) -> str:
    """Run statements in a database, however its name begins."""
    flags = ("--batch", "--skip-column-names", f"--database={database}")
    return server.run("mysql", *flags, text=statements).stdout.strip()


def filled(server: MySqlFamily) -> MySqlFamily:
    given = "in" if server.name == "mysql" else "for"
    server.sql(
        f"""
        create user backup@'%' identified by {quoted(PASSWORD)};
        grant {RIGHTS[server.name, "dump"]} on *.* to backup@'%';
        create user {quoted(USER)}@'%' identified by 'secret';
        create role reading;
        create user app@'%' identified by '{APP}';
        grant reading to app@'%';
        """
    )
    for name in ("orders", *HOSTILE):
        server.sql(f"create database {quoted(name, '`')} character set latin1")
        inside(server, name, FILL)
        if server.name == "mysql" or not any(mark in name for mark in ESCAPED):
            inside(server, name, EVENT)
    server.sql("create database other; create table other.t (id int)")
    server.sql(
        "grant select on orders.* to reading; grant insert (id), select on orders.items to app@'%'"
    )
    server.sql("grant execute on procedure orders.twice to app@'%'")
    role = (
        "set default role reading to app@'%'"
        if given == "in"
        else "set default role reading for app@'%'"
    )
    server.sql(role)
    return server


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[MySqlFamily]:
    flags = ("--log-bin",) if request.param == "mariadb" else ()
    with KINDS[request.param](hosts=("orders-db", "localhost"), flags=flags) as running:
        yield filled(running)


def dataset(server: MySqlFamily, **more: object) -> str:
    connection = {
        "host": "orders-db",
        "port": server.port,
        "credentials": {"secret": "orders-backup"},
        "restoreCredentials": {"secret": "orders-admin"},
        "tls": {"caSecret": "orders-ca"},
    }
    value = {
        "name": "orders",
        "type": server.name,
        "namespace": "shop",
        "version": VERSIONS[server.name],
        "connection": connection,
        **more,
    }
    return yaml.safe_dump([value], allow_unicode=True)


def estate(directory: Path, server: MySqlFamily, engine: str = "restic", **more: object) -> Estate:
    store = directory / "store"
    store.mkdir()
    world = World(
        claims={("shop", "backups"): store},
        hosts={"orders-db": "127.0.0.1"},
        images=images,
    )
    given = {
        "backup-key": {"password": "sesame 😀"},
        "orders-backup": {"username": "backup", "password": PASSWORD},
        "orders-admin": {"username": server.admin, "password": server.password},
        "orders-ca": {"ca.crt": server.ca.read_text()},
    }
    secrets(world, "shop", given)
    return Estate(directory, estate_of(dataset(server, **more), engine), world)


def sums(server: MySqlFamily) -> list[str]:
    return [inside(server, name, SUM) for name in ("orders", *HOSTILE)]


def drop(server: MySqlFamily) -> None:
    server.sql("drop database orders; drop user app@'%'")
    inside(server, HOSTILE[0], "drop table items; create table later (n int)")


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_what_was_dropped_comes_back(tmp_path: Path, server: MySqlFamily, engine: str) -> None:
    here = estate(tmp_path, server, engine, databases=["orders", *HOSTILE])
    outcome = here.job("shop--orders--disk")
    assert outcome.succeeded, outcome.log
    assert len(points(tmp_path)) == 1
    before = sums(server)

    occupied = here.restore("shop/orders/disk")
    assert not occupied.succeeded
    assert "overwrite shop/orders" in occupied.log
    assert sums(server) == before

    server.sql("insert into t values (7)", database="other")
    drop(server)
    again = here.restore("shop/orders/disk", {"confirm": "overwrite shop/orders"})
    assert again.succeeded, again.log
    assert sums(server) == before
    assert "7" in server.sql("select id from other.t")
    assert server.sql("select count(*) from orders.items", user="app", password=APP)


def test_a_restore_beside_the_live_server_brings_accounts_too(
    tmp_path: Path, server: MySqlFamily
) -> None:
    with server.restore_target() as other:
        other.sql("create database orders")
        here = estate(tmp_path, server, databases=["orders", *HOSTILE])
        assert here.job("shop--orders--disk").succeeded
        here.world.secrets["shop", "orders-ca"] = {"ca.crt": other.ca.read_bytes()}
        for artifact in here.artifacts.values():
            if artifact.data and artifact.data["kind"] == "Job":
                env = artifact.data["spec"]["template"]["spec"]["containers"][0]["env"]  # type: ignore[index]
                next(e for e in env if e["name"] == "PORT")["value"] = str(other.port)
        outcome = here.restore("shop/orders/disk", {"target": "localhost"})
        assert outcome.succeeded, outcome.log
        assert sums(other) == sums(server)
        assert other.sql("select count(*) from orders.items", user="app", password=APP)
        assert other.sql("show databases like 'other'") == ""
        escaped = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
        assert other.sql("select 1", user="backup", password=escaped) == "1"


def test_a_wrong_password_fails_and_older_points_stay(tmp_path: Path, server: MySqlFamily) -> None:
    here = estate(tmp_path, server)
    assert here.job("shop--orders--disk").succeeded
    before = points(tmp_path)
    here.world.secrets["shop", "orders-backup"]["password"] = b"wrong"
    outcome = here.job("shop--orders--disk")
    assert not outcome.succeeded
    assert len(outcome.pods) == 2
    assert points(tmp_path) == before
    assert "Access denied" in outcome.log
    assert "wrong" not in outcome.log


def test_a_server_with_another_name_is_not_read(tmp_path: Path, server: MySqlFamily) -> None:
    here = estate(tmp_path, server)
    here.world.hosts["db.elsewhere"] = "127.0.0.1"
    for artifact in here.artifacts.values():
        if artifact.data and artifact.data["kind"] == "CronJob":
            job = artifact.data["spec"]["jobTemplate"]["spec"]  # type: ignore[index]
            env = job["template"]["spec"]["containers"][0]["env"]
            for each in env:
                if each["name"] == "HOST":
                    each["value"] = "db.elsewhere"
    outcome = here.job("shop--orders--disk")
    assert not outcome.succeeded
    assert points(tmp_path) == []


def test_tables_without_transactions_are_refused_unless_they_are_locked(
    tmp_path: Path, server: MySqlFamily
) -> None:
    server.sql("create table other.plain (id int) engine=MyISAM")
    try:
        (tmp_path / "refused").mkdir()
        here = estate(tmp_path / "refused", server)
        outcome = here.job("shop--orders--disk")
        assert not outcome.succeeded
        assert "other.plain is a MyISAM table" in outcome.log
        assert points(tmp_path) == []
        (tmp_path / "locked").mkdir()
        server.sql(f"grant {LOCKING[server.name]} on *.* to backup@'%'")
        here = estate(tmp_path / "locked", server, lockTables=True)
        outcome = here.job("shop--orders--disk")
        assert outcome.succeeded, outcome.log
    finally:
        server.sql("drop table other.plain")


def test_an_account_that_would_miss_something_is_refused(
    tmp_path: Path, server: MySqlFamily
) -> None:
    server.sql("revoke event on *.* from backup@'%'")
    try:
        here = estate(tmp_path, server)
        outcome = here.job("shop--orders--disk")
        assert not outcome.succeeded
        assert "must have the privilege EVENT" in outcome.log
    finally:
        server.sql("grant event on *.* to backup@'%'")


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_dies_midway_leaves_no_point(tmp_path: Path, kind: str) -> None:
    flags = ("--log-bin",) if kind == "mariadb" else ()
    with KINDS[kind](hosts=("orders-db", "localhost"), flags=flags) as server:
        filled(server)
        server.sql("create table other.big (id int auto_increment primary key, t longtext)")
        server.sql("insert into other.big (t) values (repeat('x', 8000000));" * 30)
        here = estate(tmp_path, server)

        def kill(pod: Pod) -> None:
            if pod.attempt == 0:
                pod.wait_for("backup", "part accounts")
                time.sleep(0.7)
                server.kill()

        outcome = here.job("shop--orders--disk", on_start=kill)
        assert not outcome.succeeded
        assert points(tmp_path) == []
        assert "not read to its end" in outcome.log or "not stored" in outcome.log
