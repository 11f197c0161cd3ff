"""What the Redis back end writes: jobs that reach the server, with the room that the data needs."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bpc.backends import redis
from bpc.render import Renderer
from bpc.resources import templates
from tests.estates import Estate, estate

CACHE = """
kind: Cluster
spec:
  jobs: {memory: 8Gi}
---
kind: Location
metadata: {name: s3}
spec:
  encryption: {secret: backup-key}
---
kind: BackupPolicy
spec:
  datasets:
    - name: cache
      type: redis
      namespace: shop
      version: "7.2"
"""
FULL = """
      size: 4Gi
      connection:
        host: cache-replica
        port: 6380
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
    written = {each.path: each.data for each in redis.BACKEND.policy(plan, Renderer(templates()))}
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
        assert env["PORT"] == "6380"
        assert env["TLS"] == "verify"
        assert env["CA_FILE"] == "/credentials/authority/ca.crt"
        assert env["MEMORY"] == str(8 * 2**30)


def test_only_the_restore_job_holds_the_account_that_writes() -> None:
    _, written = made(FULL)
    found = {
        end: volumes(written, end)["database-credentials"]["secret"]["secretName"]
        for end in ("cronjob-shop--cache--s3.yaml", "restore/shop/cache/s3/job.yaml")
    }
    assert list(found.values()) == ["cache-backup", "cache-restore"]


@pytest.mark.parametrize(("more", "room"), [(FULL, "6144Mi"), (SMALL, "1024Mi")])
def test_the_room_follows_the_size(more: str, room: str) -> None:
    _, written = made(more)
    for end in ("cronjob-shop--cache--s3.yaml", "restore/shop/cache/s3/job.yaml"):
        assert volumes(written, end)["scratch"]["emptyDir"] == {"sizeLimit": room}


def test_little_is_enough() -> None:
    _, written = made(SMALL)
    env = environment(written, "cronjob-shop--cache--s3.yaml")
    assert env["PORT"] == "6379"
    assert env["CA_FILE"] == ""
    assert "database-credentials" not in volumes(written, "cronjob-shop--cache--s3.yaml")


def test_the_network_is_open_to_the_port_of_the_server() -> None:
    _, written = made(FULL)
    [policy] = [data for path, data in written.items() if "networkpolicy-shop" in path]
    assert 6380 in [
        port["port"] for rule in policy["spec"]["egress"] for port in rule.get("ports", [])
    ]


def test_what_somebody_else_holds_needs_no_job() -> None:
    _, written = made(SMALL + "      heldBy: {who: provider, evidence: contract}\n")
    assert written == {}


def test_the_runbook_gives_a_new_server_the_account_of_the_backup() -> None:
    found, _ = made(FULL)
    [plan] = found.policies
    steps = redis.BACKEND.dataset_steps(plan, plan.datasets[0], "cluster-loss")
    assert "ACL SETUSER" in steps[-1].command
    assert "cache-backup" in steps[-1].command
    assert all(len(line) <= 100 for step in steps for line in step.command.splitlines())
    assert not re.search("password.*=.*[0-9a-f]{8}", steps[-1].command)
    other = redis.BACKEND.dataset_steps(plan, plan.datasets[0], "operator-error")
    assert not [step for step in other if "ACL" in step.command]


def test_no_account_needs_no_step() -> None:
    found, _ = made(SMALL)
    [plan] = found.policies
    steps = redis.BACKEND.dataset_steps(plan, plan.datasets[0], "cluster-loss")
    assert not [step for step in steps if "ACL" in step.command]
