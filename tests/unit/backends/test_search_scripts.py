"""The scripts for Elasticsearch and OpenSearch, in each shell, against a strict stub of their API."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bpc.backends.search.desired import desired
from tests.estates import estate
from tests.shells import SHELLS, others
from tests.unit.backends.search_server import PASSWORD, UUID, Cluster, Jobs, jobs

DAY = 86_400
OTHER = "AnotherClusterThatIsGone"
POLICY = """
kind: BackupPolicy
spec:
  datasets:
    - name: search
      type: {flavour}
      namespace: shop
      indices: {indices}
      connection: {{host: search, credentials: {{secret: search-backup}}}}
      schedule: {{cron: "0 2 * * *", timeZone: UTC}}
      objectives: {{default: {{rpo: 30h}}}}
      limits: {{run: 1h, start: 10m}}
"""
NAME = "shop--search--s3"
DAILY = f"{NAME}--daily"
MARK = {"bpc": "prod/shop/search/s3/daily", "cluster": UUID}


def wanted(flavour: str, indices: str = "[]") -> str:
    found = estate(POLICY.format(flavour=flavour, indices=indices)).datasets["shop/search"]
    spec: Any = found.spec
    return desired(found, spec, found.copies[0])


def usable(shell: str) -> str:
    """Return a shell; skip the test where the machine lacks it or what the scripts need."""
    for program in (shell.split(maxsplit=1)[0], "curl", "jq"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    return shell


@pytest.fixture
def flavour() -> str:
    """What is the same for both kinds of server is tried with one."""
    return "elasticsearch"


both = pytest.mark.parametrize("flavour", ["elasticsearch", "opensearch"])


@pytest.fixture
def server(flavour: str, tmp_path: Path) -> Iterator[Jobs]:
    with jobs(usable(SHELLS[0]), tmp_path, filled(flavour), wanted(flavour)) as found:
        yield found


def filled(flavour: str) -> Cluster:
    """Return a server with three indices, and one of its own."""
    cluster = Cluster(flavour, now=int(time.time()))
    for name in ("orders", "products-1", "products-2"):
        cluster.index(name, made=cluster.now - 30 * DAY, documents=5)
    cluster.index(".security-7", made=cluster.now - 30 * DAY)
    return cluster


def taken(server: Jobs, name: str = "one", age: int = 3_600, **more: Any) -> dict[str, Any]:
    """Make a good snapshot of the daily policy."""
    return server.cluster.snapshot(
        name, metadata=dict(MARK), begun=server.cluster.now - age, **more
    )


def applied(server: Jobs, **values: str) -> str:
    result = server.run("apply.sh", **values)
    assert result.returncode == 0, result.stderr
    return result.stderr


def refused(server: Jobs, script: str = "apply.sh", **values: str) -> str:
    result = server.run(script, **values)
    assert result.returncode == 1, result.stderr
    assert "FAILED: " in result.stderr
    return result.stderr


@both
def test_the_first_run_registers_and_sets_and_waits_for_the_first_snapshot(server: Jobs) -> None:
    said = applied(server)
    assert "no snapshot yet" in said
    repository = server.cluster.repositories[NAME]
    assert repository["settings"]["base_path"] == "bpc.points/prod/shop/search"
    assert repository["settings"]["readonly"] == "false"
    told = server.cluster.policies[DAILY]
    if server.cluster.flavour == "elasticsearch":
        policy = told["policy"]
        assert policy["schedule"] == "0 0 2 * * ?"
        assert policy["retention"] == {"expire_after": "14d", "min_count": 3, "max_count": 16}
        config = policy["config"]
    else:
        policy = told["sm_policy"]
        cron = {"expression": "0 2 * * *", "timezone": "UTC"}
        assert policy["creation"] == {"schedule": {"cron": cron}, "time_limit": "1h"}
        condition = {"max_age": "14d", "min_count": 3, "max_count": 16}
        assert policy["deletion"]["condition"] == condition
        config = policy["snapshot_config"]
    assert config["metadata"] == MARK
    assert config["partial"] is False


@both
def test_a_second_run_changes_nothing(server: Jobs) -> None:
    applied(server)
    server.cluster.requests.clear()
    applied(server)
    changes = [each for each in server.cluster.requests if not each.startswith("GET")]
    assert changes == [f"POST /_snapshot/{NAME}/_verify"]


@both
def test_what_somebody_changed_is_put_back(server: Jobs) -> None:
    applied(server)
    told = server.cluster.policies[DAILY]
    server.cluster.repositories[NAME]["settings"]["bucket"] = "other"
    if server.cluster.flavour == "elasticsearch":
        told["policy"]["retention"]["expire_after"] = "1d"
    else:
        told["sm_policy"]["enabled"] = False
    said = applied(server)
    assert "is registered" in said
    assert "is set" in said
    again = server.cluster.policies[DAILY]
    assert "1d" not in json.dumps(again)
    assert again.get("sm_policy", {}).get("enabled", True)
    assert server.cluster.repositories[NAME]["settings"]["bucket"] == "acme-backup"


def test_no_secret_is_on_a_command_line_or_in_a_log(server: Jobs) -> None:
    said = applied(server)
    assert PASSWORD not in server.arguments() + said
    assert "Basic" not in server.arguments() + said
    assert [*server.home.glob("tmp.*")] == []


def test_a_good_young_snapshot_of_all_indices_is_enough(server: Jobs) -> None:
    taken(server)
    assert "as they should be" in applied(server)


def test_the_metrics_tell_of_the_newest_snapshot(server: Jobs) -> None:
    found = taken(server)
    metrics = server.home / "metrics"
    applied(server, METRICS_FILE=str(metrics))
    lines = dict(line.split(" ") for line in metrics.read_text().splitlines())
    assert lines["bpc_point_begun_timestamp_seconds"] == str(found["start_time_in_millis"] // 1000)
    assert lines["bpc_point_duration_seconds"] == "60"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"state": "PARTIAL"}, "the newest snapshot one is PARTIAL"),
        ({"state": "FAILED"}, "the newest snapshot one is FAILED"),
        ({"state": "INCOMPATIBLE"}, "the newest snapshot one is INCOMPATIBLE"),
        ({"age": 2 * DAY}, "the newest good snapshot one was begun"),
        ({"state": "IN_PROGRESS", "age": 5_000}, "has been running for longer than 3600 seconds"),
        ({"indices": ["orders", "products-1"]}, "snapshot one lacks products-2"),
        ({"shards": {"total": 2, "failed": 1, "successful": 1}}, "names shards that failed"),
        ({"failures": [{"index": "orders"}]}, "names shards that failed"),
        ({"end_time_in_millis": (int(time.time()) + DAY) * 1000}, "took longer than 3600 seconds"),
    ],
)
def test_a_snapshot_that_is_no_backup_fails_the_job(
    server: Jobs, changes: dict[str, Any], fault: str
) -> None:
    taken(server, "old", age=25 * 3_600)
    taken(server, **changes)
    if changes == {"age": 2 * DAY}:
        del server.cluster.snapshots[0]
    assert fault in refused(server)


@both
def test_a_failed_run_after_a_good_one_fails_the_job(server: Jobs) -> None:
    taken(server)
    applied(server)
    if server.cluster.flavour == "elasticsearch":
        server.cluster.said[DAILY] = {
            "last_success": {"snapshot_name": "one", "time": 1},
            "last_failure": {"snapshot_name": "two", "time": 2, "details": "the bucket is gone"},
        }
    else:
        info = {"message": "two", "cause": "the bucket is gone"}
        server.cluster.said[DAILY] = {"latest_execution": {"status": "FAILED", "info": info}}
    assert "the bucket is gone" in refused(server)


@both
def test_a_policy_that_never_made_a_snapshot_is_found_out(server: Jobs) -> None:
    applied(server)
    old = (server.cluster.now - 3 * DAY) * 1000
    told = server.cluster.policies[DAILY]
    if server.cluster.flavour == "elasticsearch":
        told["modified_date_millis"] = old
    else:
        told["sm_policy"]["last_updated_time"] = old
    assert "there is no good snapshot" in refused(server)


def test_an_index_that_is_newer_than_the_snapshot_is_not_missed(server: Jobs) -> None:
    taken(server)
    server.cluster.index("orders-new", made=server.cluster.now - 60)
    server.cluster.index(".ds-logs-1", made=server.cluster.now - 60)
    server.cluster.streams["logs"] = [".ds-logs-1"]
    applied(server)


def test_a_data_stream_that_is_missing_is_found_out(server: Jobs) -> None:
    taken(server)
    server.cluster.index(".ds-logs-1", made=server.cluster.now - DAY)
    server.cluster.streams["logs"] = [".ds-logs-1"]
    assert "lacks logs" in refused(server)


def test_an_index_that_is_asked_for_and_gone_fails_the_job(server: Jobs) -> None:
    server.desired = wanted(server.cluster.flavour, "[orders, gone]")
    assert "no such index [gone]" in refused(server)


def test_what_a_pattern_leaves_out_is_not_missed(server: Jobs) -> None:
    server.desired = wanted(server.cluster.flavour, "[-products-*]")
    taken(server, indices=["orders"])
    applied(server)


def test_a_folder_of_another_cluster_is_never_written_to(server: Jobs) -> None:
    found = taken(server)
    found["metadata"]["cluster"] = OTHER
    said = refused(server)
    assert OTHER in said
    assert server.cluster.repositories[NAME]["settings"]["readonly"] == "true"
    assert server.cluster.policies == {}
    assert "as they should be" in applied(server, ADOPT=OTHER)
    assert server.cluster.repositories[NAME]["settings"]["readonly"] == "false"


@both
def test_a_server_that_lost_the_folder_to_another_one_stops_writing(server: Jobs) -> None:
    taken(server)
    applied(server)
    taken(server, "two", age=60)["metadata"]["cluster"] = OTHER
    refused(server)
    assert server.cluster.repositories[NAME]["settings"]["readonly"] == "true"
    stopped = server.cluster.policies.get(DAILY, {"sm_policy": {"enabled": False}})
    assert stopped["sm_policy"]["enabled"] is False


@both
def test_a_paused_dataset_stops_the_servers_own_schedule(server: Jobs) -> None:
    applied(server)
    assert "paused" in applied(server, PAUSED="true")
    stopped = server.cluster.policies.get(DAILY, {"sm_policy": {"enabled": False}})
    assert stopped["sm_policy"]["enabled"] is False


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET ", 503),
        (f"GET _snapshot/{NAME}", 500),
        (f"PUT _snapshot/{NAME}", 500),
        (f"POST _snapshot/{NAME}/_verify", 500),
        (f"GET _snapshot/{NAME}/_all", 500),
        ("(GET|PUT|POST) _(slm|plugins/_sm)/polic(y|ies)/.*", 403),
        ("GET _cat/indices/.*", 500),
        ("GET _resolve/index/.*", 500),
    ],
)
def test_a_server_that_refuses_anything_fails_the_job(
    server: Jobs, request_line: str, status: int
) -> None:
    taken(server)
    server.cluster.broken[request_line] = status
    assert f"with {status}: broken for the test" in refused(server)


def test_a_wrong_password_fails_the_job(server: Jobs) -> None:
    (server.home / "account" / "password").write_text("wrong")
    assert "401" in refused(server)


def test_a_server_that_is_not_there_fails_the_job(server: Jobs) -> None:
    assert "did not answer" in refused(server, PORT="1")


def test_a_server_of_the_other_kind_fails_the_job(server: Jobs) -> None:
    other = {"elasticsearch": "opensearch", "opensearch": "elasticsearch"}
    assert "this is a server of kind" in refused(server, FLAVOUR=other[server.cluster.flavour])


def test_a_server_without_a_cluster_fails_the_job(server: Jobs) -> None:
    server.cluster.uuid = "_na_"
    assert "has not formed a cluster" in refused(server)


def test_no_node_that_can_write_fails_the_job(server: Jobs) -> None:
    server.cluster.nodes = 0
    assert "no node can write" in refused(server)


@both
def test_a_server_that_forgets_what_it_was_told_fails_the_job(server: Jobs) -> None:
    applied(server)
    if server.cluster.flavour == "elasticsearch":
        server.cluster.policies[DAILY]["policy"]["schedule"] = "0 0 3 * * ?"
    else:
        server.cluster.policies[DAILY]["sm_policy"]["enabled"] = False
    server.cluster.forgets = True
    assert "did not keep policy" in refused(server)


@both
def test_schedules_that_are_stopped_for_everybody_fail_the_job(server: Jobs) -> None:
    server.cluster.running = False
    if server.cluster.flavour == "elasticsearch":
        assert "STOPPED for everybody" in refused(server)
    else:
        applied(server)


@pytest.mark.parametrize("shell", others(SHELLS))
@both
def test_every_shell_does_the_same(flavour: str, shell: str, tmp_path: Path) -> None:
    with jobs(usable(shell), tmp_path, filled(flavour), wanted(flavour)) as server:
        applied(server)
        found = taken(server)
        applied(server)
        found["state"] = "PARTIAL"
        assert "the newest snapshot one is PARTIAL" in refused(server)
        found["metadata"]["cluster"] = OTHER
        assert OTHER in refused(server)
        applied(server, PAUSED="true")
        assert PASSWORD not in server.arguments()
