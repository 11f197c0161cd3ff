from __future__ import annotations

from typing import Any

import pytest

from bpc.validate import Target, Validator

GROUPS = "groupsnapshot.storage.k8s.io"


@pytest.mark.parametrize(
    ("kind", "changes", "fault"),
    [
        (
            "VolumeSnapshotClass",
            {"deletionPolicy": "retain"},
            "`retain` is not `Delete` or `Retain`",
        ),
        ("VolumeSnapshotClass", {"driver": ...}, "missing field `driver`"),
        ("VolumeSnapshotClass", {"parameters|lockMode": 7}, "`7` is not of type `string`"),
        ("VolumeSnapshotClass", {"spec": {}}, "unknown field `spec`"),
        ("VolumeSnapshotClass", {"apiVersion": "snapshot.storage.k8s.io/v1beta1"}, "but v1"),
        ("VolumeSnapshotClass", {"kind": "SnapshotClass"}, "no model for kind `SnapshotClass`"),
        ("VolumeSnapshotClass", {"metadata|namespace": "shop"}, "unknown field `namespace`"),
        ("VolumeSnapshot", {"metadata|namespace": ...}, "missing field `namespace`"),
        ("VolumeSnapshot", {"spec|volumeSnapshotClassName": ""}, "`` is not a DNS name"),
        ("VolumeSnapshot", {"spec|source": {}}, "needs exactly one of"),
        ("VolumeSnapshot", {"spec|source|volumeSnapshotContentName": "x"}, "needs exactly one of"),
    ],
)
def test_what_the_snapshot_controller_refuses_is_a_fault(
    kind: str, changes: dict[str, Any], fault: str, edited: Any, check: Any
) -> None:
    faults = check(edited(kind, changes))
    assert len(faults) == 1
    assert fault in faults[0]


def test_a_content_for_a_snapshot_from_elsewhere_passes(sample: Any, check: Any) -> None:
    content = sample("VolumeSnapshotClass") | {
        "kind": "VolumeSnapshotContent",
        "spec": {
            "driver": "ebs.csi.aws.com",
            "deletionPolicy": "Retain",
            "source": {"snapshotHandle": "snap-1"},
            "volumeSnapshotRef": {"name": "media", "namespace": "shop"},
        },
    }
    del content["driver"], content["deletionPolicy"], content["parameters"]
    assert check(content) == []


@pytest.mark.parametrize(
    ("snapshotter", "served"),
    [
        ("6.3", {"v1alpha1"}),
        ("8.2", {"v1beta1"}),
        ("8.4", {"v1beta1", "v1beta2"}),
        ("8.6", {"v1beta1", "v1beta2", "v1"}),
        ("6.2", set()),
    ],
)
def test_a_group_class_passes_only_in_the_versions_that_are_served(
    snapshotter: str, served: set[str], sample: Any
) -> None:
    checker = Validator(Target("1.31", snapshotter=snapshotter))
    manifest = sample("VolumeSnapshotClass") | {"kind": "VolumeGroupSnapshotClass"}
    passing = {
        version
        for version in ("v1alpha1", "v1beta1", "v1beta2", "v1")
        if checker.check(manifest | {"apiVersion": f"{GROUPS}/{version}"}) == []
    }
    assert passing == served


def test_a_group_snapshot_selects_by_labels(sample: Any, check: Any) -> None:
    manifest = sample("VolumeSnapshot") | {
        "apiVersion": f"{GROUPS}/v1beta1",
        "kind": "VolumeGroupSnapshot",
        "spec": {"source": {"selector": {"matchLabels": {"app": "shop"}}}},
    }
    assert check(manifest) == []
    manifest["spec"]["source"]["selector"]["matchLabels"]["app"] = "not a value"
    assert "`not a value` is not a value for a label" in check(manifest)[0]
