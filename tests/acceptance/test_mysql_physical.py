"""The files of a MariaDB server for real: back up while it runs, destroy, restore, start, compare."""

from __future__ import annotations

import pwd
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bpc.backends.mysql import RIGHTS
from tests.acceptance.kubelet import Pod, World
from tests.acceptance.running import Estate, estate_of, machine_images, points, secrets
from tests.acceptance.servers.mariadb import MariaDB

pytestmark = pytest.mark.acceptance

PASSWORD = "p'a\"s$s`w\\o#r d😀"  # noqa: S105 - of a server that lives for one test
FILL = """
create database orders;
create table orders.items (id int auto_increment primary key, name varchar(100), body blob);
insert into orders.items (name, body) values ('nä😀me', x'00ff'), ('b', null);
create table orders.`o'd"d $t` (id int) engine=MyISAM;
insert into orders.`o'd"d $t` values (1), (2);
create procedure orders.twice(n int) select n * 2;
"""
GROW = "insert into orders.items (name, body) select name, sha2(rand(), 256) from orders.items;"
SUM = """
select count(*), sum(crc32(concat_ws(',', id, name, coalesce(hex(body), 'none')))) from orders.items;
select sum(id) from orders.`o'd"d $t`;
call orders.twice(21);
show grants for backup@'%';
"""


@pytest.fixture
def server() -> Iterator[MariaDB]:
    with MariaDB(hosts=("orders-db",), flags=("--log-bin",)) as running:
        password = PASSWORD.replace("\\", "\\\\").replace("'", "''")
        running.sql(f"create user backup@'%' identified by '{password}'")
        running.sql(f"grant {RIGHTS['mariadb', 'physical']} on *.* to backup@'%'")
        running.sql(FILL + GROW * 8)
        yield running


def estate(directory: Path, server: MariaDB, engine: str = "restic", **more: object) -> Estate:
    owner = pwd.getpwnam(server.user)
    store = directory / "store"
    store.mkdir()
    dataset = {
        "name": "orders",
        "type": "mariadb",
        "method": "physical",
        "namespace": "shop",
        "version": "10.11",
        "size": "1Gi",
        "connection": {
            "host": "orders-db",
            "port": server.port,
            "credentials": {"secret": "orders-backup"},
            "tls": {"caSecret": "orders-ca"},
        },
        "data": {
            "claim": "data-orders-0",
            "mount": str(server.data),
            "podLabels": {"app": "orders"},
            "user": owner.pw_uid,
            "group": owner.pw_gid,
            **more,
        },
    }
    world = World(
        claims={("shop", "backups"): store, ("shop", "data-orders-0"): server.data},
        hosts={"orders-db": "127.0.0.1"},
        images=machine_images(),
    )
    given = {
        "backup-key": {"password": "sesame 😀"},
        "orders-backup": {"username": "backup", "password": PASSWORD},
        "orders-ca": {"ca.crt": server.ca.read_text()},
    }
    secrets(world, "shop", given)
    return Estate(directory, estate_of(yaml.safe_dump([dataset]), engine), world)


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_a_server_comes_back_with_all_its_files(
    tmp_path: Path, server: MariaDB, engine: str
) -> None:
    here = estate(tmp_path, server, engine)
    outcome = here.job("shop--orders--disk")
    assert outcome.succeeded, outcome.log
    assert len(points(tmp_path)) == 1
    before = server.sql(SUM)

    running = here.restore("shop/orders/disk", {"confirm": "overwrite shop/orders"})
    assert not running.succeeded
    assert "a server still answers at orders-db" in running.log

    server.sql("drop database orders")
    server.stop()
    occupied = here.restore("shop/orders/disk")
    assert not occupied.succeeded
    assert "overwrite shop/orders" in occupied.log

    outcome = here.restore("shop/orders/disk", {"confirm": "overwrite shop/orders"})
    assert outcome.succeeded, outcome.log
    server.start()
    assert server.sql(SUM) == before


def test_a_new_volume_is_filled_while_the_server_runs(tmp_path: Path, server: MariaDB) -> None:
    here = estate(tmp_path, server, restoreClaim="data-new")
    assert here.job("shop--orders--disk").succeeded
    before = server.sql(SUM)
    new = server.directory / "new"
    (new / "lost+found").mkdir(parents=True)
    here.world.claims["shop", "data-new"] = new
    outcome = here.restore("shop/orders/disk")
    assert outcome.succeeded, outcome.log
    with server.restore_target() as other:
        other.stop()
        (new / "lost+found").rmdir()
        other.start(new)
        assert other.sql(SUM) == before


def test_writes_that_go_on_do_not_spoil_a_copy(tmp_path: Path, server: MariaDB) -> None:
    here = estate(tmp_path, server)

    def write(pod: Pod) -> None:
        assert pod.attempt == 0
        for _ in range(40):
            server.sql("insert into orders.items (name, body) values ('late', repeat('x', 20000))")
            time.sleep(0.02)

    outcome = here.job("shop--orders--disk", on_start=write)
    assert outcome.succeeded, outcome.log


def test_a_wrong_password_leaves_no_point(tmp_path: Path, server: MariaDB) -> None:
    here = estate(tmp_path, server)
    here.world.secrets["shop", "orders-backup"]["password"] = b"wrong"
    outcome = here.job("shop--orders--disk")
    assert not outcome.succeeded
    assert points(tmp_path) == []


def test_a_server_that_dies_midway_leaves_no_point(tmp_path: Path, server: MariaDB) -> None:
    server.sql("create table orders.big (id int auto_increment primary key, t longblob)")
    server.sql("insert into orders.big (t) values (repeat('x', 8000000));" * 40)
    here = estate(tmp_path, server)

    def kill(pod: Pod) -> None:
        if pod.attempt == 0:
            pod.wait_for("backup", "Streaming")
            server.kill()

    outcome = here.job("shop--orders--disk", on_start=kill)
    assert not outcome.succeeded
    assert points(tmp_path) == []


def test_a_mysql_server_comes_back_with_all_its_files() -> None:
    """The script runs with stand-ins for xtrabackup and xbstream in `tests/unit/backends`."""
    if shutil.which("xtrabackup") is None:
        pytest.skip("needs percona-xtrabackup, which no suite of Debian has: MySQL as files")
    pytest.fail("there is an xtrabackup on this machine now: run the round trip of MariaDB with it")
