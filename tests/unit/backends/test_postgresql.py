"""What the PostgreSQL back end writes: jobs for each method, and a stream of the log for each place."""

from __future__ import annotations

from typing import Any

import pytest

from bpc.backends import postgresql
from bpc.backends.postgresql.account import account_sql
from bpc.backends.postgresql.workload import slot
from bpc.render import Renderer
from bpc.resources import templates
from bpc.rules import rpo_not_met
from tests.estates import Estate, estate

BASE = """
kind: Location
metadata: {name: s3}
spec:
  encryption: {secret: backup-key}
  pruning: {secret: backup-s3-delete}
---
kind: BackupPolicy
spec:
  datasets:
    - name: orders
      type: postgresql
      namespace: shop
      version: "16"
      connection:
        host: orders-db
        port: 5433
        credentials: {secret: orders-backup}
        restoreCredentials: {secret: orders-admin}
        tls: {caSecret: orders-ca}
"""
PHYSICAL = """
      method: physical
      size: 40Gi
      data: {claim: data-orders-0, directory: data/pg, user: 70}
"""
ARCHIVE = PHYSICAL + "      walArchive: true\n"


def made(more: str = "", before: str = "") -> tuple[Estate, dict[str, Any]]:
    found = estate(before + BASE + more.removeprefix("\n"))
    [plan] = found.policies
    backend = postgresql.BACKEND
    return found, {each.path: each.data for each in backend.policy(plan, Renderer(templates()))}


def pod(written: dict[str, Any], end: str) -> Any:
    [data] = [data for path, data in written.items() if path.endswith(end)]
    spec = data["spec"]
    return spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]


def environment(written: dict[str, Any], end: str) -> dict[str, str]:
    env = pod(written, end)["containers"][0]["env"]
    return {each["name"]: each["value"] for each in env if "value" in each}


def volumes(written: dict[str, Any], end: str) -> dict[str, Any]:
    return {each["name"]: each for each in pod(written, end)["volumes"]}


JOB = "cronjob-shop--orders--s3.yaml"
KEEP = "cronjob-shop--orders--s3--keep.yaml"
STREAM = "deployment-shop--orders--s3--wal.yaml"
RESTORE = "restore/shop/orders/s3/job.yaml"


def test_a_dump_reads_with_one_account_and_restores_with_another() -> None:
    _, written = made()
    assert volumes(written, JOB)["database-credentials"]["secret"]["secretName"] == "orders-backup"
    restored = volumes(written, RESTORE)["database-credentials"]["secret"]
    assert restored["secretName"] == "orders-admin"


def test_databases_travel_as_digits() -> None:
    _, written = made('      databases: [orders, "it\'s $(x)"]\n')
    assert environment(written, JOB)["DATABASES"] == "6f7264657273\n6974277320242878 29".replace(
        " ", ""
    )


def test_the_server_is_reached_as_the_policy_says() -> None:
    _, written = made()
    found = environment(written, JOB)
    assert (found["HOST"], found["PORT"], found["TLS"]) == ("orders-db", "5433", "verify")
    assert found["CA_FILE"] == "/credentials/authority/ca.crt"


def test_the_image_is_that_of_the_server_s_release() -> None:
    _, written = made()
    assert "postgres:16" in pod(written, JOB)["containers"][0]["image"]


def test_a_dump_has_no_stream() -> None:
    _, written = made()
    assert not [path for path in written if "deployment" in path]


def test_a_physical_copy_has_room_to_be_unpacked() -> None:
    _, written = made(PHYSICAL)
    assert volumes(written, JOB)["scratch"]["emptyDir"]["sizeLimit"] == "52Gi"
    assert "data" not in volumes(written, JOB)


def test_a_physical_copy_is_restored_into_the_claim_as_the_server_s_user() -> None:
    _, written = made(PHYSICAL)
    data = volumes(written, RESTORE)["data"]
    assert data["persistentVolumeClaim"]["claimName"] == "data-orders-0"
    assert pod(written, RESTORE)["securityContext"]["runAsUser"] == 70
    assert pod(written, RESTORE)["securityContext"]["fsGroup"] == 70
    found = environment(written, RESTORE)
    assert found["DATA"] == "/data/data/pg"
    assert found["SLOTS"] == ""
    assert "FORWARD" not in found


def test_the_root_of_a_claim_can_be_the_data_directory() -> None:
    _, written = made(PHYSICAL.replace("directory: data/pg", "directory: ."))
    assert environment(written, RESTORE)["DATA"] == "/data"


@pytest.mark.parametrize("directory", ["..", "a/../b", "/a", "a//b", "", "-/.."])
def test_a_data_directory_stays_in_its_claim(directory: str) -> None:
    with pytest.raises(ValueError, match="directory"):
        made(PHYSICAL.replace("directory: data/pg", f'directory: "{directory}"'))


def test_an_archive_streams_to_each_place_that_jobs_write_to() -> None:
    _, written = made(ARCHIVE)
    found = environment(written, STREAM)
    assert found["SLOT"] == "bpc__prod__shop__orders__s3"
    assert found["LAG"] == "60"
    assert found["METRICS_FILE"] == ""
    assert environment(written, JOB)["SLOTS"] == "s3 bpc__prod__shop__orders__s3"
    assert environment(written, RESTORE)["FORWARD"]


