"""PostgreSQL's files and log for real: any moment comes back, and what is missing is never passed over."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance.kubelet import Kubelet, Outcome, Pod, World
from tests.acceptance.running import Estate, estate_of, machine_images, points, secrets
from tests.acceptance.servers.postgresql import PostgreSQL

pytestmark = pytest.mark.acceptance

PASSWORD = "p'a\"s$s`w\\o#r d😀"  # noqa: S105 - of a server that lives for one test
BIN = "/usr/lib/postgresql/15/bin:/usr/bin:/bin"
JOB = "shop--orders--disk"
CONFIRM = "overwrite shop/orders"
LAG = 2
SETTINGS = {"max_slot_wal_keep_size": "1GB", "wal_keep_size": "256MB"}


def dataset(*, archive: bool) -> str:
    return yaml.safe_dump(
        [
            {
                "name": "orders",
                "type": "postgresql",
                "method": "physical",
                "walArchive": archive,
                "walLag": f"{LAG}s",
                "namespace": "shop",
                "version": "15",
                "size": "1Gi",
                "data": {"claim": "data-orders-0"},
                "connection": {
                    "host": "orders-db",
                    "port": 0,
                    "credentials": {"secret": "orders-backup"},
                    "tls": {"caSecret": "orders-ca"},
                },
            }
        ]
    )


@pytest.fixture
def server() -> Iterator[PostgreSQL]:
    with PostgreSQL(hosts=("orders-db",), settings=SETTINGS) as running:
        running.psql(f"create role backup login replication password $b${PASSWORD}$b$")
        running.psql("create table items (id serial primary key, name text)")
        yield running


class Here(Estate):
    """The estate, its stream, and where the restored server is."""

    server: PostgreSQL

    @property
    def claim(self) -> Path:
        return self.directory / "claim"

    @property
    def wal(self) -> list[str]:
        return sorted(path.name for path in self.directory.rglob("wal/*/*/*.gz*"))

    def stream_manifest(self) -> dict[str, Any]:
        """Return the Deployment's pod as a Job that is not tried again."""
        found = self.objects("Deployment")[f"{JOB}--wal"]
        template = found["spec"]["template"]
        pod = {**template["spec"], "restartPolicy": "Never"}
        pod["containers"] = [
            {key: value for key, value in each.items() if key != "livenessProbe"}
            for each in pod["containers"]
        ]
        spec = {"backoffLimit": 0, "template": {**template, "spec": pod}}
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": found["metadata"],
            "spec": spec,
        }

    @contextmanager
    def stream(self, *, end: str = "TERM") -> Iterator[Pod]:
        """Run the stream while the body runs, and end it by a signal."""
        begun, over = threading.Event(), threading.Event()
        found: list[Any] = []

        def visit(pod: Pod) -> None:
            found.append(pod)
            pod.wait_for("stream", "archiving system", seconds=120)
            begun.set()
            over.wait(240)
            pod.kill("stream", end)

        def run() -> None:
            workdir = self.directory / f"stream-{time.monotonic_ns()}"
            workdir.mkdir()
            outcomes.append(
                Kubelet(self.world, workdir).run(self.stream_manifest(), on_start=visit)
            )

        outcomes: list[Outcome] = []
        thread = threading.Thread(target=run)
        thread.start()
        try:
            assert begun.wait(150), outcomes
            yield found[0]
        finally:
            over.set()
            thread.join(60)

    def insert(self, name: str) -> None:
        self.server.psql(f"insert into items (name) select $n${name}$n$")

    def settle(self) -> None:
        """Wait until everything that was committed so far is in the archive."""
        begun = time.time()
        limit = begun + 120
        while not any(beat > begun for beat in self._beats()):
            assert time.time() < limit
            time.sleep(0.2)

    def _beats(self) -> Iterator[int]:
        for path in self.directory.glob("stream-*/*/volumes/scratch/spool/beat"):
            yield int(path.read_text() or 0)

    def stored(self, what: Callable[[list[str]], bool]) -> None:
        """Wait until the archive looks like that."""
        limit = time.monotonic() + 60
        while not what(self.wal):
            assert time.monotonic() < limit, self.wal
            time.sleep(0.1)

    def rows(self) -> list[str]:
        """Start a server from a copy of what was restored, and return the names in it."""
        other = PostgreSQL(hosts=("orders-db",), settings=SETTINGS)
        try:
            data = other.directory / "restored"
            shutil.copytree(self.claim / "pgdata", data)
            other.start(data)
            assert other.psql("select pg_is_in_recovery()") == "f"
            return other.psql("select name from items order by id").splitlines()
        finally:
            other.close()


def here(directory: Path, server: PostgreSQL, engine: str, *, archive: bool = True) -> Here:
    store, claim = directory / "store", directory / "claim"
    store.mkdir()
    claim.mkdir()
    world = World(
        claims={("shop", "backups"): store, ("shop", "data-orders-0"): claim},
        hosts={"orders-db": "127.0.0.1"},
        images=machine_images(BIN),
    )
    given = {
        "backup-key": {"password": "sesame 😀"},
        "orders-backup": {"username": "backup", "password": PASSWORD},
        "orders-ca": {"ca.crt": server.ca.read_text()},
    }
    secrets(world, "shop", given)
    text = dataset(archive=archive).replace("port: 0", f"port: {server.port}")
    found = Here(directory, estate_of(text, engine), world)
    found.server = server
    return found


