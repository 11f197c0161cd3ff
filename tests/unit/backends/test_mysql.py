"""What MySQL and MariaDB datasets compile to, and which of them are refused."""

from __future__ import annotations

from typing import Any

import pytest

from bpc.backends.mysql import BACKEND, RIGHTS
from bpc.diagnostics import Finding
from bpc.render import Renderer
from bpc.resources import templates
from bpc.rules import (
    server_files_unknown,
    setting_of_other_method,
    system_database_named,
)
from tests.estates import estate

_ESTATE = """
kind: Location
metadata: {name: s3}
spec:
  encryption: {secret: backup-key}
---
kind: BackupPolicy
spec:
  datasets:
    - {name: db, namespace: shop, connection: CONNECTION, MORE}
"""
CONNECTION = (
    "{host: orders-db, credentials: {secret: backup}, restoreCredentials: {secret: admin}, "
    "tls: {caSecret: orders-ca}}"
)
PHYSICAL = "method: physical, version: '10.11', size: 40Gi"
DATA = "data: {claim: data-db-0, podLabels: {app: db}, user: 1001, group: 1002}"


def policy(more: str, connection: str = CONNECTION) -> Any:
    text = _ESTATE.replace("CONNECTION", connection).replace("MORE", more)
    [plan] = estate(text).policies
    return plan


def objects(more: str, connection: str = CONNECTION) -> dict[tuple[str, str], Any]:
    plan = policy(more, connection)
    made = BACKEND.policy(plan, Renderer(templates()))
    return {(each.data["kind"], each.path): each.data for each in made if each.data is not None}  # type: ignore[misc]