def test_a_stream_is_restarted_when_it_ends_or_hangs() -> None:
    _, written = made(ARCHIVE)
    found = pod(written, STREAM)
    assert found["restartPolicy"] == "Always"
    probe = found["containers"][0]["livenessProbe"]
    assert probe["exec"]["command"][-1] == "alive"


def test_a_stream_is_as_restricted_as_a_job() -> None:
    _, written = made(ARCHIVE)
    found = pod(written, STREAM)
    assert found["securityContext"]["runAsNonRoot"] is True
    assert found["automountServiceAccountToken"] is False
    security = found["containers"][0]["securityContext"]
    assert security["readOnlyRootFilesystem"] is True
    assert security["capabilities"] == {"drop": ["ALL"]}


def test_a_stream_may_not_delete() -> None:
    _, written = made(ARCHIVE)
    assert volumes(written, STREAM)["store-credentials"]["secret"]["secretName"] == "backup-s3"


def test_a_stream_is_told_apart_from_the_jobs() -> None:
    _, written = made(ARCHIVE)
    [stream] = [data for path, data in written.items() if path.endswith(STREAM)]
    [job] = [data for path, data in written.items() if path.endswith(JOB)]
    selector = stream["spec"]["selector"]["matchLabels"]
    labels = job["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
    assert not selector.items() <= labels.items()
    assert selector == stream["spec"]["template"]["metadata"]["labels"]


def test_a_paused_dataset_streams_nothing() -> None:
    _, written = made(ARCHIVE + "      paused: true\n")
    [stream] = [data for path, data in written.items() if path.endswith(STREAM)]
    assert stream["spec"]["replicas"] == 0


def test_the_progress_of_a_stream_is_pushed() -> None:
    gateway = 'kind: Cluster\nspec:\n  jobs: {pushgateway: "http://push:9091"}\n---'
    _, written = made(ARCHIVE, before=gateway)
    found = pod(written, STREAM)
    assert [each["name"] for each in found["containers"]] == ["stream", "report"]
    assert environment(written, STREAM)["METRICS_FILE"] == "/result/metrics"
    names = {each["name"] for each in found["volumes"]}
    used = {mount["name"] for each in found["containers"] for mount in each["volumeMounts"]}
    assert used <= names


def test_the_maintenance_looks_after_the_log() -> None:
    _, written = made(ARCHIVE + "      walKeep: 7d\n")
    assert environment(written, KEEP)["WAL_KEEP"] == "604800"
    [scripts] = [
        data["data"]
        for path, data in written.items()
        if path.endswith("configmap-bpc-maintenance--shop--orders.yaml")
    ]
    assert {"keep.sh", "wal.sh"} <= set(scripts)


def test_slots_have_names_that_a_server_takes() -> None:
    found = estate(BASE.replace("name: orders", f"name: {'very-long-name-' * 3}end") + ARCHIVE[1:])
    [plan] = found.policies
    name = slot(plan, plan.datasets[0], "s3")
    assert len(name) <= 63
    assert name.replace("_", "").isalnum()
    assert name.islower()


def test_what_others_look_after_has_no_job() -> None:
    _, written = made("      heldBy: {who: provider, evidence: contract}\n")
    assert written == {}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", "pg_read_all_data"),
        (PHYSICAL, "Stop the server whose files are in `data-orders-0`"),
        (ARCHIVE, "create job --from cronjob/shop--orders--s3"),
    ],
)
def test_the_runbook_has_the_steps_of_each_method(more: str, expected: str) -> None:
    found, _ = made(more)
    [plan] = found.policies
    steps = postgresql.BACKEND.dataset_steps(plan, plan.datasets[0], "cluster-loss")
    assert any(expected in step.purpose + step.command for step in steps)
    assert all(len(line) <= 100 for step in steps for line in step.command.splitlines())


def test_the_runbook_says_what_the_account_of_an_archive_needs() -> None:
    found, _ = made(ARCHIVE)
    spec: Any = found.datasets["shop/orders"].spec
    text = account_sql(spec)
    assert "replication" in text
    assert "max_slot_wal_keep_size" in text


def test_an_archive_meets_what_no_schedule_could() -> None:
    objective = "kind: Tier\nspec:\n  objectives: {default: {rpo: 5m}}\n---"
    found, written = made(ARCHIVE, before=objective)
    assert found.findings == []
    [job] = [data for path, data in written.items() if path.endswith(JOB)]
    assert job["spec"]["schedule"].endswith("* * *")
    assert not list(rpo_not_met.check(found.policies[0]))


def test_an_archive_that_may_be_further_behind_than_the_objective_is_an_error() -> None:
    objective = "kind: Tier\nspec:\n  objectives: {default: {rpo: 1m}}\n---"
    found, _ = made(ARCHIVE, before=objective)
    [finding] = rpo_not_met.check(found.policies[0])
    assert "may lose 2m" in finding.message
