"""What the MongoDB back end writes: jobs that reach the server, and know its replica set."""

from __future__ import annotations

from typing import Any

import pytest

from bpc.backends import mongodb
from bpc.render import Renderer
from bpc.resources import templates
from tests.estates import Estate, estate

CACHE = """
kind: Location
metadata: {name: s3}
spec:
  encryption: {secret: backup-key}
---
kind: BackupPolicy
spec:
  datasets:
    - name: cache
      type: mongodb
      namespace: shop
      version: "7.0"
"""
FULL = """
      replicaSet: rs0
      connection:
        host: cache-replica
        port: 27018
        credentials: {secret: cache-backup}
        restoreCredentials: {secret: cache-restore}
        tls: {caSecret: cache-ca}
"""
SMALL = """
      connection: {host: cache, tls: {mode: disable}}
"""


def made(more: str) -> tuple[Estate, dict[str, Any]]:
    found = estate(CACHE + more.removeprefix("\n"))
    [plan] = found.policies
    written = {each.path: each.data for each in mongodb.BACKEND.policy(plan, Renderer(templates()))}
    return found, written


def pod(written: dict[str, Any], end: str) -> Any:
    [data] = [data for path, data in written.items() if path.endswith(end)]
    spec = data["spec"]
    return spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]


def environment(written: dict[str, Any], end: str) -> dict[str, str]:
    container = pod(written, end)["containers"][0]
    return {each["name"]: each.get("value") for each in container["env"]}


def volumes(written: dict[str, Any], end: str) -> dict[str, Any]:
    return {each["name"]: each for each in pod(written, end)["volumes"]}


def test_the_jobs_know_where_the_server_is() -> None:
    _, written = made(FULL)
    for end in ("cronjob-shop--cache--s3.yaml", "restore/shop/cache/s3/job.yaml"):
        env = environment(written, end)
        assert env["HOST"] == "cache-replica"
        assert env["PORT"] == "27018"
        assert env["TLS"] == "verify"
        assert env["CA_FILE"] == "/credentials/authority/ca.crt"
        assert env["REPLICA_SET"] == "rs0"


def test_only_the_restore_job_holds_the_account_that_writes() -> None:
    _, written = made(FULL)
    found = {
        end: volumes(written, end)["database-credentials"]["secret"]["secretName"]
        for end in ("cronjob-shop--cache--s3.yaml", "restore/shop/cache/s3/job.yaml")
    }
    assert list(found.values()) == ["cache-backup", "cache-restore"]


def test_little_is_enough() -> None:
    _, written = made(SMALL)
    env = environment(written, "cronjob-shop--cache--s3.yaml")
    assert env["PORT"] == "27017"
    assert env["CA_FILE"] == ""
    assert env["REPLICA_SET"] == ""
    assert "database-credentials" not in volumes(written, "cronjob-shop--cache--s3.yaml")


def test_the_network_is_open_to_the_port_of_the_server() -> None:
    _, written = made(FULL)
    [policy] = [data for path, data in written.items() if "networkpolicy-shop" in path]
    assert 27018 in [
        port["port"] for rule in policy["spec"]["egress"] for port in rule.get("ports", [])
    ]


def test_what_somebody_else_holds_needs_no_job() -> None:
    _, written = made(SMALL + "      heldBy: {who: provider, evidence: contract}\n")
    assert written == {}


def test_a_database_of_an_operator_needs_no_job() -> None:
    _, written = made(SMALL + "      managedBy: percona-mongodb\n")
    assert written == {}


@pytest.mark.parametrize("replays", [True, False])
def test_the_runbook_makes_the_account_that_restores(replays: bool) -> None:
    text = FULL if replays else FULL.replace("      replicaSet: rs0\n", "")
    found, _ = made(text)
    [plan] = found.policies
    steps = mongodb.BACKEND.dataset_steps(plan, plan.datasets[0], "cluster-loss")
    assert "db.createUser" in steps[0].command
    assert "cache-restore" in steps[0].command
    assert ("db.createRole" in steps[0].command) == replays
    assert all(len(line) <= 100 for step in steps for line in step.command.splitlines())
    other = mongodb.BACKEND.dataset_steps(plan, plan.datasets[0], "operator-error")
    assert not [step for step in other if "createUser" in step.command]


def test_no_account_needs_no_step() -> None:
    found, _ = made(SMALL)
    [plan] = found.policies
    steps = mongodb.BACKEND.dataset_steps(plan, plan.datasets[0], "cluster-loss")
    assert not [step for step in steps if "createUser" in step.command]
