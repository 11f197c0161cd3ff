from __future__ import annotations

from typing import Any

import pytest

from bpc.validate import Target, Validator

T = "spec|template|"


@pytest.mark.parametrize(
    ("kind", "changes", "fault"),
    [
        (
            "Schedule",
            {"spec|skipImmediately": True},
            "spec/skipImmediately: `true` must be `false`",
        ),
        (
            "Schedule",
            {"spec|useOwnerReferencesInBackup": True},
            "spec/useOwnerReferencesInBackup: `true` must be `false`",
        ),
        ("Schedule", {"spec|schedule": "61 2 * * *"}, "spec/schedule: `61 2 * * *` is not a cron"),
        ("Schedule", {"spec|schedule": "0 0 * * 7"}, "spec/schedule: `0 0 * * 7` is not a cron"),
        ("Schedule", {"spec|schedule": "TZ=Local 0 2 * * *"}, "is not a cron string"),
        ("Schedule", {"spec|schedule": "CRON_TZ=Mars/One 0 2 * * *"}, "is not a cron string"),
        ("Schedule", {"spec|schedule": "0 2 31 2 *"}, "names no day, which Velero takes for due"),
        ("Schedule", {T + "ttl": "30d"}, "spec/template/ttl: `30d` is not a Go duration"),
        ("Schedule", {T + "ttl": "0s"}, "spec/template/ttl: `0s` is not a Go duration above zero"),
        ("Schedule", {T + "ttl": 720}, "spec/template/ttl: `720` is not of type `string`"),
        ("Schedule", {T + "csiSnapshotTimeout": "10 m"}, "csiSnapshotTimeout: `10 m` is not"),
        ("Schedule", {T + "itemOperationTimeout": "-4h"}, "itemOperationTimeout: `-4h` is not"),
        ("Schedule", {T + "metadata": ...}, "spec/template: missing field `metadata`"),
        ("Schedule", {T + "metadata|labels": {}}, "metadata/labels: must not be empty"),
        ("Schedule", {T + "metadata|annotations": {}}, "unknown field `annotations`"),
        (
            "Schedule",
            {T + "metadata|labels": {"a b": "x"}},
            "labels: `a b` is not a key for a label",
        ),
        ("Schedule", {T + "metadata|labels": {"a": "x y"}}, "`x y` is not a value for a label"),
        (
            "Schedule",
            {T + "resourcePolicy": {"kind": "ConfigMap", "name": "x"}},
            "is not `configmap`",
        ),
        ("Schedule", {T + "includedNamespace": ["shop"]}, "unknown field `includedNamespace`"),
        ("Schedule", {T + "includedNamespaces": ["shop-*"]}, "or `*` alone"),
        (
            "Schedule",
            {T + "includedNamespaces": ["*", "shop"]},
            "cannot stand beside other entries",
        ),
        ("Schedule", {T + "excludedNamespaces": ["*"]}, "would exclude everything"),
        (
            "Schedule",
            {T + "includedResources": ["pods"], T + "includedNamespaceScopedResources": ["pods"]},
            "cannot be used together",
        ),
        (
            "Schedule",
            {
                T + "labelSelector": {"matchLabels": {"a": "b"}},
                T + "orLabelSelectors": [{"matchLabels": {"a": "b"}}],
            },
            "orLabelSelectors: cannot be used together with `labelSelector`",
        ),
        (
            "Schedule",
            {T + "hooks|resources|0|pre|0|exec|onError": "fail"},
            "pre/0/exec/onError: `fail` is not `Continue` or `Fail`",
        ),
        (
            "Schedule",
            {T + "hooks|resources|0|pre|0|exec|timeout": "60"},
            "`60` is not a Go duration",
        ),
        (
            "Schedule",
            {T + "hooks|resources|0|pre|0|exec|command": []},
            "command: must not be empty",
        ),
        ("Schedule", {"spec|template": ...}, "spec: missing field `template`"),
        ("Schedule", {"metadata|name": "x" * 64}, "the name of a Schedule has at most 63"),
        (
            "Restore",
            {"spec|existingResourcePolicy": "Update"},
            "`Update` is not `none` or `update`",
        ),
        (
            "Restore",
            {"spec|scheduleName": "shop"},
            "exactly one of `backupName` and `scheduleName`",
        ),
        ("Restore", {"spec|backupName": ...}, "exactly one of `backupName` and `scheduleName`"),
        (
            "Restore",
            {"spec|resourceModifier": {"kind": "Secret", "name": "x"}},
            "resourceModifier/kind: `Secret` is not `configmap`",
        ),
        ("Restore", {"spec|namespaceMapping": {"a": "B"}}, "`B` is not a DNS label"),
        ("BackupStorageLocation", {"spec|accessMode": "readonly"}, "`ReadOnly` or `ReadWrite`"),
        (
            "BackupStorageLocation",
            {"spec|config|s3ForcePathStyle": True},
            "is not of type `string`",
        ),
        ("BackupStorageLocation", {"spec|objectStorage|bucket": ...}, "missing field `bucket`"),
        ("BackupStorageLocation", {"spec|objectStorage|caCert": "%"}, "`%` is not base64"),
        ("BackupStorageLocation", {"spec|backupSyncPeriod": "1 minute"}, "is not a Go duration"),
        ("BackupStorageLocation", {"metadata|name": "x" * 64}, "has at most 63"),
        ("VolumeSnapshotLocation", {"spec|provider": ...}, "missing field `provider`"),
    ],
)
def test_what_velero_refuses_drops_or_ignores_is_a_fault(
    kind: str, changes: dict[str, Any], fault: str, edited: Any, check: Any
) -> None:
    faults = check(edited(kind, changes))
    assert len(faults) == 1
    assert fault in faults[0]


