"""OpenSearch: what the jobs do to a real node's repository and indices, and what must not pass for a backup.

The node is real. The Snapshot Management plug-in is not to be had: its policies are kept by the tests, which
make a snapshot with the settings that the job gave whenever one would be due. Elasticsearch is not to be had.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.kubelet import World
from tests.acceptance.running import CLUSTER, POLICY, Estate, machine_images, secrets
from tests.acceptance.servers.opensearch import PLUGINS, OpenSearch
from tests.acceptance.servers.s3 import CephRgw
from tests.acceptance.servers.search_front import SearchFront

pytestmark = pytest.mark.acceptance

PASSWORD = "p'a\"s$s`w\\o#r:d 😀"  # noqa: S105 - of a server that lives for one test
HOSTILE = "products-ü+&%$(x)'`"
JOB, POLICY_NAME = "shop--search--store", "shop--search--store--daily"
LOCATION = """
apiVersion: bpc/v1
kind: Location
metadata: {name: store}
spec:
  type: s3
  bucket: backups
  site: {provider: own, region: dc2, account: backup, realm: backup-admins}
  medium: object-store
"""
TIER = """
apiVersion: bpc/v1
kind: Tier
metadata: {name: gold}
spec:
  objectives: {default: {rpo: 30h, rto: 4h}}
  copies: {to: [store]}
  retention: {daily: 14}
"""
DATASET = """
    - name: search
      type: opensearch
      namespace: shop
      schedule: {{cron: "0 2 * * *", timeZone: UTC}}
      connection:
        host: search
        port: {port}
        credentials: {{secret: search-backup}}
        tls: {{caSecret: search-ca}}
