"""Redis for real: back up, destroy, restore, compare; and what must not pass for a backup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.acceptance.kubelet import Pod, World
from tests.acceptance.running import Estate, estate_of, machine_images, points, secrets
from tests.acceptance.servers.redis import Redis

pytestmark = pytest.mark.acceptance

ADMIN = "r'o\"o$t`w\\o#r d😀"
PASSWORD = "p'a\"s$s`w\\o#r d😀"  # noqa: S105 - of a server that lives for one test
RIGHTS = ("+sync", "+replconf", "+ping", "+info")
RESTORE_RIGHTS = (
    *("~*", "&*", "+ping", "+info", "+select", "+echo", "+restore", "+flushall"),
    *("+function|restore", "+function|flush"),
)
FILL = r"""
for i = 1, 2000 do redis.call("hset", "h:" .. i, "f\0\r\n" .. i, "v\255" .. i) end
for i = 1, 1200 do
  redis.call("sadd", "set", i .. "é")
  redis.call("zadd", "sorted", i, "m" .. i)
  redis.call("rpush", "list", string.rep("x", i))
end
redis.call("xadd", "stream", "1-1", "a", "b")
redis.call("xgroup", "create", "stream", "group", "0")
redis.call("xreadgroup", "group", "group", "reader", "streams", "stream", ">")
redis.call("setbit", "bits", 100000, 1)
redis.call("pfadd", "guess", 1, 2, 3)
redis.call("geoadd", "places", 13, 38, "palermo")
return 1
"""
OTHER = r"""
redis.call("set", "-rf $(x) `y` ${z} 'q' \"d\" \n😀\0", string.rep("\0\r\n$5\r\n", 100))
redis.call("set", "", "a name without a letter")
redis.call("set", "mortal", 1, "px", 100000000)
redis.call("set", "short", 1, "px", 3000)
redis.call("set", "big", string.rep("b", 9000000))
return 1
"""
LIBRARY = "#!lua name=lib\nredis.register_function('f', function() return 'hi' end)"
# Diskless replication waits for more replicas; there are none.
FLAGS = ("--repl-diskless-sync-delay", "0")


def dataset(port: int, *, tls: str, account: bool) -> str:
    connection: dict[str, object] = {
        "host": "cache",
        "port": port,
        "tls": {"caSecret": "cache-ca"} if tls == "verify" else {"mode": tls},
    }
    if account:
        connection["credentials"] = {"secret": "cache-backup"}
        connection["restoreCredentials"] = {"secret": "cache-admin"}
    spec = {"name": "cache", "type": "redis", "namespace": "shop", "version": "7.2"}
    return yaml.safe_dump([{**spec, "connection": connection}])


def account(server: Redis, name: str, password: str, *rights: str) -> None:
    assert server.cli("ACL", "SETUSER", name, "on", f">{password}", *rights).stdout == "OK\n"


def fill(server: Redis) -> None:
    account(server, "backup", PASSWORD, *RIGHTS)
    account(server, "restorer", ADMIN, *RESTORE_RIGHTS)
    assert server.cli("EVAL", FILL, "0").stdout == "1\n"
    assert server.cli("-n", "9", "EVAL", OTHER, "0").stdout == "1\n"
    server.cli("FUNCTION", "LOAD", LIBRARY)


@pytest.fixture
def server() -> Iterator[Redis]:
    with Redis(password=ADMIN, tls=True, appendonly=True, hosts=("cache",), flags=FLAGS) as running:
        fill(running)
        yield running


def estate(
    directory: Path, server: Redis, engine: str, *, tls: str = "verify", account: bool = True
) -> Estate:
    store = directory / "store"
    store.mkdir()
    world = World(
        claims={("shop", "backups"): store},
        hosts={"cache": "127.0.0.1", "other": "127.0.0.1"},
        images=machine_images(),
    )
    given = {
        "backup-key": {"password": "sesame 😀"},
        "cache-backup": {"username": "backup", "password": PASSWORD},
        "cache-admin": {"username": "restorer", "password": ADMIN},
    }
    if server.ca is not None:
        given["cache-ca"] = {"ca.crt": server.ca.read_text()}
    secrets(world, "shop", given)
    return Estate(
        directory, estate_of(dataset(server.port, tls=tls, account=account), engine), world
    )


def digest(server: Redis) -> str:
    """Return the digest of what does not expire soon."""
    server.cli("-n", "9", "DEL", "short")
    return server.cli("DEBUG", "DIGEST").stdout


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_what_was_flushed_comes_back(tmp_path: Path, server: Redis, engine: str) -> None:
    here = estate(tmp_path, server, engine)
    outcome = here.job("shop--cache--disk")
    assert outcome.succeeded, outcome.log
    assert len(points(tmp_path)) == 1
    before = digest(server)

    occupied = here.restore("shop/cache/disk")
    assert not occupied.succeeded
    assert "overwrite shop/cache" in occupied.log
    assert digest(server) == before

    server.cli("FLUSHALL")
    server.cli("FUNCTION", "FLUSH")
    server.cli("SET", "another", "1")
    again = here.restore("shop/cache/disk", {"confirm": "overwrite shop/cache"})
    assert again.succeeded, again.log
    assert digest(server) == before
    assert server.cli("FCALL", "f", "0").stdout == "hi\n"
    assert PASSWORD not in outcome.log + again.log
    assert ADMIN not in outcome.log + again.log


def test_a_restored_server_with_an_append_only_file_keeps_all_when_it_starts_again(
    tmp_path: Path, server: Redis
) -> None:
    here = estate(tmp_path, server, "restic")
    assert here.job("shop--cache--disk").succeeded
    before = digest(server)
    server.cli("FLUSHALL")
    server.cli("FUNCTION", "FLUSH")
    outcome = here.restore("shop/cache/disk")
    assert outcome.succeeded, outcome.log
    server.kill()
    server.start()
    assert digest(server) == before


def test_a_restore_beside_the_live_server(tmp_path: Path, server: Redis) -> None:
    with server.restore_target() as other:
        # The account that restores may compare all values here.
        account(other, "restorer", ADMIN, *RESTORE_RIGHTS, "+debug|digest")
        here = estate(tmp_path, server, "object")
        assert here.job("shop--cache--disk").succeeded
        assert other.ca is not None
        here.world.secrets["shop", "cache-ca"] = {"ca.crt": other.ca.read_bytes()}
        for artifact in here.artifacts.values():
            if artifact.data and artifact.data["kind"] == "Job":
                env = artifact.data["spec"]["template"]["spec"]["containers"][0]["env"]  # type: ignore[index]
                next(e for e in env if e["name"] == "PORT")["value"] = str(other.port)
        outcome = here.restore("shop/cache/disk", {"target": "other"})
        assert outcome.succeeded, outcome.log
        assert "all values are the same" in outcome.log
        assert digest(other) == digest(server)


def test_a_server_without_tls_or_password(tmp_path: Path) -> None:
    with Redis(password="", flags=FLAGS) as server:
        server.cli("SET", "a", "1")
        here = estate(tmp_path, server, "restic", tls="disable", account=False)
        outcome = here.job("shop--cache--disk")
        assert outcome.succeeded, outcome.log
        server.cli("FLUSHALL")
        outcome = here.restore("shop/cache/disk")
        assert outcome.succeeded, outcome.log
        assert server.cli("GET", "a").stdout == "1\n"


def test_a_certificate_of_another_authority_is_refused(tmp_path: Path, server: Redis) -> None:
    here = estate(tmp_path, server, "restic")
    with server.restore_target() as other:
        assert other.ca is not None
        here.world.secrets["shop", "cache-ca"] = {"ca.crt": other.ca.read_bytes()}
    outcome = here.job("shop--cache--disk")
    assert not outcome.succeeded
    assert "certificate verify failed" in outcome.log
    assert points(tmp_path) == []


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_a_wrong_password_fails_and_older_points_stay(
    tmp_path: Path, server: Redis, engine: str
) -> None:
    here = estate(tmp_path, server, engine)
    assert here.job("shop--cache--disk").succeeded
    before = points(tmp_path)
    here.world.secrets["shop", "cache-backup"]["password"] = b"wrong"
    outcome = here.job("shop--cache--disk")
    assert not outcome.succeeded
    assert "answers: NOAUTH" in outcome.log
    assert len(outcome.pods) == 2
    assert points(tmp_path) == before


def test_a_replica_is_as_good_as_its_primary_until_it_loses_it(
    tmp_path: Path, server: Redis
) -> None:
    with server.restore_target() as replica:
        for name, value in (
            ("tls-replication", "yes"),
            ("tls-ca-cert-file", str(server.ca)),
            ("masterauth", ADMIN),
            ("repl-diskless-sync-delay", "0"),
        ):
            replica.cli("CONFIG", "SET", name, value)
        account(replica, "backup", PASSWORD, *RIGHTS)
        replica.cli("REPLICAOF", "127.0.0.1", str(server.port))
        here = estate(tmp_path, replica, "restic")
        assert server.cli("WAIT", "1", "20000").stdout == "1\n"
        outcome = here.job("shop--cache--disk")
        assert outcome.succeeded, outcome.log
        refused = here.restore("shop/cache/disk", {"confirm": "overwrite shop/cache"})
        assert not refused.succeeded
        server.kill()
        lost = here.job("shop--cache--disk")
        assert not lost.succeeded
        assert "has lost its primary" in lost.log
        assert len(points(tmp_path)) == 1


def test_a_node_of_a_cluster_is_refused(tmp_path: Path) -> None:
    with Redis(password=ADMIN, flags=(*FLAGS, "--cluster-enabled", "yes")) as server:
        account(server, "backup", PASSWORD, *RIGHTS)
        outcome = estate(tmp_path, server, "restic", tls="disable").job("shop--cache--disk")
        assert not outcome.succeeded
        assert "is a node of a Redis Cluster" in outcome.log


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_a_server_that_dies_midway_leaves_no_point(tmp_path: Path, engine: str) -> None:
    slow = ("--repl-diskless-sync-delay", "0", "--rdb-key-save-delay", "200")
    with Redis(password=ADMIN, flags=slow) as server:
        account(server, "backup", PASSWORD, *RIGHTS)
        server.cli("DEBUG", "POPULATE", "200000", "key", "200")
        here = estate(tmp_path, server, engine, tls="disable")

        def kill(pod: Pod) -> None:
            if pod.attempt == 0:
                pod.wait_for("backup", "SYNC sent to master")
                server.kill()

        outcome = here.job("shop--cache--disk", on_start=kill)
        assert not outcome.succeeded
        assert "broke off" in outcome.log
        assert points(tmp_path) == []


def test_a_client_that_writes_during_a_restore_is_noticed(tmp_path: Path, server: Redis) -> None:
    here = estate(tmp_path, server, "restic")
    assert here.job("shop--cache--disk").succeeded
    server.cli("FLUSHALL")
    server.cli("FUNCTION", "FLUSH")

    def write(pod: Pod) -> None:
        pod.wait_for("restore", "restoring point")
        server.cli("SET", "bits", "mine")

    outcome = here.restore("shop/cache/disk", on_start=write)
    assert not outcome.succeeded
    assert server.cli("GET", "bits").stdout == "mine\n"
