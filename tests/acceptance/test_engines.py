"""The copy engines against a store that checks signatures, policies and locks; and every way to fail."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.kubelet import Outcome, World
from tests.acceptance.running import Estate, estate_of, machine_images, points, secrets
from tests.acceptance.servers.postgresql import PostgreSQL
from tests.acceptance.servers.process import free_ports
from tests.acceptance.servers.proxy import Relay
from tests.acceptance.servers.pushgateway import PushgatewayStub
from tests.acceptance.servers.s3 import CephRgw
from tests.acceptance.servers.s3_client import S3Client

pytestmark = pytest.mark.acceptance

BIN = "/usr/lib/postgresql/15/bin:/usr/bin:/bin"
ENGINES = ("restic", "object")
POLICY = """
apiVersion: bpc/v1
kind: Cluster
metadata: {{name: prod}}
spec:
  kubernetes: "1.31"
  site: {{provider: own, region: us-east-1, account: prod, realm: prod-admins}}
  jobs: {{memory: {memory}{more}}}
---
apiVersion: bpc/v1
kind: Location
metadata: {{name: first}}
spec:
  type: s3
  bucket: {first}
  endpoint: "{endpoint}"
  pathStyle: true
  site: {{provider: own, region: us-east-1, account: backup, realm: backup-admins}}
  medium: object-store
  credentials: {{secret: writer}}
  encryption: {{secret: backup-key}}
  pruning: {{secret: pruner}}
---
apiVersion: bpc/v1
kind: Location
metadata: {{name: second}}
spec:
  type: s3
  bucket: {second}
  endpoint: "{endpoint}"
  pathStyle: true
  site: {{provider: own, region: us-east-1, account: vault, realm: vault-admins}}
  medium: object-store
  credentials: {{secret: second-writer}}
  encryption: {{secret: backup-key}}
  pruning: {{secret: pruner}}
---
apiVersion: bpc/v1
kind: Tier
metadata: {{name: gold}}
spec:
  objectives: {{default: {{rpo: 6h, rto: 4h}}}}
  copies: {{to: [{{location: first, engine: {engine}}}, {{location: second, from: first, every: 1d}}]}}
  retention: {{daily: 14}}
  limits: {{run: {run}, start: 5m}}
---
apiVersion: bpc/v1
kind: BackupPolicy
metadata: {{name: shop}}
spec:
  clusters: [prod]
  tier: gold
  owner: {{team: shop, contact: "#shop"}}
  datasets:
    - name: orders
      type: postgresql
      namespace: shop
      version: "15"
      databases: [orders]
      connection:
        host: orders-db
        port: {port}
        credentials: {{secret: orders-backup}}
        tls: {{caSecret: orders-ca}}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with PostgreSQL(hosts=("orders-db",)) as running:
        running.psql("create database orders")
        running.psql(
            "create table items as select n, md5(n::text) t from generate_series(1, 20000) n",
            PGDATABASE="orders",
        )
        yield running


@pytest.fixture(scope="module")
def rgw() -> Iterator[CephRgw]:
    with CephRgw() as running:
        yield running


def total(server: PostgreSQL) -> str:
    return server.psql("select count(*) || md5(string_agg(t, '')) from items", PGDATABASE="orders")


def credentials(client: S3Client) -> str:
    return (
        f"[default]\naws_access_key_id = {client.access}\naws_secret_access_key = {client.secret}\n"
    )


@dataclass
class Place:
    """An estate, its buckets, and who may do what in them."""

    estate: Estate
    rgw: CephRgw
    server: PostgreSQL
    first: str
    second: str
    writer: S3Client

    def backup(self, **options: object) -> Outcome:
        return self.estate.job("shop--orders--first", **options)

    def copy(self) -> Outcome:
        return self.estate.job("shop--orders--second")

    def keep(self) -> Outcome:
        return self.estate.job("shop--orders--first--keep")

    def restore(self, location: str = "first", **wanted: str) -> Outcome:
        return self.estate.restore(f"shop/orders/{location}", wanted)

    def points(self, bucket: str | None = None) -> list[str]:
        keys = self.rgw.client().keys(bucket or self.first)
        return [key.rpartition("/")[2][:-5] for key in keys if "/records/" in key]

    def restored(self, location: str = "first", **wanted: str) -> bool:
        """Destroy the database, restore it, and compare."""
        before = total(self.server)
        self.server.psql("update items set t = 'lost'", PGDATABASE="orders")
        outcome = self.restore(location, confirm="overwrite shop/orders", **wanted)
        assert outcome.succeeded, outcome.log
        return total(self.server) == before


