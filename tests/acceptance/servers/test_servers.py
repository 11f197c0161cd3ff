"""Each server starts, keeps what it is given, refuses who it should, and ends."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from tests.acceptance import tools
from tests.acceptance.servers.etcd import EtcdCluster, Version
from tests.acceptance.servers.git import GitServer
from tests.acceptance.servers.mariadb import MariaDB
from tests.acceptance.servers.mongodb import MongoDB
from tests.acceptance.servers.mysql import MySQL
from tests.acceptance.servers.mysql_family import MySqlFamily
from tests.acceptance.servers.opensearch import OpenSearch
from tests.acceptance.servers.postgresql import PostgreSQL
from tests.acceptance.servers.process import ServerError, Words, call, listening
from tests.acceptance.servers.pushgateway import Push, PushgatewayStub
from tests.acceptance.servers.redis import Redis
from tests.acceptance.servers.restic_rest import ResticRestServer
from tests.acceptance.servers.s3 import CephRgw

pytestmark = pytest.mark.acceptance


def need(*names: str) -> None:
    """Skip a test by the names of the tools that it has to do without."""
    reasons = [f"{name}: {tools.why_missing(name)}" for name in names if not tools.find(name)]
    if reasons:
        pytest.skip("; ".join(reasons))


@pytest.fixture(scope="module")
def s3() -> Iterator[CephRgw]:
    need("ceph", "ceph-mon", "ceph-mgr", "ceph-osd", "radosgw")
    with CephRgw() as server:
        yield server


def test_postgresql_survives_a_kill_and_refuses_a_wrong_password() -> None:
    need("postgres")
    with PostgreSQL() as server:
        server.psql("create table orders (id int); insert into orders values (1), (2)")
        server.kill()
        server.start()
        assert server.psql("select id from orders order by id") == "1\n2"
        encrypted = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
        assert server.psql(encrypted) == "t"
        with pytest.raises(ServerError, match="password authentication failed"):
            server.psql("select 1", PGPASSWORD="wrong")
        with pytest.raises(ServerError, match="no encryption"):
            server.psql("select 1", PGSSLMODE="disable")
    assert not listening(server.port)


def test_postgresql_is_restored_from_a_base_backup_and_the_archive() -> None:
    need("postgres", "pg_basebackup")
    with PostgreSQL(archive=True) as server:
        server.psql("create table orders (id int)")
        copy = server.directory / "copy"
        server.run("pg_basebackup", "--pgdata", copy, "--wal-method=none", "--checkpoint=fast")
        server.psql("insert into orders values (7)")
        server.psql("select pg_switch_wal()")
        server.stop()
        (copy / "recovery.signal").touch()
        server.start(copy, {"restore_command": f"cp {server.archive}/%f %p"})
        assert server.psql("select id from orders") == "7"


def test_a_dump_of_postgresql_goes_into_the_restore_target(tmp_path: Path) -> None:
    need("postgres", "pg_dump", "pg_restore")
    dump = tmp_path / "dump"
    with PostgreSQL() as server, server.restore_target() as target:
        server.psql("create table orders (id int); insert into orders values (3)")
        server.run("pg_dump", "--format=custom", f"--file={dump}")
        target.run("pg_restore", "--dbname=postgres", "--exit-on-error", dump)
        assert target.psql("select id from orders") == "3"


@pytest.mark.parametrize("version", get_args(Version))
def test_etcd_is_restored_from_a_snapshot(version: Version, tmp_path: Path) -> None:
    need(f"etcd-{version}", f"etcdctl-{version}")
    with EtcdCluster(version=version) as cluster:
        cluster.ctl("put", "/registry/one", "before")
        snapshot, fresh = str(tmp_path / "snapshot.db"), tmp_path / "fresh"
        cluster.ctl("snapshot", "save", snapshot)
        cluster.ctl("put", "/registry/two", "after")
        cluster.stop()
        assert cluster.utl("snapshot", "restore", snapshot, f"--data-dir={fresh}").returncode == 0
        cluster.start([fresh])
        found = cluster.ctl("get", "--prefix", "/registry", "--print-value-only").stdout.split()
        assert found == ["before"]
        refused = cluster.ctl(
            "--command-timeout=2s", "get", "/registry/one", credentials=False, check=False
        )
        assert refused.returncode


def test_a_cluster_of_three_members_outlives_one() -> None:
    need("etcd-3.5", "etcdctl-3.5")
    with EtcdCluster(members=3) as cluster:
        cluster.ctl("put", "name", "value")
        cluster.kill(0)
        rest = cluster.endpoints[1:]
        assert cluster.ctl("get", "name", "--print-value-only", endpoints=rest).stdout == "value\n"
        cluster.start_member(0)
        assert all(cluster.healthy(member) for member in cluster.members)


@pytest.mark.parametrize("kind", [MariaDB, MySQL])
def test_mariadb_and_mysql_restore_a_dump_and_refuse_a_wrong_password(
    kind: type[MySqlFamily],
) -> None:
    need(*(("mariadbd", "mariadb") if kind is MariaDB else ("mysqld-9.7", "mysql-9.7")))
    with kind() as server, server.restore_target() as target:
        server.sql("create database shop; create table shop.orders (name varchar(9))")
        server.sql("insert into orders values ('😀')", database="shop")
        server.kill()
        server.start()
        dump = server.run("mysqldump", "--databases", "shop").stdout
        target.sql(dump)
        assert target.sql("select name from shop.orders") == "😀"
        assert server.sql("show status like 'Ssl_version'").endswith("TLSv1.3")
        with pytest.raises(ServerError, match="Access denied"):
            server.sql("select 1", password="wrong")  # noqa: S106 - that is the point


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_redis_keeps_its_data_and_refuses_a_wrong_password(tls: bool) -> None:
    need("redis-server", "redis-cli")
    with Redis(tls=tls, appendonly=True) as server:
        server.cli("SET", "name", "value")
        digest = server.cli("DEBUG", "DIGEST").stdout
        server.stop()
        server.start()
        assert server.cli("GET", "name").stdout.strip() == "value"
        assert server.cli("DEBUG", "DIGEST").stdout == digest
        refused = server.cli("GET", "name", password="wrong", check=False)  # noqa: S106
        assert (refused.returncode, "WRONGPASS" in refused.stderr) == (1, True)


def test_a_dump_of_mongodb_goes_into_the_restore_target(tmp_path: Path) -> None:
    need("ferretdb", "mongodump", "mongorestore", "mongoimport", "mongoexport")
    archive = f"--archive={tmp_path / 'archive'}"
    with MongoDB() as server, server.restore_target() as target:
        documents = [{"_id": number, "name": "😀"} for number in range(3)]
        server.insert("shop", "orders", documents)
        server.run("mongodump", archive)
        target.run("mongorestore", archive, "--nsInclude=shop.*")
        assert target.find("shop", "orders") == documents
        refused = server.run("mongodump", archive, password="wrong", check=False)  # noqa: S106
        assert (refused.returncode, "AuthenticationFailed" in refused.stderr) == (1, True)


def test_the_object_store_checks_who_asks(s3: CephRgw) -> None:
    owner = s3.bucket("private")
    owner.put("private", "a name/with +ü", b"content")
    assert owner.get("private", "a name/with +ü") == b"content"
    assert owner.keys("private") == ["a name/with +ü"]
    wrong = s3.client(secret="wrong")  # noqa: S106
    assert wrong.request("GET", "/private").code == "SignatureDoesNotMatch"
    assert s3.client("nobody").request("GET", "/private").code == "InvalidAccessKeyId"
    altered = owner.request(
        "PUT", "/private/x", b"1", headers={"content-md5": "AAAAAAAAAAAAAAAAAAAAAA=="}
    )
    assert altered.code == "BadDigest"


def test_the_object_store_enforces_policies(s3: CephRgw) -> None:
    s3.bucket("shared")
    writer = s3.create_user("writer", "writer-secret")
    assert writer.request("PUT", "/shared/x", b"1").code == "AccessDenied"
    may = ["s3:PutObject", "s3:GetObject"]
    who = {"AWS": [s3.user_arn("writer")]}
    rule = {
        "Effect": "Allow",
        "Principal": who,
        "Action": may,
        "Resource": ["arn:aws:s3:::shared/*"],
    }
    s3.policy("shared", [rule])
    writer.put("shared", "x", b"1")
    assert writer.get("shared", "x") == b"1"
    assert writer.delete("shared", "x").code == "AccessDenied"


def test_the_object_store_keeps_locked_versions(s3: CephRgw) -> None:
    owner = s3.bucket("locked", lock=("COMPLIANCE", 1))
    version = owner.put("locked", "copy", b"content")
    assert owner.delete("locked", "copy").ok
    assert owner.keys("locked") == []
    assert owner.delete("locked", "copy", version).code == "AccessDenied"
    assert owner.get("locked", "copy", version) == b"content"


def test_restic_and_rclone_reach_the_object_store(s3: CephRgw, tmp_path: Path) -> None:
    need("restic", "rclone")
    s3.bucket("repository", versioning=True)
    (tmp_path / "file").write_text("content")
    repository = f"s3:{s3.endpoint}/repository/restic"
    environment = {
        **s3.environment(),
        "RESTIC_PASSWORD": "key",
        "RESTIC_CACHE_DIR": str(tmp_path / "cache"),
    }
    restic: Words = [tools.require("restic"), "--repo", repository]
    call([*restic, "init"], environment=environment)
    call([*restic, "backup", tmp_path / "file"], environment=environment)
    call([*restic, "check", "--read-data"], environment=environment)
    rclone: Words = [
        tools.require("rclone"),
        "--config=",
        "--s3-provider=Ceph",
        f"--s3-endpoint={s3.endpoint}",
    ]
    listed = call(
        [*rclone, "--s3-env-auth", "lsf", ":s3:repository/restic"], environment=environment
    )
    assert "config" in listed.stdout.split()


def test_an_append_only_repository_keeps_its_snapshots(tmp_path: Path) -> None:
    need("restic-rest-server", "restic")
    (tmp_path / "file").write_text("content")
    with ResticRestServer() as server:
        repository = server.repository("shop")
        server.restic(repository, "init")
        server.restic(repository, "backup", tmp_path / "file")
        forget = ("forget", "--keep-last=1", "--prune", "latest")
        assert server.restic(repository, *forget, check=False).returncode
        refused = server.restic(server.repository("shop", "wrong"), "snapshots", check=False)
        assert "401" in refused.stderr
        server.stop()
        server.start(append_only=False)
        server.restic(repository, *forget)


def test_opensearch_restores_snapshots_from_a_directory_and_from_s3(s3: CephRgw) -> None:
    need("opensearch", "java-21")
    s3.bucket("search")
    store = {"bucket": "search", "endpoint": s3.endpoint, "region": "us-east-1"}
    keys = {"access_key": s3.access, "secret_key": s3.secret}
    stores = {
        "fs": {"type": "fs", "settings": {"location": "here"}},
        "s3": {"type": "s3", "settings": {**store, **keys, "path_style_access": True}},
    }
    with OpenSearch() as node:
        assert node.request("PUT", "/orders/_doc/1?refresh=true", {"name": "😀"})[0] == 201
        for name, settings in stores.items():
            wait = "wait_for_completion=true"
            assert node.request("PUT", f"/_snapshot/{name}", settings)[0] == 200
            assert node.request("PUT", f"/_snapshot/{name}/one?{wait}")[0] == 200
            assert node.request("DELETE", "/orders")[0] == 200
            assert node.request("POST", f"/_snapshot/{name}/one/_restore?{wait}")[0] == 200
            found = node.request("GET", "/orders/_doc/1")[1]
            assert found["_source"] == {"name": "😀"}


def test_the_stand_in_for_the_pushgateway_records_what_is_pushed() -> None:
    with PushgatewayStub() as gateway:
        address = f"{gateway.url}/metrics/job/backup"
        request = urllib.request.Request(address, b"last_success 1\n", method="PUT")  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            assert answer.status == 200
        assert gateway.pushes == [Push("PUT", "/metrics/job/backup", "last_success 1\n")]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_repository_is_pushed_and_cloned_with_a_password(tls: bool, tmp_path: Path) -> None:
    need("git")
    with GitServer(tls=tls) as server:
        address = server.create("estate")
        work, clone = tmp_path / "work", tmp_path / "clone"
        server.run("init", "--quiet", "--initial-branch=main", work)
        # longer than what git sends with a known length
        (work / "file").write_bytes(bytes(range(256)) * 8192)
        server.run("-C", work, "add", "file")
        server.run("-C", work, "commit", "--quiet", "--message=first")
        server.run("-C", work, "-c", "core.compression=0", "push", "--quiet", address, "main")
        server.run("clone", "--quiet", address, clone)
        assert (clone / "file").read_bytes() == (work / "file").read_bytes()
        refused = server.run("ls-remote", server.address("estate", "wrong"), check=False)
        assert refused.returncode == 128