def now() -> str:
    """Return a moment that lies apart from what happens before and after it."""
    time.sleep(1.1)
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    time.sleep(1.1)
    return moment


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_the_files_of_a_server_come_back(tmp_path: Path, server: PostgreSQL, engine: str) -> None:
    it = here(tmp_path, server, engine, archive=False)
    it.insert("before")
    outcome = it.job(JOB)
    assert outcome.succeeded, outcome.log
    it.insert("after")
    server.stop()
    again = it.restore("shop/orders/disk")
    assert again.succeeded, again.log
    assert "postgres: " in again.log
    assert it.rows() == ["before"]
    occupied = it.restore("shop/orders/disk")
    assert not occupied.succeeded
    assert CONFIRM in occupied.log
    over = it.restore("shop/orders/disk", {"confirm": CONFIRM})
    assert over.succeeded, over.log
    assert it.rows() == ["before"]


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_any_moment_comes_back(tmp_path: Path, server: PostgreSQL, engine: str) -> None:
    it = here(tmp_path, server, engine)
    it.insert("before the copy")
    with it.stream():
        outcome = it.job(JOB)
        assert outcome.succeeded, outcome.log
        it.insert("one")
        server.psql("select pg_switch_wal()")
        it.insert("two")
        moment = now()
        it.insert("three")
        server.psql("select pg_switch_wal()")
        it.insert("four")
        it.settle()
        # What was committed so long ago survives a loss of server and receiver at the same time.
        server.kill()
    again = it.restore("shop/orders/disk", {"point": moment})
    assert again.succeeded, again.log
    assert it.rows() == ["before the copy", "one", "two"]
    everything = it.restore("shop/orders/disk", {"confirm": CONFIRM})
    assert everything.succeeded, everything.log
    assert it.rows() == ["before the copy", "one", "two", "three", "four"]
    (point,) = points(tmp_path)
    only = it.restore("shop/orders/disk", {"confirm": CONFIRM, "point": point})
    assert only.succeeded, only.log
    assert it.rows() == ["before the copy"]
    future = it.restore("shop/orders/disk", {"confirm": CONFIRM, "point": "2999-01-01T00:00:00Z"})
    assert not future.succeeded
    assert "the archive ends before" in future.log
    assert it.rows() == ["before the copy"]


def test_a_killed_receiver_loses_nothing(tmp_path: Path, server: PostgreSQL) -> None:
    it = here(tmp_path, server, "object")
    with it.stream(end="KILL"):
        outcome = it.job(JOB)
        assert outcome.succeeded, outcome.log
        it.insert("one")
        server.psql("select pg_switch_wal()")
        it.insert("two")
    # Nobody receives; the volume of the killed pod is gone. A checkpoint lets the server drop what it may.
    for name in ("three", "four"):
        it.insert(name)
        server.psql("select pg_switch_wal(); checkpoint")
    with it.stream():
        it.insert("five")
        it.settle()
        server.kill()
    again = it.restore("shop/orders/disk")
    assert again.succeeded, again.log
    assert it.rows() == ["one", "two", "three", "four", "five"]


def test_the_archive_goes_on_after_a_restore(tmp_path: Path, server: PostgreSQL) -> None:
    it = here(tmp_path, server, "object")
    with it.stream():
        assert it.job(JOB).succeeded
        it.insert("kept")
        moment = now()
        it.insert("undone")
        server.psql("select pg_switch_wal()")
        it.stored(lambda names: any(name.endswith("2.gz.bin") for name in names))
        it.settle()
        server.stop()
    assert it.restore("shop/orders/disk", {"point": moment}).succeeded
    data = server.directory / "restored"
    shutil.copytree(it.claim / "pgdata", data)
    server.start(data)
    with it.stream():
        it.insert("after")
        assert it.job(JOB).succeeded
        it.insert("last")
        it.settle()
        server.kill()
    newest = it.restore("shop/orders/disk", {"confirm": CONFIRM})
    assert newest.succeeded, newest.log
    assert it.rows() == ["kept", "after", "last"]
    # Before the restore the old timeline was in force, in which nothing had been undone yet.
    earlier = it.restore("shop/orders/disk", {"confirm": CONFIRM, "point": moment})
    assert earlier.succeeded, earlier.log
    assert it.rows() == ["kept"]


