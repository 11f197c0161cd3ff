"""PostgreSQL for real: back up, destroy, restore, compare; and what must not pass for a backup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.acceptance.kubelet import Pod, World
from tests.acceptance.running import Estate, estate_of, machine_images, points, secrets
from tests.acceptance.servers.postgresql import PostgreSQL

pytestmark = pytest.mark.acceptance

HOSTILE = "o'rd\"ers $(x) `y` \\ é 😀"
PASSWORD = "p'a\"s$s`w\\o#r d😀"  # noqa: S105 - of a server that lives for one test
BIN = "/usr/lib/postgresql/15/bin:/usr/bin:/bin"
FILL = r"""
create table items (id serial primary key, name text, body bytea, doc jsonb);
insert into items (name, body, doc)
  select 'näme ' || n || E'\n''q''', decode(md5(n::text), 'hex'), json_build_object('n', n)
  from generate_series(1, 2000) n;
create view few as select * from items where id < 10;
create function twice(n int) returns int language sql as 'select n * 2';
select lo_from_bytea(4711, 'large object');
"""
SUM = """
select count(*) || ' ' || md5(string_agg(i::text, ',' order by id)) || ' ' || twice(21) || ' '
  || (select count(*) from few) || ' ' || encode(lo_get(4711), 'escape') || ' '
  || (select last_value from items_id_seq) from items i
"""
ACCOUNT = """
create role app login password 'app-secret';
create role backup login password %s in role pg_read_all_data;
alter role backup set lo_compat_privileges = on;
"""
DATASET = yaml.safe_dump(
    [
        {
            "name": "orders",
            "type": "postgresql",
            "namespace": "shop",
            "version": "15",
            "databases": ["orders", HOSTILE],
            "connection": {
                "host": "orders-db",
                "port": 0,
                "credentials": {"secret": "orders-backup"},
                "restoreCredentials": {"secret": "orders-admin"},
                "tls": {"caSecret": "orders-ca"},
            },
        }
    ],
    allow_unicode=True,
)


def quoted(text: str, mark: str = "'") -> str:
    return mark + text.replace(mark, mark * 2) + mark


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with PostgreSQL(hosts=("orders-db", "other-db")) as running:
        running.psql(ACCOUNT % ("$b$" + PASSWORD + "$b$"))
        for name in ("orders", HOSTILE):
            running.psql(f"create database {quoted(name, chr(34))} owner app")
            running.psql(FILL, PGDATABASE=name)
        yield running


def estate(directory: Path, server: PostgreSQL, engine: str) -> Estate:
    store = directory / "store"
    store.mkdir()
    world = World(
        claims={("shop", "backups"): store},
        hosts={"orders-db": "127.0.0.1", "other-db": "127.0.0.1"},
        images=machine_images(BIN),
    )
    account = {"username": "backup", "password": PASSWORD}
    admin = {"username": server.admin, "password": server.password}
    given = {
        "backup-key": {"password": "sesame 😀"},
        "orders-backup": account,
        "orders-admin": admin,
        "orders-ca": {"ca.crt": server.ca.read_text()},
    }
    secrets(world, "shop", given)
    policy = estate_of(DATASET.replace("port: 0", f"port: {server.port}"), engine)
    return Estate(directory, policy, world)


def sums(server: PostgreSQL) -> list[str]:
    return [server.psql(SUM, PGDATABASE=name) for name in ("orders", HOSTILE)]


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_what_was_dropped_comes_back(tmp_path: Path, server: PostgreSQL, engine: str) -> None:
    here = estate(tmp_path, server, engine)
    outcome = here.job("shop--orders--disk")
    assert outcome.succeeded, outcome.log
    assert len(points(tmp_path)) == 1
    before = sums(server)

    occupied = here.restore("shop/orders/disk")
    assert not occupied.succeeded
    assert "overwrite shop/orders" in occupied.log

    server.psql("drop database orders with (force)")
    server.psql("drop table items cascade; create table other (n int)", PGDATABASE=HOSTILE)
    again = here.restore("shop/orders/disk", {"confirm": "overwrite shop/orders"})
    assert again.succeeded, again.log
    assert sums(server) == before


def test_a_restore_beside_the_live_server_brings_roles_too(
    tmp_path: Path, server: PostgreSQL
) -> None:
    with server.restore_target() as other:
        here = estate(tmp_path, server, "restic")
        assert here.job("shop--orders--disk").succeeded
        here.world.secrets["shop", "orders-ca"] = {"ca.crt": other.ca.read_bytes()}
        for artifact in here.artifacts.values():
            if artifact.data and artifact.data["kind"] == "Job":
                env = artifact.data["spec"]["template"]["spec"]["containers"][0]["env"]  # type: ignore[index]
                next(e for e in env if e["name"] == "PORT")["value"] = str(other.port)
        outcome = here.restore("shop/orders/disk", {"target": "localhost"})
        assert outcome.succeeded, outcome.log
        assert sums(other) == sums(server)
        assert other.psql("select 1", PGUSER="app", PGPASSWORD="app-secret") == "1"
        assert other.psql("select 1", PGUSER="backup", PGPASSWORD=PASSWORD) == "1"


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_a_wrong_password_fails_and_older_points_stay(
    tmp_path: Path, server: PostgreSQL, engine: str
) -> None:
    here = estate(tmp_path, server, engine)
    assert here.job("shop--orders--disk").succeeded
    before = points(tmp_path)
    here.world.secrets["shop", "orders-backup"]["password"] = b"wrong"
    outcome = here.job("shop--orders--disk")
    assert not outcome.succeeded
    assert len(outcome.pods) == 2
    assert points(tmp_path) == before
    assert PASSWORD not in outcome.log


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_a_server_that_dies_midway_leaves_no_point(tmp_path: Path, engine: str) -> None:
    with PostgreSQL(hosts=("orders-db",)) as server:
        server.psql(ACCOUNT % ("$b$" + PASSWORD + "$b$"))
        for name in ("orders", HOSTILE):
            server.psql(f"create database {quoted(name, chr(34))} owner app")
            server.psql(FILL, PGDATABASE=name)
        server.psql(
            "create table big as select n, repeat(md5(n::text), 30) t from generate_series(1, 300000) n",
            PGDATABASE="orders",
        )
        here = estate(tmp_path, server, engine)

        def kill(pod: Pod) -> None:
            if pod.attempt == 0:
                pod.wait_for("backup", "part globals")
                server.kill()

        outcome = here.job("shop--orders--disk", on_start=kill)
        assert not outcome.succeeded
        assert points(tmp_path) == []
        assert "not read to its end" in outcome.log or "not stored" in outcome.log