class Places:
    """Makes places, each with buckets of its own."""

    def __init__(self, directory: Path, server: PostgreSQL, rgw: CephRgw) -> None:
        self.directory, self.server, self.rgw = directory, server, rgw

    def __call__(
        self,
        engine: str,
        *,
        lock: bool = False,
        memory: str = "1Gi",
        endpoint: str | None = None,
        run: str = "30m",
        more: str = "",
    ) -> Place:
        name = self.directory.name.replace("_", "-").lower()[-40:].strip("-")
        first, second = f"{name}-1", f"{name}-2"
        admin, writer = self.rgw.client(), self.rgw.create_user(f"writer-{name}", "writer-secret")
        for bucket in (first, second):
            locked = ("COMPLIANCE", 1) if lock else None
            self.rgw.bucket(bucket, lock=locked, owner=writer)  # type: ignore[arg-type]
            self.rgw.policy(bucket, grants(self.rgw, bucket, writer), writer)
        account = {"username": self.server.admin, "password": self.server.password}
        world = World(
            hosts={"orders-db": "127.0.0.1"},
            images=machine_images(BIN),
        )
        secrets(
            world,
            "shop",
            {
                "backup-key": {"password": "sesame"},
                "orders-backup": account,
                "orders-ca": {"ca.crt": self.server.ca.read_text()},
                "writer": {"cloud": credentials(writer)},
                "second-writer": {"cloud": credentials(writer)},
            },
        )
        secrets(
            world,
            "bpc-maintenance",
            {"backup-key": {"password": "sesame"}, "pruner": {"cloud": credentials(admin)}},
        )
        policy = POLICY.format(
            first=first,
            second=second,
            endpoint=endpoint or self.rgw.endpoint,
            engine=engine,
            port=self.server.port,
            memory=memory,
            more=more,
            run=run,
        )
        estate = Estate(self.directory, policy, world)
        return Place(estate, self.rgw, self.server, first, second, writer)


def grants(rgw: CephRgw, bucket: str, writer: S3Client) -> list[dict[str, object]]:
    """Return the rights of docs/points.md: the writer deletes nothing but locks, the pruner may."""
    place = f"arn:aws:s3:::{bucket}"
    return [
        {
            "Effect": "Deny",
            "Principal": {"AWS": [rgw.user_arn(writer.access)]},
            "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
            "NotResource": [f"{place}/bpc.points/prod/shop/orders/restic/locks/*"],
        },
        {
            "Effect": "Allow",
            "Principal": {"AWS": [rgw.user_arn(rgw.access)]},
            "Action": ["s3:*"],
            "Resource": [place, f"{place}/*"],
        },
    ]


