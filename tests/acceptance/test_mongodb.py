"""MongoDB's own tools for real, against a server that speaks its protocol: no `mongod` is to be had.

What needs an oplog, members or roles is in the unit tests, against stand-ins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.acceptance import tools
from tests.acceptance.kubelet import Image, Pod, World
from tests.acceptance.running import Estate, estate_of, machine_images, points, secrets
from tests.acceptance.servers.mongodb import Document, MongoDB

pytestmark = pytest.mark.acceptance

PASSWORD = "p'a\"s$s`w\\o#r: %41 dé"  # noqa: S105 - of a server that lives for one test
NAMES = [("shop", "orders"), ("shop", "näme-1"), ("o-ther", "it_ems")]
PROGRAMS = ("mongodump", "mongorestore")
MOST = 300


def dataset(port: int, tls: dict[str, str], *, users: bool) -> str:
    connection: dict[str, object] = {"host": "orders", "port": port, "tls": tls}
    if users:
        connection["credentials"] = {"secret": "orders-backup"}
        connection["restoreCredentials"] = {"secret": "orders-restore"}
    spec = {"name": "orders", "type": "mongodb", "namespace": "shop", "version": "7.0"}
    return yaml.safe_dump([{**spec, "connection": connection}])


def documents(number: int) -> list[Document]:
    return [{"_id": n, "text": f"näme\n'q' {n} 😀", "price": {"n": n / 3}} for n in range(number)]


def fill(server: MongoDB, number: int = MOST) -> None:
    for database, collection in NAMES:
        server.insert(database, collection, documents(number))


def images() -> Callable[[str], Image]:
    """Return the machine with MongoDB's programs, where everybody may read them."""
    usual = machine_images("/opt/mongosh/node_modules/.bin:/usr/local/bin:/usr/bin:/bin")
    shell = tools.require("mongosh").parents[2]
    mounts = {f"/usr/local/bin/{name}": str(tools.require(name)) for name in PROGRAMS}

    def image(reference: str) -> Image:
        found = usual(reference)
        more = {**mounts, "/opt/mongosh": str(shell)}
        return Image(mounts={**found.mounts, **more}, path=found.path)

    return image


@pytest.fixture
def server() -> Iterator[MongoDB]:
    with MongoDB(password=PASSWORD, hosts=("orders",)) as running:
        fill(running)
        yield running


def estate(
    directory: Path, server: MongoDB, engine: str, tls: dict[str, str] | None = None
) -> Estate:
    store = directory / "store"
    store.mkdir()
    world = World(
        claims={("shop", "backups"): store}, hosts={"orders": "127.0.0.1"}, images=images()
    )
    account = {"username": server.admin, "password": server.password}
    given = {
        "backup-key": {"password": "sesame 😀"},
        "orders-backup": account,
        "orders-restore": account,
        "orders-ca": {"ca.crt": server.ca.read_text()},
    }
    secrets(world, "shop", given)
    text = dataset(server.port, tls or {"caSecret": "orders-ca"}, users=server.users)
    return Estate(directory, estate_of(text, engine), world)


def contents(server: MongoDB) -> list[list[Document]]:
    return [server.find(*name) for name in NAMES]


@pytest.fixture
def open_server() -> Iterator[MongoDB]:
    """Return a server without users, because this one cannot take them back."""
    with MongoDB(hosts=("orders",), users=False) as running:
        fill(running)
        yield running


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_what_was_dropped_comes_back(tmp_path: Path, open_server: MongoDB, engine: str) -> None:
    server = open_server
    here = estate(tmp_path, server, engine)
    outcome = here.job("shop--orders--disk")
    assert outcome.succeeded, outcome.log
    assert len(points(tmp_path)) == 1
    before = contents(server)
    assert [len(each) for each in before] == [MOST] * 3

    occupied = here.restore("shop/orders/disk")
    assert not occupied.succeeded
    assert "overwrite shop/orders" in occupied.log

    server.insert("shop", "orders", [{"_id": -1, "text": "written after the backup"}])
    server.insert("later", "made", documents(3))
    again = here.restore("shop/orders/disk", {"confirm": "overwrite shop/orders"})
    assert again.succeeded, again.log
    assert contents(server) == before
    assert server.find("later", "made") == []


def test_a_restore_that_fails_midway_says_that_the_target_is_incomplete(
    tmp_path: Path, server: MongoDB
) -> None:
    here = estate(tmp_path, server, "restic")
    outcome = here.job("shop--orders--disk")
    assert outcome.succeeded, outcome.log
    # The dump has a user, and a real server would take it.
    again = here.restore("shop/orders/disk", {"confirm": "overwrite shop/orders"})
    assert not again.succeeded
    assert "the target is incomplete" in again.log
    assert PASSWORD not in outcome.log + again.log


def test_a_certificate_that_nobody_knows_is_accepted_only_if_that_is_asked_for(
    tmp_path: Path, server: MongoDB
) -> None:
    for name, tls in (("verify", {}), ("require", {"mode": "require"})):
        directory = tmp_path / name
        directory.mkdir()
        outcome = estate(directory, server, "restic", tls or {"mode": "verify"}).job(
            "shop--orders--disk"
        )
        assert outcome.succeeded == (name == "require"), outcome.log


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_a_wrong_password_fails_and_older_points_stay(
    tmp_path: Path, server: MongoDB, engine: str
) -> None:
    here = estate(tmp_path, server, engine)
    assert here.job("shop--orders--disk").succeeded
    before = points(tmp_path)
    here.world.secrets["shop", "orders-backup"]["password"] = b"wrong"
    outcome = here.job("shop--orders--disk")
    assert not outcome.succeeded
    assert "Authentication failed" in outcome.log
    assert len(outcome.pods) == 2
    assert points(tmp_path) == before


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_a_server_that_dies_midway_leaves_no_point(tmp_path: Path, engine: str) -> None:
    with MongoDB(password=PASSWORD, hosts=("orders",)) as server:
        fill(server, 5_000)
        here = estate(tmp_path, server, engine)

        def kill(pod: Pod) -> None:
            if pod.attempt == 0:
                pod.wait_for("backup", "writing shop.orders", seconds=180)
                server.kill()

        outcome = here.job("shop--orders--disk", on_start=kill)
        assert not outcome.succeeded
        assert points(tmp_path) == []