def test_a_gap_is_found_before_the_target_is_touched(tmp_path: Path, server: PostgreSQL) -> None:
    it = here(tmp_path, server, "object")
    with it.stream():
        assert it.job(JOB).succeeded
        it.insert("one")
        moment = now()
        for name in ("two", "three"):
            it.insert(name)
            server.psql("select pg_switch_wal()")
        it.insert("four")
        it.settle()
        server.kill()
    complete = [name for name in it.wal if name.endswith("0.gz.bin") or "partial" not in name]
    (lost,) = tmp_path.rglob(complete[-1])
    lost.unlink()
    outcome = it.restore("shop/orders/disk")
    assert not outcome.succeeded
    assert f"GAP: {lost.name[:24]} is not in the archive" in outcome.log
    assert list((it.claim / "pgdata").iterdir()) == []
    kept = it.job(f"{JOB}--keep")
    assert not kept.succeeded
    assert f"GAP: the archive lacks {lost.name[:24]}" in kept.log
    # The log of the moment begins in the newest segment before the lost one that the copy needs.
    (needed,) = tmp_path.rglob(f"wal/*/*/{complete[-2]}")
    whole = needed.read_bytes()
    needed.write_bytes(whole[:200] + bytes([whole[200] ^ 1]) + whole[201:])
    damaged = it.restore("shop/orders/disk", {"point": moment})
    assert not damaged.succeeded
    needed.write_bytes(whole)
    before = it.restore("shop/orders/disk", {"point": moment})
    assert before.succeeded, before.log
    assert it.rows() == ["one"]


def test_a_damaged_copy_does_not_pass(tmp_path: Path, server: PostgreSQL) -> None:
    it = here(tmp_path, server, "object", archive=False)
    assert it.job(JOB).succeeded
    (base,) = tmp_path.rglob("objects/*/base.bin")
    data = bytearray(base.read_bytes())
    data[len(data) // 2] ^= 1
    base.write_bytes(data)
    outcome = it.restore("shop/orders/disk")
    assert not outcome.succeeded
    assert "part base did not come back" in outcome.log


def test_files_in_use_are_left_alone(tmp_path: Path, server: PostgreSQL) -> None:
    it = here(tmp_path, server, "object", archive=False)
    assert it.job(JOB).succeeded
    data = it.claim / "pgdata"
    data.mkdir()
    (data / "PG_VERSION").write_text("15\n")
    (data / "postmaster.pid").write_text("1\n")
    for path in (data, *data.iterdir()):
        shutil.chown(path, 999, 999)
    outcome = it.restore("shop/orders/disk", {"confirm": CONFIRM})
    assert not outcome.succeeded
    assert "the server orders-db runs" in outcome.log
    assert (data / "PG_VERSION").exists()


def test_what_no_point_needs_is_removed(tmp_path: Path, server: PostgreSQL) -> None:
    it = here(tmp_path, server, "object")
    with it.stream():
        for _ in range(3):
            it.insert("some")
            server.psql("select pg_switch_wal()")
        assert it.job(JOB).succeeded
        it.insert("more")
        server.psql("select pg_switch_wal()")
        it.stored(lambda names: any(name.endswith("5.gz.bin") for name in names))
    before = it.wal
    outcome = it.job(f"{JOB}--keep")
    assert outcome.succeeded, outcome.log
    assert len(it.wal) < len(before)
    assert not any(name.startswith("000000010000000000000002.gz") for name in it.wal)
    restored = it.restore("shop/orders/disk")
    assert restored.succeeded, restored.log
    assert len(it.rows()) == 4


def test_a_server_without_a_bound_for_its_log_is_not_archived(tmp_path: Path) -> None:
    with PostgreSQL(hosts=("orders-db",)) as server:
        server.psql(f"create role backup login replication password $b${PASSWORD}$b$")
        it = here(tmp_path, server, "object")
        workdir = tmp_path / "stream"
        workdir.mkdir()
        outcome = Kubelet(it.world, workdir).run(it.stream_manifest())
        assert not outcome.succeeded
        assert "max_slot_wal_keep_size is not set" in outcome.log
        assert server.psql("select count(*) from pg_replication_slots") == "0"


def test_a_wrong_password_leaves_no_point(tmp_path: Path, server: PostgreSQL) -> None:
    it = here(tmp_path, server, "restic")
    it.world.secrets["shop", "orders-backup"]["password"] = b"wrong"
    outcome = it.job(JOB)
    assert not outcome.succeeded
    assert points(tmp_path) == []
    workdir = tmp_path / "stream"
    workdir.mkdir()
    stream = Kubelet(it.world, workdir).run(it.stream_manifest())
    assert not stream.succeeded
    assert it.wal == []
    assert server.psql("select count(*) from pg_replication_slots") == "0"


def test_a_server_that_dies_midway_leaves_no_point(tmp_path: Path, server: PostgreSQL) -> None:
    it = here(tmp_path, server, "object", archive=False)
    assert it.job(JOB).succeeded
    (older,) = points(tmp_path)
    server.psql(
        "create table big as select n, repeat(md5(n::text), 30) t from generate_series(1, 200000) n"
    )

    def kill(pod: Pod) -> None:
        limit = time.monotonic() + 60
        asked = "select count(*) from pg_stat_progress_basebackup where backup_streamed > 0"
        while pod.attempt == 0 and server.psql(asked) == "0":
            assert time.monotonic() < limit
        server.kill()

    outcome = it.job(JOB, on_start=kill)
    assert not outcome.succeeded
    assert points(tmp_path) == [older]
    again = it.restore("shop/orders/disk", {"point": older})
    assert again.succeeded, again.log
    assert it.rows() == []