@pytest.fixture
def place(tmp_path: Path, server: PostgreSQL, rgw: CephRgw) -> Places:
    return Places(tmp_path, server, rgw)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_point_and_its_second_copy_come_back(place: Places, engine: str) -> None:
    here = place(engine)
    done = here.backup()
    assert done.succeeded, done.log
    copied = here.copy()
    assert copied.succeeded, copied.log
    assert here.points(here.second) == here.points(here.first)
    assert here.restored("first")
    assert here.restored("second")
    kept = here.keep()
    assert kept.succeeded, kept.log
    assert here.restored("first")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_damaged_copy_is_found_and_touches_nothing(place: Places, engine: str) -> None:
    here = place(engine)
    admin = here.rgw.client()
    assert here.backup().succeeded
    earlier = set(admin.keys(here.first))
    assert here.backup().succeeded
    older, newest = here.points()
    folder = "/data/" if engine == "restic" else f"/objects/{newest}/database-"
    biggest = max(
        (key for key in admin.keys(here.first) if folder in key and key not in earlier),
        key=lambda key: len(admin.get(here.first, key)),
    )
    body = bytearray(admin.get(here.first, biggest))
    body[len(body) // 2] ^= 1
    admin.put(here.first, biggest, bytes(body))
    before = total(here.server)
    failed = here.restore(confirm="overwrite shop/orders")
    assert not failed.succeeded
    assert "was not touched" in failed.log
    assert total(here.server) == before
    assert any(not here.keep().succeeded for _ in range(7)), "seven runs read everything"
    assert here.restored(point=older)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_truncated_copy_is_found(place: Places, engine: str) -> None:
    here = place(engine)
    assert here.backup().succeeded
    admin = here.rgw.client()
    folder = "/data/" if engine == "restic" else "/objects/"
    for key in [key for key in admin.keys(here.first) if folder in key]:
        body = admin.get(here.first, key)
        admin.put(here.first, key, body[: len(body) // 2])
    assert not here.restore(confirm="overwrite shop/orders").succeeded


@pytest.mark.parametrize("engine", ENGINES)
def test_two_jobs_at_once_make_two_points(place: Places, engine: str) -> None:
    here = place(engine)
    assert here.backup().succeeded
    outcomes: list[Outcome] = []
    threads = [threading.Thread(target=lambda: outcomes.append(here.backup())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.succeeded for outcome in outcomes] == [True, True]
    assert len(here.points()) == 3
    assert here.restored()


@pytest.mark.parametrize("engine", ENGINES)
def test_what_the_store_refuses_fails(place: Places, engine: str) -> None:
    here = place(engine)
    assert here.backup().succeeded
    before = here.points()
    world = here.estate.world
    right = world.secrets["shop", "writer"]
    wrong = S3Client(here.rgw.endpoint, here.writer.access, "wrong")
    world.secrets["shop", "writer"] = {"cloud": credentials(wrong).encode()}
    assert not here.backup().succeeded
    world.secrets["shop", "writer"] = right
    world.secrets["shop", "backup-key"] = {"password": b"another"}
    if engine == "restic":
        assert "password does not open" in here.backup().log
    assert not here.restore(confirm="overwrite shop/orders").succeeded
    world.secrets["shop", "backup-key"] = {"password": b"sesame"}
    assert len(here.points()) <= len(before) + (engine == "object")
    assert here.restored(point=before[0])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_store_that_cannot_be_reached_fails_in_time(place: Places, engine: str) -> None:
    here = place(engine, endpoint=f"http://127.0.0.1:{free_ports(1)[0]}", run="90s")
    outcome = here.backup()
    assert not outcome.succeeded
    assert outcome.reason in {"DeadlineExceeded", "BackoffLimitExceeded"}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_job_out_of_memory_fails(place: Places, engine: str) -> None:
    here = place(engine, memory="24Mi")
    outcome = here.backup()
    assert not outcome.succeeded
    assert here.points() == []


@pytest.mark.parametrize("engine", ENGINES)
def test_maintenance_that_may_not_delete_fails_and_loses_nothing(
    place: Places, engine: str
) -> None:
    here = place(engine)
    for _ in range(2):
        assert here.backup().succeeded
    admin = here.rgw.client()
    newest = here.points()[-1]
    prefix = "bpc.points/prod/shop/orders/records"
    for day in range(1, 5):
        text = admin.get(here.first, f"{prefix}/{newest}.json").decode()
        old = f"2020010{day}T000000Z-0a1b2c"
        admin.put(here.first, f"{prefix}/{old}.json", text.replace(newest, old).encode())
    before = here.points()
    world = here.estate.world
    right = world.secrets["bpc-maintenance", "pruner"]
    world.secrets["bpc-maintenance", "pruner"] = world.secrets["shop", "writer"]
    assert not here.keep().succeeded
    assert here.points() == before
    world.secrets["bpc-maintenance", "pruner"] = right
    kept = here.keep()
    assert kept.succeeded, kept.log
    assert len(here.points()) == 3
    assert here.restored()


def test_a_vanished_repository_is_an_alarm(place: Places) -> None:
    here = place("restic")
    assert here.backup().succeeded
    admin = here.rgw.client()
    for key in [key for key in admin.keys(here.first) if "/restic/" in key]:
        admin.delete(here.first, key)
    outcome = here.backup()
    assert not outcome.succeeded
    assert "the repository is gone" in outcome.log


def test_ransomware_with_the_jobs_own_account_cannot_take_the_locked_copy(place: Places) -> None:
    here = place("object", lock=True)
    assert here.backup().succeeded
    assert here.backup().succeeded
    before = here.points()
    # The attacker has what the backup job has, and for good measure the right to delete.
    pruner = grants(here.rgw, here.first, here.writer)[1]
    here.rgw.policy(here.first, [pruner], here.writer)
    for key in here.writer.keys(here.first):
        here.writer.delete(here.first, key)
    assert here.writer.keys(here.first) == []
    query = {"versions": ""}
    listing = here.writer.must("GET", f"/{here.first}", query=query)
    names, versions = listing.texts("Key"), listing.texts("VersionId")
    gone = [
        here.writer.delete(here.first, key, version).ok
        for key, version in zip(names, versions, strict=True)
        if not is_marker(listing.body, version)
    ]
    assert len(gone) >= 6
    assert not any(gone)
    # The owner of the bucket takes the delete markers away, and everything is there again.
    admin = here.rgw.client()
    for key, version in zip(names, versions, strict=True):
        if is_marker(listing.body, version):
            assert admin.delete(here.first, key, version).ok
    assert here.points() == before
    assert here.restored(point=before[0])


def is_marker(listing: bytes, version: str) -> bool:
    """Tell whether a version of a listing is a delete marker."""
    text = listing.decode()
    place = text.index(f"<VersionId>{version}</VersionId>")
    return text.rfind("<DeleteMarker>", 0, place) > text.rfind("<Version>", 0, place)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_connection_cut_midway_leaves_no_point(place: Places, engine: str) -> None:
    with Relay(place.rgw.port, limit=400_000) as relay:
        here = place(engine, endpoint=f"http://127.0.0.1:{relay.port}", run="90s")
        outcome = here.backup()
        assert relay.cut
    assert not outcome.succeeded
    assert here.points() == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], check=True)
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_full_disk_fails_and_older_points_restore(
    tmp_path: Path, small_disk: Path, server: PostgreSQL, engine: str
) -> None:
    # restic goes on trying for a quarter of an hour; the deadline of the job is what ends it.
    dataset = POLICY.partition("  datasets:\n")[2].format(port=server.port)
    dataset += "      limits: {run: 60s}\n"
    world = World(
        hosts={"orders-db": "127.0.0.1"},
        images=machine_images(BIN),
        claims={("shop", "backups"): small_disk},
    )
    given = {
        "backup-key": {"password": "sesame"},
        "orders-backup": {"username": server.admin, "password": server.password},
        "orders-ca": {"ca.crt": server.ca.read_text()},
    }
    secrets(world, "shop", given)
    estate = Estate(tmp_path, estate_of(dataset, engine), world)
    assert estate.job("shop--orders--disk").succeeded
    before = points(small_disk)
    # What cannot be compressed, and is twice as big as what is free.
    server.psql(
        "create table noise as select n, gen_random_uuid() a, gen_random_uuid() b, gen_random_uuid() c "
        "from generate_series(1, 100000) n",
        PGDATABASE="orders",
    )
    try:
        assert not estate.job("shop--orders--disk").succeeded
        assert points(small_disk) == before
        restored = estate.restore("shop/orders/disk", {"confirm": "overwrite shop/orders"})
        assert restored.succeeded, restored.log
        there = "select count(*) from pg_class where relname = 'noise'"
        assert server.psql(there, PGDATABASE="orders") == "0"
    finally:
        server.psql("drop table if exists noise", PGDATABASE="orders")


def test_a_point_is_reported_and_a_failure_is_not(place: Places) -> None:
    with PushgatewayStub() as gateway:
        here = place("object", more=f', pushgateway: "{gateway.url}"')
        assert here.backup().succeeded
        [push] = gateway.pushes
        assert push.path == (
            "/metrics/job/bpc/cluster/prod/policy/shop/dataset/orders/location/first"
        )
        names = [line.split()[0] for line in push.body.splitlines()]
        assert names == [
            "bpc_point_begun_timestamp_seconds",
            "bpc_point_ended_timestamp_seconds",
            "bpc_point_duration_seconds",
            "bpc_point_bytes",
        ]
        here.estate.world.secrets["shop", "orders-backup"]["password"] = b"wrong"
        assert not here.backup().succeeded
        assert len(gateway.pushes) == 1
