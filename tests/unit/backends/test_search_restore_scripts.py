"""The restore script for Elasticsearch and OpenSearch, in each shell, against a strict stub of their API."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.shells import SHELLS, others
from tests.unit.backends.search_server import Cluster, Jobs, jobs
from tests.unit.backends.test_search_scripts import (
    DAY,
    NAME,
    both,
    flavour,
    refused,
    taken,
    usable,
    wanted,
)

__all__ = ["flavour"]

CONFIRM = "overwrite shop/search"


@contextmanager
def holding(shell: str, flavour: str, home: Path) -> Iterator[Jobs]:
    """Give a server with two good snapshots and one that is not."""
    cluster = Cluster(flavour, now=int(time.time()))
    for name in ("orders", "products-ü+&#%", "-odd"):
        cluster.index(name, made=cluster.now - 30 * DAY, documents=5)
    cluster.index(".security-7", made=cluster.now - 30 * DAY)
    text = wanted(flavour)
    body = json.loads(text)["repository"]["body"]
    body["settings"]["readonly"] = "false"
    cluster.repositories[NAME] = body
    with jobs(usable(shell), home, cluster, text) as found:
        taken(found, "old", age=3 * DAY)
        taken(found, "new")
        taken(found, "torn", age=60, state="PARTIAL")
        yield found


@pytest.fixture
def server(flavour: str, tmp_path: Path) -> Iterator[Jobs]:
    with holding(SHELLS[0], flavour, tmp_path) as found:
        yield found


def restored(server: Jobs, **values: str) -> str:
    result = server.run("restore.sh", **values)
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


def test_the_list_shows_every_snapshot_and_touches_nothing(server: Jobs) -> None:
    server.cluster.requests.clear()
    said = restored(server, WANTED="list")
    lines = [
        line.split()[1:3] for line in said.splitlines() if line.startswith("2") and "SUC" in line
    ]
    assert lines == [["old", "SUCCESS"], ["new", "SUCCESS"]]
    assert "torn PARTIAL" in said
    assert all(each.startswith("GET") for each in server.cluster.requests)


@both
def test_the_newest_good_one_comes_back_into_an_empty_server(server: Jobs) -> None:
    server.cluster.indices.clear()
    said = restored(server)
    assert "snapshot new is restored" in said
    assert sorted(server.cluster.indices) == ["-odd", "orders", "products-ü+&#%"]
    (body,) = server.cluster.restores
    assert body["include_global_state"] is False
    assert body["partial"] is False
    assert body["include_aliases"] is True
    assert "rename_pattern" not in body


def test_live_indices_stay_as_they_are_without_a_confirmation(server: Jobs) -> None:
    said = refused(server, "restore.sh")
    assert "overwrite shop/search" in said
    assert "orders" in said
    refused(server, "restore.sh", CONFIRM="overwrite shop/other")
    assert server.cluster.restores == []
    assert all(each["status"] == "open" for each in server.cluster.indices.values())


def test_live_indices_are_closed_and_restored_over_when_somebody_confirmed(server: Jobs) -> None:
    said = restored(server, CONFIRM=CONFIRM)
    assert server.cluster.indices["orders"]["from"] == "new"
    assert "orders 7 documents, 5 in the live one before" in said
    assert server.cluster.indices[".security-7"]["from"] is None


def test_what_was_closed_is_opened_again_when_the_server_refuses(server: Jobs) -> None:
    server.cluster.broken[f"POST _snapshot/{NAME}/.*/_restore"] = 500
    assert "refused" in refused(server, "restore.sh", CONFIRM=CONFIRM)
    assert all(each["status"] == "open" for each in server.cluster.indices.values())
    assert server.cluster.indices["orders"]["documents"] == 5


def test_what_was_closed_is_opened_again_when_the_next_cannot_be_closed(server: Jobs) -> None:
    server.cluster.broken["POST -odd/_close"] = 500
    refused(server, "restore.sh", CONFIRM=CONFIRM)
    assert all(each["status"] == "open" for each in server.cluster.indices.values())


def test_an_index_that_was_closed_before_is_restored_over(server: Jobs) -> None:
    server.cluster.indices["orders"]["status"] = "close"
    restored(server, CONFIRM=CONFIRM)
    assert server.cluster.indices["orders"]["from"] == "new"


def test_copies_with_other_names_leave_the_live_ones_alone(server: Jobs) -> None:
    restored(server, PREFIX="restored-")
    assert server.cluster.indices["orders"]["from"] is None
    assert server.cluster.indices["restored-orders"]["from"] == "new"
    (body,) = server.cluster.restores
    assert body["include_aliases"] is False
    assert "index.lifecycle.name" in body["ignore_index_settings"]


def test_a_drill_restores_beside_looks_and_removes_again(server: Jobs) -> None:
    before = dict(server.cluster.indices)
    said = restored(server, DRILL="yes")
    assert "can be restored" in said
    assert "documents, 5 in the live one before" in said
    assert server.cluster.indices == before
    (body,) = server.cluster.restores
    assert body["index_settings"] == {"index.number_of_replicas": 0}


def test_data_streams_come_back_by_name(server: Jobs) -> None:
    server.cluster.index(".ds-logs-1")
    server.cluster.streams["logs"] = [".ds-logs-1"]
    taken(server, "streams", age=10)
    assert "logs" in refused(server, "restore.sh")
    restored(server, CONFIRM=CONFIRM)
    assert server.cluster.indices[".ds-logs-1"]["from"] == "streams"
    restored(server, PREFIX="restored-")
    assert server.cluster.streams["restored-logs"] == [".ds-restored-logs-1"]


def test_a_name_chooses_a_snapshot(server: Jobs) -> None:
    assert "snapshot old is restored" in restored(server, WANTED="old", CONFIRM=CONFIRM)


def test_a_moment_chooses_the_newest_that_is_not_younger(server: Jobs) -> None:
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(server.cluster.now - DAY))
    assert "snapshot old is restored" in restored(server, WANTED=moment, CONFIRM=CONFIRM)


@pytest.mark.parametrize("point", ["torn", "gone", "1999-01-01T00:00:00Z", "$(x)'\""])
def test_what_is_no_good_snapshot_cannot_be_chosen(server: Jobs, point: str) -> None:
    assert "there is no good snapshot" in refused(server, "restore.sh", WANTED=point)
    assert server.cluster.restores == []


def test_snapshots_of_others_in_the_same_folder_are_not_ours(server: Jobs) -> None:
    taken(server, "theirs", age=5)["metadata"]["bpc"] = "prod/shop/search-2/s3/daily"
    assert "snapshot new is restored" in restored(server, CONFIRM=CONFIRM)


def test_a_new_server_only_borrows_the_folder(server: Jobs) -> None:
    server.cluster.repositories.clear()
    server.cluster.indices.clear()
    restored(server)
    assert server.cluster.repositories == {}
    written = [each for each in server.cluster.requests if each.startswith("PUT")]
    assert written[-1] == f"PUT /_snapshot/{NAME}--restore"


def test_shards_that_cannot_be_restored_fail_the_job(server: Jobs) -> None:
    server.cluster.shards_fail = True
    assert "could not be restored" in refused(server, "restore.sh", PREFIX="restored-")


@pytest.mark.parametrize("prefix", ["-x", "Up-", "a/b", "*"])
def test_a_prefix_that_no_index_can_have_is_refused(server: Jobs, prefix: str) -> None:
    assert "prefix may only hold" in refused(server, "restore.sh", PREFIX=prefix)


def test_state_comes_back_only_when_asked_for(server: Jobs) -> None:
    restored(server, STATE="yes", CONFIRM=CONFIRM)
    assert server.cluster.restores[0]["include_global_state"] is True
    assert "feature_states" not in server.cluster.restores[0]


@pytest.mark.parametrize("shell", others(SHELLS))
def test_every_shell_does_the_same(shell: str, tmp_path: Path) -> None:
    with holding(shell, "elasticsearch", tmp_path) as server:
        assert "old SUCCESS" in restored(server, WANTED="list")
        refused(server, "restore.sh")
        assert "snapshot new is restored" in restored(server, CONFIRM=CONFIRM)
        assert "can be restored" in restored(server, DRILL="yes")