"""


@dataclass
class Running:
    """A node with its front, and what the policy compiles to."""

    node: OpenSearch
    front: SearchFront
    estate: Estate

    def fill(self) -> None:
        """Make indices with documents and an alias."""
        for name, shards in (("orders", 2), (HOSTILE, 1)):
            path = f"/{_quoted(name)}"
            settings = {"number_of_shards": shards, "number_of_replicas": 0}
            assert self.node.request("PUT", path, {"settings": settings})[0] == 200
            for number in range(20):
                document = {"n": number, "text": "näme 😀" * number}
                assert self.node.request("PUT", f"{path}/_doc/{number}", document)[0] == 201
        self.node.request("PUT", "/orders/_alias/live")
        self.node.request("POST", "/_refresh")

    def sums(self, *names: str) -> list[list[Any]]:
        """Return every document of some indices."""
        self.node.request("POST", "/_refresh")
        found = []
        for name in names or ("orders", HOSTILE):
            query = {"size": 100, "sort": ["n"]}
            _, said = self.node.request("POST", f"/{_quoted(name)}/_search", query)
            hits: Any = said["hits"]
            found.append([each["_source"] for each in hits["hits"]])
        return found

    def indices(self) -> set[str]:
        """Return the names of all indices."""
        _, said = self.node.request("GET", "/_all?expand_wildcards=all")
        return set(said)


def _quoted(name: str) -> str:
    return "".join(f"%{byte:02X}" for byte in name.encode())


@contextmanager
def running(
    directory: Path, store: Callable[[OpenSearch], dict[str, object] | None] = lambda _: None
) -> Iterator[Running]:
    account = ("backup", PASSWORD)
    with OpenSearch() as node, SearchFront(node, account, ("search",), store(node)) as front:
        assert front.ca is not None
        world = World(hosts={"search": "127.0.0.1"}, images=machine_images())
        given = {
            "search-backup": {"username": "backup", "password": PASSWORD},
            "search-ca": {"ca.crt": front.ca.read_text()},
        }
        secrets(world, "shop", given)
        policy = "---\n".join([CLUSTER, LOCATION, TIER, POLICY + DATASET.format(port=front.port)])
        found = Running(node, front, Estate(directory, policy, world))
        found.fill()
        yield found


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as found:
        yield found


def test_a_snapshot_is_made_checked_and_comes_back(here: Running) -> None:
    first = here.estate.job(JOB)
    assert first.succeeded, first.log
    assert "no snapshot yet" in first.log
    here.front.snapshot(POLICY_NAME, "one")
    again = here.estate.job(JOB)
    assert again.succeeded, again.log
    assert "the newest good snapshot is one, of 2 indices" in again.log
    assert PASSWORD not in again.log
    before = here.sums()

    occupied = here.estate.restore("shop/search/store")
    assert not occupied.succeeded
    assert "overwrite shop/search" in occupied.log
    assert here.sums() == before

    assert here.node.request("DELETE", f"/{_quoted(HOSTILE)}")[0] == 200
    for number in range(15):
        assert here.node.request("DELETE", f"/orders/_doc/{number}")[0] == 200
    here.node.request("POST", "/_refresh")
    outcome = here.estate.restore("shop/search/store", {"confirm": "overwrite shop/search"})
    assert outcome.succeeded, outcome.log
    assert here.sums() == before
    assert "orders 20 documents, 5 in the live one before" in outcome.log

    beside = here.estate.restore("shop/search/store", {"prefix": "restored-"})
    assert beside.succeeded, beside.log
    assert here.sums("restored-orders", f"restored-{HOSTILE}") == before
    _, aliases = here.node.request("GET", "/_alias/live")
    assert [*aliases] == ["orders"]

    names = here.indices()
    drill = here.estate.restore("shop/search/store", {"drill": "yes"})
    assert drill.succeeded, drill.log
    assert "can be restored" in drill.log
    assert here.indices() == names


def test_an_object_store_holds_the_snapshots(tmp_path: Path) -> None:
    with CephRgw() as ceph:
        ceph.bucket("backups")

        def keys(node: OpenSearch) -> dict[str, object]:
            if node.plugins != PLUGINS:
                pytest.skip("repository-s3 needs OpenSearch 3.3, and that needs a Java 21")
            account = {"access_key": ceph.access, "secret_key": ceph.secret}
            place = {"endpoint": ceph.endpoint, "region": "us-east-1", "path_style_access": "true"}
            return {**account, **place}

        with running(tmp_path, keys) as here:
            first = here.estate.job(JOB)
            assert first.succeeded, first.log
            here.front.snapshot(POLICY_NAME, "one")
            again = here.estate.job(JOB)
            assert again.succeeded, again.log
            before = here.sums()
            for name in ("orders", HOSTILE):
                assert here.node.request("DELETE", f"/{_quoted(name)}")[0] == 200
            outcome = here.estate.restore("shop/search/store")
            assert outcome.succeeded, outcome.log
            assert here.sums() == before


def test_what_is_no_backup_fails_the_job(here: Running) -> None:
    assert here.estate.job(JOB).succeeded
    here.front.snapshot(POLICY_NAME, "one")
    here.node.request("PUT", "/late")
    assert here.estate.job(JOB).succeeded, (
        "an index that is younger than the snapshot is not missed"
    )

    wrong = here.estate.world.secrets["shop", "search-backup"]["password"]
    here.estate.world.secrets["shop", "search-backup"]["password"] = b"wrong"
    outcome = here.estate.job(JOB)
    assert not outcome.succeeded
    assert "401" in outcome.log
    here.estate.world.secrets["shop", "search-backup"]["password"] = wrong

    config = here.front.policies[POLICY_NAME]["snapshot_config"]
    config["indices"] = "orders"
    here.front.snapshot(POLICY_NAME, "half")
    outcome = here.estate.job(JOB)
    assert not outcome.succeeded
    assert "snapshot half lacks" in outcome.log
    assert here.front.policies[POLICY_NAME]["snapshot_config"]["indices"] == "*"


def test_a_torn_repository_is_no_backup(here: Running) -> None:
    assert here.estate.job(JOB).succeeded
    here.front.snapshot(POLICY_NAME, "one")
    before = here.sums()
    blobs = [path for path in here.node.repositories.rglob("__*") if path.stat().st_size > 100]
    assert blobs
    for blob in blobs:
        blob.unlink()
    outcome = here.estate.restore("shop/search/store", {"prefix": "restored-"})
    assert not outcome.succeeded
    assert "could not be restored" in outcome.log
    assert here.sums() == before


def test_a_new_cluster_does_not_write_over_the_snapshots_of_the_old_one(
    here: Running, tmp_path: Path
) -> None:
    assert here.estate.job(JOB).succeeded
    here.front.snapshot(POLICY_NAME, "one")
    before = here.sums()
    _, old = here.node.request("GET", "/")
    here.node.stop()
    with (
        OpenSearch(repositories=here.node.repositories) as node,
        SearchFront(node, ("backup", PASSWORD), ("search",)) as front,
    ):
        assert front.ca is not None
        other = tmp_path / "other"
        other.mkdir()
        world = World(hosts={"search": "127.0.0.1"}, images=machine_images())
        account = {"username": "backup", "password": PASSWORD}
        given = {"search-backup": account, "search-ca": {"ca.crt": front.ca.read_text()}}
        secrets(world, "shop", given)
        policy = "---\n".join([CLUSTER, LOCATION, TIER, POLICY + DATASET.format(port=front.port)])
        new = Running(node, front, Estate(other, policy, world))
        refused = new.estate.job(JOB)
        assert not refused.succeeded
        assert str(old["cluster_uuid"]) in refused.log
        assert front.policies == {}
        outcome = new.estate.restore("shop/search/store")
        assert outcome.succeeded, outcome.log
        assert new.sums() == before
        adopt = json.loads(json.dumps({"adopt": old["cluster_uuid"]}))
        world.configmaps["shop", "shop--search--wanted"] = adopt
        adopted = new.estate.job(JOB)
        assert adopted.succeeded, adopted.log
