"""The objects around a job: what runs, with which rights, where, and what a person applies."""

from __future__ import annotations

from typing import Any

import pytest

from bpc.backends.postgresql import BACKEND
from bpc.plan.artifact import Artifact
from bpc.render import Renderer
from bpc.resources import templates
from bpc.validate import Target, validator
from tests.estates import estate

PLAIN = """
kind: Cluster
spec:
  jobs: {pushgateway: "http://push.example:9091"}
---
kind: Location
metadata: {name: s3}
spec:
  encryption: {secret: backup-key}
  pruning: {secret: prune-s3}
---
kind: Location
metadata: {name: vault}
spec:
  type: s3
  bucket: acme-vault
  endpoint: "http://vault.example:7480"
  site: {provider: own, region: dc2, account: vault, realm: vault-admins}
  medium: object-store
  credentials: {secret: vault-s3, key: keys}
  encryption: {secret: vault-key, key: secret}
---
kind: Tier
spec:
  retention: {daily: 14, weekly: 8}
  limits: {run: 40m, start: 5m}
  copies: {to: [s3, {location: vault, from: s3, every: 1d}]}
---
kind: BackupPolicy
spec:
  datasets:
    - name: orders
      type: postgresql
      namespace: shop
      version: "17"
      connection:
        host: orders-db
        port: 6432
        credentials: {secret: orders-backup}
        restoreCredentials: {secret: orders-admin}
"""


@pytest.fixture(scope="module")
def made() -> dict[str, Artifact]:
    [policy] = estate(PLAIN).policies
    return {each.path: each for each in BACKEND.policy(policy, Renderer(templates()))}


def at(made: dict[str, Artifact], path: str) -> Any:
    return made[path].data


def pod(job: Any) -> Any:
    job = job["spec"].get("jobTemplate", job)["spec"]
    return job.get("template", job)["spec"]


def secrets(spec: Any) -> set[str]:
    return {v["secret"]["secretName"] for v in spec["volumes"] if "secret" in v}


BACKUP = "30-schedules/shop/cronjob-shop--orders--s3.yaml"
COPY = "30-schedules/shop/cronjob-shop--orders--vault.yaml"
KEEP = "30-schedules/shop/cronjob-shop--orders--s3--keep.yaml"
RESTORE = "restore/shop/orders/s3/job.yaml"


def test_every_object_would_be_accepted(made: dict[str, Artifact]) -> None:
    judge = validator(Target(kubernetes="1.31"))
    for artifact in made.values():
        if artifact.data is not None:
            assert judge.check(artifact.data) == []


def test_every_job_has_bounds(made: dict[str, Artifact]) -> None:
    for path in (BACKUP, COPY, KEEP):
        spec = at(made, path)["spec"]
        assert spec["concurrencyPolicy"] == "Forbid"
        assert spec["timeZone"]
        assert spec["startingDeadlineSeconds"] == 300
        job = spec["jobTemplate"]["spec"]
        assert job["backoffLimit"] == 1
        assert job["template"]["spec"]["restartPolicy"] == "Never"
        assert job["activeDeadlineSeconds"] == (21_600 if path == KEEP else 2_400)


def test_no_job_has_a_token_or_a_writable_root(made: dict[str, Artifact]) -> None:
    for path in (BACKUP, COPY, KEEP, RESTORE):
        spec = pod(at(made, path))
        assert spec["automountServiceAccountToken"] is False
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert "@sha256:" in container["image"]


def test_only_maintenance_holds_the_account_that_deletes(made: dict[str, Artifact]) -> None:
    assert secrets(pod(at(made, BACKUP))) == {"backup-s3", "backup-key", "orders-backup"}
    assert secrets(pod(at(made, COPY))) == {"backup-s3", "backup-key", "vault-s3", "vault-key"}
    assert secrets(pod(at(made, KEEP))) == {"prune-s3", "backup-key"}
    assert secrets(pod(at(made, RESTORE))) == {"backup-s3", "backup-key", "orders-admin"}
    assert at(made, KEEP)["metadata"]["namespace"] == "bpc-maintenance"
    assert at(made, BACKUP)["metadata"]["namespace"] == "shop"


def test_no_maintenance_without_an_account_for_it(made: dict[str, Artifact]) -> None:
    assert "30-schedules/shop/cronjob-shop--orders--vault--keep.yaml" not in made


def test_the_network_is_open_to_the_server_the_stores_and_the_gateway(
    made: dict[str, Artifact],
) -> None:
    policy = at(made, "00-prerequisites/shop/networkpolicy-shop--shop--orders.yaml")["spec"]
    [egress] = policy["egress"]
    assert {p["port"] for p in egress["ports"]} == {53, 443, 6432, 7480, 9091}
    assert policy["ingress"] == []


def test_the_backup_reports_after_it_is_done(made: dict[str, Artifact]) -> None:
    spec = pod(at(made, BACKUP))
    assert [c["name"] for c in spec["initContainers"]] == ["fetch-restic", "fetch-rclone", "backup"]
    assert [c["name"] for c in spec["containers"]] == ["report"]


def test_scripts_are_kept_from_substitution(made: dict[str, Artifact]) -> None:
    for artifact in made.values():
        if artifact.data is not None and artifact.data["kind"] == "ConfigMap":
            metadata: Any = artifact.data["metadata"]
            note = "kustomize.toolkit.fluxcd.io/substitute"
            assert metadata["annotations"][note] == "disabled"


def test_what_restores_is_never_applied_by_itself(made: dict[str, Artifact]) -> None:
    kept = {path for path in made if path.startswith("restore/")}
    assert len(kept) == 8
    assert not any(made[path].applied for path in kept)


def test_the_ladder_reaches_the_maintenance_job(made: dict[str, Artifact]) -> None:
    env = {e["name"]: e.get("value") for e in pod(at(made, KEEP))["containers"][0]["env"]}
    assert env["LADDER"] == "daily=1209600 weekly=4838400"
    assert env["FLOOR"] == "3"
    assert env["STORE"] == "store:acme-backup/bpc.points/prod/shop/orders"