def pod(more: str, *, restore: bool = False) -> Any:
    for (kind, _), data in objects(more).items():
        if kind == "Job" and restore:
            return data["spec"]["template"]["spec"]
        if kind == "CronJob" and not restore and data["metadata"]["name"] == "shop--db--s3":
            return data["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    raise AssertionError(more)


def environment(spec: Any) -> dict[str, str]:
    return {each["name"]: each.get("value") for each in spec["containers"][-1]["env"]}


def volumes(spec: Any) -> dict[str, Any]:
    return {each["name"]: each for each in spec["volumes"]}


def scripts(more: str) -> dict[str, str]:
    found = objects(more)
    return next(data["data"] for (kind, _), data in found.items() if kind == "ConfigMap")


@pytest.mark.parametrize(
    ("kind", "version", "image"),
    [("mysql", "8.4", "library/mysql:8.4"), ("mariadb", "10.11", "library/mariadb:10.11")],
)
def test_a_dump_runs_in_the_image_of_its_server(kind: str, version: str, image: str) -> None:
    spec = pod(f"type: {kind}, version: '{version}', databases: [orders, \"it's\"]")
    assert image in spec["containers"][0]["image"]
    found = environment(spec)
    assert found["FLAVOUR"] == kind
    assert found["DATABASES"] == "6f7264657273\n69742773"
    assert found["LOCK"] == "no"
    assert (found["HOST"], found["PORT"], found["TLS"]) == ("orders-db", "3306", "verify")
    assert spec["securityContext"]["runAsUser"] == 65_532
    assert "affinity" not in spec


def test_all_databases_are_meant_when_none_is_named() -> None:
    assert environment(pod("type: mysql, lockTables: true"))["DATABASES"] == ""
    assert environment(pod("type: mysql, lockTables: true"))["LOCK"] == "yes"


def test_a_restore_uses_the_account_that_may_write() -> None:
    reads, writes = pod("type: mysql"), pod("type: mysql", restore=True)
    assert volumes(reads)["database-credentials"]["secret"]["secretName"] == "backup"
    assert volumes(writes)["database-credentials"]["secret"]["secretName"] == "admin"


def test_the_scripts_of_a_method_come_with_it() -> None:
    dump = scripts("type: mariadb")
    assert {"accounts.sh", "fetch.sh", "hex.sh", "inventory.sh", "method.sh", "server.sh"} <= set(
        dump
    )
    physical = scripts(f"type: mariadb, {PHYSICAL}, {DATA}")
    assert "TOOL=mariadb-backup" in physical["method.sh"]
    assert "accounts.sh" not in physical


def test_the_files_of_a_server_are_read_beside_it_and_cannot_be_changed() -> None:
    spec = pod(f"type: mariadb, {PHYSICAL}, {DATA}")
    claim = volumes(spec)["data"]["persistentVolumeClaim"]
    assert claim == {"claimName": "data-db-0", "readOnly": True}
    mount = next(m for m in spec["containers"][0]["volumeMounts"] if m["name"] == "data")
    assert mount == {"name": "data", "mountPath": "/var/lib/mysql", "readOnly": True}
    [term] = spec["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term["labelSelector"] == {"matchLabels": {"app": "db"}}
    assert term["topologyKey"] == "kubernetes.io/hostname"
    security = spec["securityContext"]
    assert (security["runAsUser"], security["fsGroup"]) == (1001, 1002)
    assert volumes(spec)["scratch"]["emptyDir"]["sizeLimit"] == "50Gi"
    assert environment(spec)["DATA"] == "/var/lib/mysql"


def test_a_restore_of_files_needs_no_running_server() -> None:
    spec = pod(f"type: mariadb, {PHYSICAL}, {DATA}", restore=True)
    assert volumes(spec)["data"]["persistentVolumeClaim"] == {"claimName": "data-db-0"}
    assert "affinity" not in spec
    assert environment(spec)["LIVE"] == "yes"


def test_files_can_be_restored_to_another_volume() -> None:
    data = "data: {claim: old, restoreClaim: new, mount: /var/lib, directory: mysql}"
    spec = pod(f"type: mariadb, {PHYSICAL}, {data}", restore=True)
    assert volumes(spec)["data"]["persistentVolumeClaim"] == {"claimName": "new"}
    assert environment(spec)["LIVE"] == "no"
    assert environment(spec)["DATA"] == "/var/lib/mysql"
    assert "affinity" not in pod(f"type: mariadb, {PHYSICAL}, {data}")


def test_files_of_mysql_are_read_by_xtrabackup() -> None:
    plan = policy(f"type: mysql, {PHYSICAL}, {DATA}")
    assert plan.datasets[0].spec.purposes() == ("xtrabackup",)


def steps(more: str, scenario: str) -> str:
    plan = policy(more)
    made = BACKEND.dataset_steps(plan, plan.datasets[0], scenario)
    return "\n".join(f"{each.purpose}\n{each.command}" for each in made)


@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
def test_the_runbook_grants_what_the_account_needs(kind: str) -> None:
    assert f"GRANT {RIGHTS[kind, 'dump']} ON *.*" in steps(f"type: {kind}", "cluster-loss")
    assert "GRANT" not in steps(f"type: {kind}", "operator-error")
    text = steps(f"type: {kind}, {PHYSICAL}, {DATA}", "cluster-loss")
    assert f"GRANT {RIGHTS[kind, 'physical']} ON *.*" in text
    assert ("performance_schema.log_status" in text) is (kind == "mysql")


def test_the_runbook_stops_and_starts_a_server_whose_files_are_replaced() -> None:
    text = steps(f"type: mariadb, {PHYSICAL}, {DATA}", "operator-error")
    stop, start = text.index("See that no server uses"), text.index("Start the server")
    assert stop < text.index("Bring `shop/db` back") < start
    assert "beside the live data" not in text
    assert "beside the live data" in steps("type: mariadb", "operator-error")


def found(rule: Any, more: str) -> list[Finding]:
    return [*rule.check(policy(more))]


def test_a_physical_copy_must_know_its_volume_size_and_release() -> None:
    findings = found(server_files_unknown, "type: mysql, method: physical")
    assert [f.help.split("`")[1].split(":")[0] for f in findings if f.help] == [
        "data",
        "size",
        "version",
    ]
    assert found(server_files_unknown, f"type: mysql, {PHYSICAL}, {DATA}") == []
    assert found(server_files_unknown, "type: mysql") == []


def test_settings_of_the_other_method_are_refused() -> None:
    physical = f"type: mysql, {PHYSICAL}, {DATA}, databases: [a], lockTables: true"
    assert [f.where.pointer[-1] for f in found(setting_of_other_method, physical)] == [
        "databases",
        "lockTables",
    ]
    [finding] = found(setting_of_other_method, f"type: mysql, {DATA}")
    assert finding.where.pointer[-1] == "data"


def test_databases_of_the_server_are_refused() -> None:
    findings = found(system_database_named, "type: mariadb, databases: [orders, MySQL, sys]")
    assert [f.where.pointer[-1] for f in findings] == [1, 2]