def test_ordinary_objects_pass_at_every_release(sample: Any) -> None:
    for minor in range(10, 19):
        checker = Validator(Target("1.31", velero=f"1.{minor}"))
        for kind in ("Schedule", "Restore", "BackupStorageLocation", "VolumeSnapshotLocation"):
            assert checker.check(sample(kind)) == []


@pytest.mark.parametrize(
    ("field", "value", "first"),
    [
        ("itemOperationTimeout", "4h", "1.11"),
        ("snapshotMoveData", True, "1.12"),
        ("uploaderConfig", {"parallelFilesUpload": 8}, "1.13"),
        ("volumeGroupSnapshotLabelKey", "app", "1.17"),
    ],
)
def test_a_field_of_a_later_release_is_unknown(
    field: str, value: Any, first: str, edited: Any
) -> None:
    manifest = edited("Schedule", {T + field: value})
    before = f"1.{int(first.partition('.')[2]) - 1}"
    assert Validator(Target("1.31", velero=first)).check(manifest) == []
    faults = Validator(Target("1.31", velero=before)).check(manifest)
    assert [fault.message for fault in faults] == [f"unknown field `{field}`"]


def test_a_zone_and_a_pattern_of_namespaces_need_the_release_that_reads_them(edited: Any) -> None:
    zoned = edited("Schedule", {"spec|schedule": "CRON_TZ=Asia/Shanghai 0 2 * * *"})
    globbed = edited("Schedule", {T + "includedNamespaces": ["shop-*"]})
    assert Validator(Target("1.31", velero="1.15")).check(zoned) == []
    assert Validator(Target("1.31", velero="1.14")).check(zoned) != []
    assert Validator(Target("1.31", velero="1.18")).check(globbed) == []
    assert Validator(Target("1.31", velero="1.17")).check(globbed) != []


def test_days_that_never_meet_depend_on_the_dialect(edited: Any) -> None:
    manifest = edited("Schedule", {"spec|schedule": "0 2 31 2 */2"})
    assert Validator(Target("1.31", velero="1.15")).check(manifest) == []
    assert Validator(Target("1.31", velero="1.14")).check(manifest) != []


def test_a_paused_schedule_may_name_a_day_that_never_comes(edited: Any, check: Any) -> None:
    assert check(edited("Schedule", {"spec|schedule": "0 2 31 2 *", "spec|paused": True})) == []


def test_up_to_1_13_a_restore_from_a_schedule_carries_an_empty_backup_name(edited: Any) -> None:
    old, new = (Validator(Target("1.31", velero=release)) for release in ("1.13", "1.14"))
    bare = edited("Restore", {"spec|backupName": ..., "spec|scheduleName": "shop"})
    empty = edited("Restore", {"spec|backupName": "", "spec|scheduleName": "shop"})
    assert [fault.message for fault in old.check(bare)] == ["missing field `backupName`"]
    assert old.check(empty) == new.check(bare) == new.check(empty) == []


def test_a_certificate_is_given_in_one_way(edited: Any) -> None:
    both = {"caCert": "aGVsbG8=", "caCertRef": {"name": "ca", "key": "ca.crt"}, "bucket": "acme"}
    manifest = edited("BackupStorageLocation", {"spec|objectStorage": both})
    faults = Validator(Target("1.31", velero="1.18")).check(manifest)
    assert [fault.message for fault in faults] == [
        "`caCert` and `caCertRef` cannot be used together"
    ]


def test_a_committed_backup_has_no_model(sample: Any, check: Any) -> None:
    backup = sample("Restore") | {"kind": "Backup"}
    assert check(backup) == ["apiVersion: no model for kind `Backup` of `velero.io/v1`"]


@pytest.mark.parametrize(("release", "reason"), [(None, "names no release"), ("1.9", "1.10, 1.11")])
def test_objects_for_a_release_that_nobody_knows_are_refused(
    release: str | None, reason: str, sample: Any
) -> None:
    faults = Validator(Target("1.31", velero=release)).check(sample("Schedule"))
    assert len(faults) == 1
    assert reason in faults[0].message
